#ifndef HEALTHD_WINDOW_H
#define HEALTHD_WINDOW_H

/* The last hour of a measure, minute by minute: sum, count and maximum of each. Pure; times are ms of the records. */

#include <stdint.h>

enum { WINDOW_MINUTES = 60 };

struct window {	/* {0} is an empty one, without memory */
	struct bucket {
		double sum, max;
		uint32_t n;
		int32_t minute;	/* since 1970; what lies further away than year 6000 is taken for that */
	} *v;		/* oldest first */
	uint8_t n, cap;
};

void window_free(struct window *);
/* Forgets what is older than minutes (1 to WINDOW_MINUTES) before this sample. A sample from before the newest minute counts to that one. */
void window_add(struct window *, int64_t ms, double value, int minutes);
double window_mean(const struct window *);	/* over all samples; 0: none */
double window_max(const struct window *);	/* 0: none */
/* Means of the older and the newer half of its minutes. Fewer than 2 minutes: both are window_mean. */
void window_halves(const struct window *, double *older, double *newer);

#endif
