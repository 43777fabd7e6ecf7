#include <stdlib.h>

#include "collectors/sessionmem.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

/* Whatever was kept: a count is taken after it, and what is kept then is understood. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	static struct sessions s, again;
	struct sessions_now now = {.mono = 5000, .wall = 1767225600000};
	struct sessions_count c = {.n = 3, .asked = 4990, .blind = true, .reason = "r"};
	struct strbuf out = {0}, unsent = {0};

	sessions_init(&s, "f", 6000);
	sessions_init(&again, "f", 6000);
	sessionmem_load(&s, "k", now, (const char *)data, len, &unsent);
	sessions_count(&s, &c, now, &out);
	sessions_settle(&s, now, &out);
	strbuf_reset(&out);
	sessionmem_dump(&s, "k", now, unsent.s, unsent.len, &out);
	if (s.total < s.active || !sessionmem_load(&again, "k", now, out.s, out.len, &unsent) || again.active != s.active || again.total != s.total)
		abort();
	strbuf_free(&out);
	strbuf_free(&unsent);
	return 0;
}
