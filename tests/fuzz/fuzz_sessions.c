/* Lines of any bytes: "#NUMBER" is a count, all else an event message. What comes out must be records, and counts must chain. */

#include <stdlib.h>
#include <string.h>

#include "collectors/sessions.h"
#include "lib/record.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static void
check(const struct strbuf *out)
{
	struct record r;
	char *end;

	for (char *p = out->len ? out->s : NULL; p && (end = strchr(p, '\n')); p = end + 1)
		if (record_parse(p, (size_t)(end - p), &r) != RECORD_OK)
			abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static struct sessions s;
	const char *p = (const char *)data, *end = p + size, *nl;
	struct sessions_now now = {.mono = 100000, .wall = 1795212285219};
	struct strbuf out = {0};

	sessions_init(&s, "session-watch", 6000);
	sessions_count(&s, &(struct sessions_count){.n = 2, .asked = now.mono}, now, &out);
	for (; p < end; p = nl + 1, now.mono += 170, now.wall += 170) {
		struct sessions_count c = {.asked = now.mono, .same = now.mono % 3 != 0, .hinted = now.mono % 7 != 0};
		struct hint h;
		size_t n;

		nl = memchr(p, '\n', (size_t)(end - p));
		nl = nl ? nl : end;
		n = (size_t)(nl - p);
		if (n > 1 && *p == '#') {
			for (const char *q = p + 1; q < nl && *q >= '0' && *q <= '9' && c.n < SESSIONS_MAX / 10; q++)
				c.n = c.n * 10 + (*q - '0');
			sessions_count(&s, &c, now, &out);
			continue;
		}
		hint_read(p, n, &h);
		if (h.kind == HINT_CREATED || h.kind == HINT_DESTROYED)
			sessions_hint(&s, &h, now, &out);
		sessions_settle(&s, now, &out);
	}
	if (s.active < 0 || s.total < s.active)
		abort();
	check(&out);
	strbuf_free(&out);
	return 0;
}
