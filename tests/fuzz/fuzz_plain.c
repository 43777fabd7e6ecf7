#include <stdlib.h>

#include "collectors/plain.h"
#include "lib/utf8.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

/* Whatever a server says of itself, what is shown is one short line of UTF-8. */
int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	struct strbuf out = {0};

	plain_text((const char *)p, n, &out);
	plain_error((const char *)p, n, &out);
	if (out.len > 2 * (PLAIN_MAX + 12) || !utf8_valid(out.s ? out.s : "", out.len))
		abort();
	for (size_t i = 0; i < out.len; i++)
		if ((unsigned char)out.s[i] < ' ' || out.s[i] == 0x7f)
			abort();
	strbuf_free(&out);
	return 0;
}
