#ifndef HEALTHD_BASELINE_H
#define HEALTHD_BASELINE_H

/*
 * What a measure usually is: a running mean and variance, of all samples at first, later weighted so that about
 * the last so many count (Welford's update with a weight that stops falling). Pure.
 */

#include <stdint.h>

struct baseline {	/* {0} knows nothing */
	double mean, variance;
	uint32_t n;	/* samples taken, up to the most that count */
};

void baseline_add(struct baseline *, double value, uint32_t most);
double baseline_deviation(const struct baseline *);	/* the standard deviation */

#endif
