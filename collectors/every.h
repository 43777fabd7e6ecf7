#ifndef COLLECTORS_EVERY_H
#define COLLECTORS_EVERY_H

/*
 * Ticks on multiples of the interval of the wall clock, so that several collectors read at the same
 * moment. A tick that comes late is taken once, those it overslept are skipped. Pure: time is handed in.
 */

#include <stdbool.h>
#include <stdint.h>

struct every {
	int64_t interval_ms;
	int64_t next_ms;	/* wall clock */
	uint64_t skipped;
};

/* The first tick is due at once. */
void every_init(struct every *, int64_t interval_ms);
/* True when a tick is due; then the next one is set. A clock stepped back does not make it wait longer than one interval. */
bool every_due(struct every *, int64_t now_ms);
/* Milliseconds to wait for the next tick, at least 0. */
int every_wait(const struct every *, int64_t now_ms);

#endif
