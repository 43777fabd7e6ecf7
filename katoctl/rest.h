#ifndef KATOCTL_REST_H
#define KATOCTL_REST_H

/*
 * When lines come so fast that each would wake us alone, a short rest lets several come together: that
 * costs all of the pipeline less. Pure; times are monotonic microseconds.
 */

#include <stdbool.h>
#include <stdint.h>

enum {
	REST_US = 1500,		/* how long: what a line may be late by, at each stage, under load only */
	REST_TURNS = 16,	/* over so many turns is looked whether it is */
	REST_LINES = 20,	/* so many in a millisecond are load */
};

struct rest {
	int64_t since_us;	/* when turns were counted anew */
	uint64_t lines;		/* at that time */
	int turns;		/* since */
	bool on;
};

/*
 * Before a turn: is there to be a rest? lines: relayed ever. flood: the last turn found a pipe with more than could
 * be read at once, so that rests would only hold its writer up.
 */
bool rest_is_due(struct rest *, int64_t now_us, uint64_t lines, bool flood);

#endif
