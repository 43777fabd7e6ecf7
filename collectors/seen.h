#ifndef COLLECTORS_SEEN_H
#define COLLECTORS_SEEN_H

/*
 * Which events of which sessions have been taken: several connections may sit on one worker and repeat
 * an event, at different speeds. Remembers about the last 8,000 sessions. Pure.
 */

#include <stdbool.h>
#include <stdint.h>

#include "collectors/hint.h"

enum { SEEN_SETS = 2048, SEEN_WAYS = 4 };

struct seen {
	struct seen_session {
		uint64_t session, created, destroyed;	/* hashes; of the text of its newest event of either kind, 0: none */
		enum hint_kind last;
		uint32_t age;
		bool came;	/* its coming was told without such a text */
	} at[SEEN_SETS][SEEN_WAYS];
	uint32_t clock;
};

/*
 * True: new, and taken from now on. A session that is there can't be created, one that is gone can't
 * be destroyed; the same text a second time is an echo. A name may come back: other text, other event.
 */
bool seen_take(struct seen *, const struct hint *);
/* This session's coming was told, whoever may still tell it. Call it straight after its going was taken. */
void seen_came(struct seen *, const struct hint *);

#endif
