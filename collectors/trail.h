#ifndef COLLECTORS_TRAIL_H
#define COLLECTORS_TRAIL_H

/* Which values a number had lately: lowest and highest of each 50 ms, for 65 s. Pure; times are monotonic ms, not below 0. */

#include <stdint.h>

enum { TRAIL_STEP_MS = 50, TRAIL_STEPS = 1300 };

struct trail {
	int64_t step;		/* the newest */
	long long value;	/* now */
	struct {
		long long low, high;
	} at[TRAIL_STEPS];
};

/* It always had this value. */
void trail_start(struct trail *, long long value, int64_t now);
void trail_set(struct trail *, long long value, int64_t now);
/* In the 50 ms around then it had just these values, and the higher one after that: to build a memory anew, in order. */
void trail_put(struct trail *, long long low, long long high, int64_t at);
/* From then on until now, both included. Times before the memory are taken for its oldest. */
void trail_range(struct trail *, int64_t from, int64_t now, long long *low, long long *high);

#endif
