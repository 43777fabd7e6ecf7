/*
 * Bytes as a journal, whole and in pieces: read alike, never beyond their end; what is read, written again, is the
 * same bytes; and events in it, made again from what was read, too.
 */

#include <stdlib.h>
#include <string.h>

#include "broadcaster/journaltext.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static void
write_again(struct strbuf *out, char kind, const struct journaltext *t, struct span event)
{
	if (kind == 'E')
		journaltext_event(out, event.p, event.len, t->lines);
	else if (kind == 'C')
		journaltext_closed(out, t->lines);
	else if (kind == 'H')
		journaltext_header(out, t);
	else
		journaltext_begin(out, t);
}

/* How far it goes, a record at a time; step: so many bytes are there at first, and as many more each time. */
static size_t
walk(const char *p, size_t len, size_t step, enum journaltext_result *end, struct journaltext *t)
{
	size_t at = 0, have = step < len ? step : len, used;
	struct strbuf again = {0};
	struct span event;

	*t = (struct journaltext){.begun = false};
	for (;;) {
		*end = journaltext_read(t, p + at, have - at, &used, &event);
		if (used > have - at)
			abort();
		if (*end == JOURNALTEXT_MORE && have < len) {
			have = len - have < step ? len : have + step;
			continue;
		}
		if (*end != JOURNALTEXT_EVENT && *end != JOURNALTEXT_OTHER)
			break;
		if (!t->begun || !*t->epoch || strlen(t->epoch) > JOURNALTEXT_NAME_MAX || strlen(t->boot) > JOURNALTEXT_NAME_MAX)
			abort();
		strbuf_reset(&again);
		write_again(&again, p[at], t, event);
		if (p[at] == 'E' && (again.len != used || memcmp(again.s, p + at, used) != 0))
			abort();
		at += used;
	}
	strbuf_free(&again);
	return at;
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct journaltext a, b;
	enum journaltext_result end_a, end_b;
	size_t at = walk((const char *)data, len, len ? len : 1, &end_a, &a);

	if (walk((const char *)data, len, 1, &end_b, &b) != at || end_a != end_b || memcmp(&a, &b, sizeof a) != 0)
		abort();
	return 0;
}
