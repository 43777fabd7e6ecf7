#ifndef COLLECTORS_ERRORRATE_H
#define COLLECTORS_ERRORRATE_H

/*
 * The share of requests that failed in the last minute, from two counters of one KATO worker:
 * GET /metrics/kato_requests_failed?minutes=60 and .../kato_requests_total?minutes=60 (KATO takes these minutes for seconds).
 * Each point of such an answer is the counter behind one request; of busy workers only the newest 1000 are kept, so their
 * minute may be shorter. Requests for these two counters, that is ours, do not count: asking for failures where there are
 * none is a 404, and so one. Pure.
 */

#include <stdbool.h>
#include <stddef.h>

#define ERRORRATE_SOURCE "kato_requests_failed/kato_requests_total, 60 s"

struct errorrate {
	bool known;
	double rate;	/* 0 to 1 */
	bool burst;	/* KATO's own rate is none, for all requests of the minute came within a second */
	double per_second;	/* what to say instead; below 0: nothing */
};

/* False: the text is no such answer. *first is the time of the first point, epoch seconds; 0: there is none. */
bool errorrate_count(const char *text, size_t len, double from, double *requests, double *first);
/* Did all of the total's points come in less than a second? Then *per_second is what they are of a minute. */
bool errorrate_burst(const char *total, size_t len, double *per_second);
/* From the two answers; unknown if they contradict each other. */
struct errorrate errorrate_of(const char *failed, size_t failed_len, const char *total, size_t total_len);

#endif
