/* The head of a request, at once and byte by byte: the same end, the same fault. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broadcaster/headin.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static enum headin_result
run(const char *text, size_t len, size_t step, size_t *end, struct headin_fault *f, struct headin *h)
{
	enum headin_result r = HEADIN_MORE;
	size_t used;

	*h = (struct headin){0};
	*f = (struct headin_fault){0};
	for (*end = 0; *end < len && r == HEADIN_MORE; *end += used) {
		size_t some = len - *end < step ? len - *end : step;

		r = headin_take(h, text + *end, some, &used, f);
		if (!used || used > some || (r == HEADIN_MORE && used != some) || (r == HEADIN_BAD) != (f->status != 0))
			abort();
	}
	return r;
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct headin ha, hb;
	struct headin_fault fa, fb;
	size_t na, nb;
	enum headin_result a = run((const char *)data, len, len ? len : 1, &na, &fa, &ha);
	enum headin_result b = run((const char *)data, len, 1, &nb, &fb, &hb);

	if (a != b || na != nb || fa.status != fb.status || ha.has_body != hb.has_body || ha.has_key != hb.has_key)
		abort();
	if (a == HEADIN_WHOLE && (na > HEADIN_MAX || memcmp(data + na - 4, "\r\n\r\n", 4) != 0))
		abort();
	return 0;
}
