#ifndef HEALTHD_WINDOW_H
#define HEALTHD_WINDOW_H

/* The last hour of a measure, minute by minute: sum, count and maximum of each. Pure; times are ms of the records. */

#include <stdint.h>

enum { WINDOW_MINUTES = 60 };

struct window {	/* {0} is an empty one, without memory */
	struct bucket {
		double sum, max;
		uint16_t n;		/* more samples in a minute count for the maximum only */
		uint16_t minute;	/* since 1970, its lower bits */
	} __attribute__((packed, aligned(4))) *v;	/* oldest first; there are many of them: 20 bytes, not 24 */
	int32_t newest;	/* minute of the last; what lies further away than year 6000 is taken for that */
	uint8_t n, cap;
};

void window_free(struct window *);
/*
 * Forgets what is older than minutes (1 to WINDOW_MINUTES) before this sample. A sample from before the newest minute counts
 * to that one; one from before all of them tells that the clock was set back, and the window goes with it.
 */
void window_add(struct window *, int64_t ms, double value, int minutes);
/* Time passes without a sample. */
void window_pass(struct window *, int64_t ms, int minutes);
/* Behind the last: a minute as it was; false: it does not come after that, or there is no room. */
_Bool window_put(struct window *, int32_t minute, double sum, double max, uint16_t n);
int32_t window_minute(const struct window *, int i);
double window_mean(const struct window *);	/* over all samples; 0: none */
double window_max(const struct window *);	/* 0: none */
/* Means of the older and the newer half of its minutes. Fewer than 2 minutes: both are window_mean. */
void window_halves(const struct window *, double *older, double *newer);

#endif
