#include <stdlib.h>
#include <string.h>

#include "healthd/healthmemory.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static void
check_lines(const struct strbuf *out)
{
	const char *next;
	struct record r;

	for (const char *p = out->s; p && p < out->s + out->len; p = next + 1) {
		next = memchr(p, '\n', (size_t)(out->s + out->len - p));
		if (!next || record_parse(p, (size_t)(next - p), &r) != RECORD_OK || !r.stamped)
			abort();
	}
}

/* Whatever records come, what follows is records; what is kept of them can be read, and kept again the same. */
int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	struct derive d, again;
	struct strbuf out = {0}, kept = {0}, twice = {0}, why = {0};
	const char *text = (const char *)p, *next;
	struct record r;

	derive_init(&d);
	derive_init(&again);
	for (const char *q = text; q < text + n; q = next + 1) {
		next = memchr(q, '\n', (size_t)(text + n - q));
		if (!next)
			next = text + n;
		if (record_parse(q, (size_t)(next - q), &r) == RECORD_OK)
			derive_record(&d, &r, &out);
	}
	check_lines(&out);
	memory_dump(&d, true, &kept);
	if (!memory_load(&again, kept.s, kept.len, &why))
		abort();
	memory_dump(&again, true, &twice);
	if (twice.len != kept.len)
		abort();
	derive_free(&again);
	derive_init(&again);
	strbuf_reset(&why);
	memory_load(&again, text, n, &why);
	derive_free(&again);
	derive_free(&d);
	strbuf_free(&out);
	strbuf_free(&kept);
	strbuf_free(&twice);
	strbuf_free(&why);
	return 0;
}
