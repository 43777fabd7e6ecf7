#ifndef BROADCASTER_TRACK_H
#define BROADCASTER_TRACK_H

/*
 * One series: the newest points as they came, and a day of averages over half a minute. At most
 * TRACK_BYTES each. Times are ms since 1970. Pure.
 */

#include <stdint.h>

#include "lib/strbuf.h"

enum {
	TRACK_POINTS = 720,		/* as they came */
	TRACK_SLOT_MS = 30000,
	TRACK_SLOTS = 2880,		/* a day of averages */
	TRACK_JSON_POINTS = 600,	/* at most, in an answer */
	TRACK_BYTES = TRACK_POINTS * 16 + TRACK_SLOTS * 8 + 64,
};

struct track_point {
	int64_t ms;
	double value;
};

struct track_slot {
	float mean;
	uint32_t count;
};

struct track {	/* {0} is an empty one */
	struct track_point *points;	/* in order of time, a ring */
	unsigned first, n, cap;
	struct track_slot *slots;	/* by number modulo TRACK_SLOTS */
	int64_t last_slot;		/* number of the newest */
	int64_t newest;			/* time of the newest point */
};

void track_free(struct track *);
/* One more point. One that is older than the newest finds its place; one older than all that is kept counts in the averages only. */
void track_add(struct track *, int64_t ms, double value);
/*
 * Appends [{"timestamp":seconds,"value":v},…] of the points after from up to to, in order of time:
 * as they came if they are few enough, else averaged over equal stretches of time.
 */
void track_json(const struct track *, int64_t from, int64_t to, struct strbuf *out);

#endif
