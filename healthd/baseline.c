#include <math.h>

#include "healthd/baseline.h"

void
baseline_add(struct baseline *b, double value, uint32_t most)
{
	double weight, delta = value - b->mean;

	if (b->n < most)
		b->n++;
	weight = 1.0 / b->n;
	b->mean += weight * delta;
	b->variance = (1 - weight) * (b->variance + weight * delta * delta);
}

double
baseline_deviation(const struct baseline *b)
{
	return sqrt(b->variance);
}
