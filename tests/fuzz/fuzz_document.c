#include <stdlib.h>
#include <string.h>

#include "collectors/document.h"
#include "lib/json.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

/* Whatever a server answers becomes JSON on one line, as long as it was; whatever a file holds, headers of one line each. */
int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	struct strbuf out = {0}, why = {0};
	struct strlist l = {0};
	size_t at;

	if (document_line((const char *)p, n, &out, &why) &&
	    (out.len > n || strpbrk(out.s, "\r\n") || json_check(out.s, out.len, &at) != JSON_OK))
		abort();
	strbuf_reset(&why);
	if (document_headers((const char *)p, n, &l, &why) == (why.len > 0))
		abort();
	for (size_t i = 0; i < l.n; i++)
		if (!strchr(l.v[i], ':') || strpbrk(l.v[i], "\r\n"))
			abort();
	document_headers_free(&l);
	strbuf_free(&out);
	strbuf_free(&why);
	return 0;
}
