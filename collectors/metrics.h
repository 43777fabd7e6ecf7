#ifndef COLLECTORS_METRICS_H
#define COLLECTORS_METRICS_H

/*
 * KATO's GET /metrics to the data of a metrics record. Pure.
 *
 * KATO runs several workers, each with counters of its own, and cached answers up to 5 s old: readings are
 * told apart by KATO's own time stamp, and no rate is ever computed from the totals of two readings.
 */

#include <cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/strbuf.h"

enum metrics_result {
	METRICS_NEW,	/* *data was appended to */
	METRICS_OLD,	/* the reading we had, or one from before it: another worker's cache */
	METRICS_NONE,	/* nothing was measured: *why says what is wrong */
};

/* Zero at the start. */
struct metrics {
	double newest;	/* KATO's time stamp of the last new reading, seconds; 0: none */
};

/* Requests of the last 60 s, as one worker counts them. */
struct metrics_errors {
	bool known;
	double failed, total;
};

/*
 * errors.known false leaves error_rate out. *ms is the reading's time: KATO's, where it is within a minute
 * of now_ms, else now_ms.
 */
enum metrics_result metrics_read(struct metrics *, const cJSON *body, const struct metrics_errors *, int64_t now_ms, int64_t *ms,
    struct strbuf *data, struct strbuf *why);
/*
 * By how much the counter of a GET /metrics/{name} answer rose, from time `from` (epoch seconds) on. Each point is the counter
 * behind one request; requests for such counters themselves (ours) are not counted. *first, unless NULL, is the time of the first
 * point and *points their number. False: not such an answer.
 */
bool metrics_rise(const cJSON *body, double from, double *rise, double *first, int *points);

#endif
