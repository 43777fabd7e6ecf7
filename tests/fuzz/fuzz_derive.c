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

static void
keep(const struct derive *d, struct strbuf *out)
{
	struct memory_cursor c = {0};

	while (memory_part(d, &c, out))
		;
}

/*
 * Whatever records come, what follows is records; what is kept of them can be read, and kept again the same; and who goes
 * on from there, at any record, says the same as who never stopped.
 */
int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	struct derive d, again;
	struct strbuf out = {0}, kept = {0}, twice = {0}, why = {0}, last = {0}, more = {0};
	const char *text = (const char *)p, *next;
	size_t count = 0, from = 0;
	struct record r;

	derive_init(&d);
	derive_init(&again);
	for (const char *q = text; q < text + n; q = next + 1) {
		next = memchr(q, '\n', (size_t)(text + n - q));
		if (!next)
			next = text + n;
		if (record_parse(q, (size_t)(next - q), &r) != RECORD_OK)
			continue;
		if (count++ == n % 7) {
			keep(&d, &kept);
			if (!memory_load(&again, kept.s, kept.len, &last, &why) || last.len)
				abort();
			keep(&again, &twice);
			if (twice.len != kept.len || memcmp(twice.s, kept.s, kept.len) != 0)
				abort();
			from = out.len;
		}
		derive_record(&d, &r, &out);
		if (count > n % 7)
			derive_record(&again, &r, &more);
	}
	check_lines(&out);
	if (more.len != (count > n % 7 ? out.len - from : 0) || (more.len && memcmp(more.s, out.s + from, more.len) != 0))
		abort();
	derive_free(&again);
	derive_init(&again);
	strbuf_reset(&why);
	memory_load(&again, text, n, &last, &why);
	memory_catch_up(&again, &last, text, n);
	derive_free(&again);
	derive_free(&d);
	strbuf_free(&out);
	strbuf_free(&kept);
	strbuf_free(&twice);
	strbuf_free(&why);
	strbuf_free(&last);
	strbuf_free(&more);
	return 0;
}
