#ifndef KATOCTL_HANG_H
#define KATOCTL_HANG_H

/* Has a stage stopped moving? Looked at once a second while something waits for it. Pure; times are monotonic milliseconds. */

#include <stdbool.h>
#include <stdint.h>

enum { HANG_LOOK_MS = 1000, HANG_SAY_MS = 10000 };

struct hang {
	int64_t since_ms;	/* it has not moved since, or nothing waited for it */
	int64_t look_ms;	/* when to look again */
	uint64_t moved;		/* at the last look */
	bool waits;		/* likewise */
	bool said;
};

enum hang_word { HANG_NOT, HANG_SAY, HANG_END };

/*
 * waits: something is there that it could do. moved: any number that changes with each move of it. stuck_ms: how long
 * is too long, 0: nothing is. HANG_SAY comes once, until it has moved again.
 */
enum hang_word hang_look(struct hang *, int64_t now_ms, bool waits, uint64_t moved, int64_t stuck_ms);

#endif
