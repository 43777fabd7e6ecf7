#include <stdlib.h>

#include "collectors/errorrate.h"
#include "collectors/metrics.h"
#include "lib/linebuf.h"
#include "lib/record.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

/* The bytes are KATO's answer to each of the questions; what comes of them is always JSON that fits a line. */
int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	const char *text = (const char *)p;
	struct errorrate e = errorrate_of(text, n, text, n);
	struct strbuf out = {0}, why = {0};
	struct metrics m = {0};
	int64_t ms;
	size_t at;
	bool kato;

	if (metrics_look(&m, text, n, 1795213164400, 0, &ms, &kato, &why) == METRICS_NEW) {
		metrics_write(text, n, &e, &out);
		if (json_check(out.s, out.len, &at) != JSON_OK || out.len > LINE_MAX_BYTES - 256)
			abort();
		if (metrics_look(&m, text, n, ms, 1, &ms, &kato, &why) == METRICS_NONE)
			abort();
	} else if (!why.len) {
		abort();
	}
	strbuf_free(&out);
	strbuf_free(&why);
	return 0;
}
