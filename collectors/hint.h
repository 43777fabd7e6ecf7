#ifndef COLLECTORS_HINT_H
#define COLLECTORS_HINT_H

/* What KATO says on /ws/events, taken apart. Pure. */

#include <stddef.h>
#include <stdint.h>

enum hint_kind {
	HINT_NONE,	/* nothing about a session: a pong, a snapshot, an event we have no use for */
	HINT_CREATED,
	HINT_DESTROYED,
	HINT_BAD,	/* not KATO's, or something is missing */
};

enum { HINT_TEXT_MAX = 200 };	/* bytes of an id, a node, a reason; KATO's ids have 54 */

struct hint {
	enum hint_kind kind;
	const char *why;	/* of HINT_BAD: what is wrong, a string that lives for ever */
	char session[HINT_TEXT_MAX + 1];	/* never empty for the two kinds */
	char node[HINT_TEXT_MAX + 1];	/* empty: not given, or too long to be one */
	char reason[HINT_TEXT_MAX + 1];	/* the same */
	int64_t ms;		/* when it happened, by KATO's clock; 0: it does not say */
	uint64_t key;		/* of the whole text: one event has the same on every connection of its worker */
};

/* text: one message, any bytes. */
void hint_read(const char *text, size_t len, struct hint *out);
/* FNV-1a, never 0. */
uint64_t hint_hash(const char *, size_t);

#endif
