#ifndef HEALTHD_HEALTHRULES_H
#define HEALTHD_HEALTHRULES_H

/*
 * When a service is well, and what is unusual: numbers, each with a name and a default, and the formulas they
 * stand in. The file is lines of NAME VALUE; # begins a comment line. Pure.
 */

#include <stdbool.h>
#include <stddef.h>

#include "healthd/baseline.h"
#include "healthd/window.h"
#include "lib/strbuf.h"

struct rules {
	double error_rate_limit, latency_limit, cpu_limit;	/* above: an anomaly of the service */
	double anomaly_penalty, error_penalty;			/* off the score: each anomaly, each 1.0 of mean error rate */
	double healthy_score, degraded_score, hysteresis;
	double degraded_share;					/* of all services, above: degraded as a whole */
	double sigmas, samples, confirm_samples, baseline_samples, relearn_minutes;
	double window_minutes;
	double traffic_error_rate, traffic_latency, traffic_idle_rate, traffic_idle_error_rate;
	double traffic_error_score, traffic_latency_score, traffic_idle_score, traffic_abnormal_score;
	double traffic_hysteresis;
	double trend;
	double forget_minutes;
};

enum { RULES_MAX_BYTES = 64 << 10 };

void rules_default(struct rules *);
/* Over what is there. False: *err holds lines of "FILE:LINE: NAME: what is wrong". */
bool rules_read(struct rules *, const char *file, const char *text, size_t len, struct strbuf *err);
/* Appends all as a file. */
void rules_write(const struct rules *, struct strbuf *);

enum status { STATUS_UNKNOWN, STATUS_HEALTHY, STATUS_DEGRADED, STATUS_FAILED };
const char *status_word(enum status);
bool status_unwell(enum status);	/* degraded or failed */

/* What kind of measure a name is of; limits go by it. */
enum kind { KIND_OTHER, KIND_ERROR_RATE, KIND_LATENCY, KIND_CPU };
enum kind rules_kind(const char *name, size_t len);

/* Appends a service's anomaly in words ("high latency 1200 ms"); false: there is none. */
bool rules_anomaly(const struct rules *, enum kind, const struct window *, struct strbuf *out);
double rules_score(const struct rules *, int anomalies, double mean_error_rate);
/* To a better status only with hysteresis to spare. */
enum status rules_status(const struct rules *, double score, enum status was);
const char *rules_overall(const struct rules *, size_t services, size_t degraded, size_t failed);

/* One value against its limit and its baseline. */
struct verdict {
	bool enters, leaves;	/* an anomaly begins, is over; neither between the two */
	bool over;		/* it is the limit that keeps it */
	bool chance;		/* only the baseline speaks for a beginning */
	double score;		/* 0 to 1, of how bad it is */
	double expected;
	double percent;		/* of deviation from it, within ±999999 */
};

struct verdict rules_judge(const struct rules *, enum kind, const struct baseline *, double value);
const char *rules_severity(double score);

struct traffic_verdict {
	double score;
	bool abnormal;
	const char *why;	/* "error_rate_spike", "latency_spike", "traffic_drop"; NULL: nothing */
};

/* Means of the window; NULL or empty ones count as 0. */
struct traffic_verdict rules_traffic(const struct rules *, const struct window *rate, const struct window *errors, const struct window *latency);
/* Is there enough to spare that a next abnormality is another one? */
bool rules_traffic_calm(const struct rules *, const struct window *rate, const struct window *errors, const struct window *latency);
const char *rules_trend(const struct rules *, const struct window *rate);

#endif
