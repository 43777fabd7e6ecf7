#ifndef COLLECTORS_METRICS_H
#define COLLECTORS_METRICS_H

/*
 * KATO's GET /metrics to the data of a metrics record. Pure.
 *
 * KATO runs several workers, each with counters and a cache of its own, so the totals of two readings do not
 * compare: no rate is ever made of them, KATO's own is passed on. What passes are numbers, not below zero,
 * as they were written, in sections that are known; and of the processors, what is known of them. No other text passes,
 * for KATO's answers may hold addresses with passwords.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collectors/errorrate.h"
#include "lib/strbuf.h"

/* So that a record fits a line whatever comes: */
enum {
	METRICS_MEMBERS_MAX = 64,	/* of a section; and databases */
	METRICS_PROCESSORS_MAX = 300,
	METRICS_STRING_MAX = 256,	/* bytes of a processor's name or time */
	METRICS_STALE_S = 60,		/* a time stamp up to so much older is another worker's cache; older still: KATO's clock was set */
	METRICS_FROZEN_MS = 120000,	/* when a reading that never changes is no longer believed */
	METRICS_PLAUSIBLE_MS = 60000,	/* between KATO's clock and ours */
	METRICS_FAST = 50,		/* requests a second that are worth a second look */
};

enum metrics_result {
	METRICS_NEW,
	METRICS_OLD,	/* the reading we had, or one from before it: a cache */
	METRICS_NONE,	/* no reading: *why says what is wrong */
};

/* Zero at the start, and to be zeroed when KATO was away: it may come back with another clock. */
struct metrics {
	double newest;		/* KATO's time stamp of the newest reading, seconds; 0: none */
	int64_t newest_mono;	/* when it came */
};

/*
 * What is this answer? The reading's time is *ms: KATO's own where it is plausible, else now_ms. *kato: it is
 * KATO's, even if it tells nothing.
 */
enum metrics_result metrics_look(struct metrics *, const char *text, size_t len, int64_t now_ms, int64_t mono_ms,
    int64_t *ms, bool *kato, struct strbuf *why);
/*
 * KATO's rate is the slope from the first request of the last minute to the last: of a worker that has had two, a
 * millisecond apart, it is 1000 a second. Is this one so high that the counter should be looked at?
 */
bool metrics_is_fast(const char *text, size_t len);
/* Appends data of a text that metrics_look has found new. KATO's own error_rate, always 0 so far, stands in only where it is not 0 and *e unknown. */
void metrics_write(const char *text, size_t len, const struct errorrate *e, struct strbuf *out);

#endif
