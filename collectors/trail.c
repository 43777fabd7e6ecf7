#include "collectors/trail.h"

void
trail_start(struct trail *t, long long value, int64_t now)
{
	t->step = now / TRAIL_STEP_MS;
	t->value = value;
	for (int i = 0; i < TRAIL_STEPS; i++)
		t->at[i].low = t->at[i].high = value;
}

/* Up to now it stayed as it was. */
static void
advance(struct trail *t, int64_t now)
{
	int64_t step = now / TRAIL_STEP_MS;

	if (step - t->step > TRAIL_STEPS)
		t->step = step - TRAIL_STEPS;
	while (t->step < step) {
		t->step++;
		t->at[t->step % TRAIL_STEPS].low = t->at[t->step % TRAIL_STEPS].high = t->value;
	}
}

void
trail_set(struct trail *t, long long value, int64_t now)
{
	int64_t i;

	advance(t, now);
	i = t->step % TRAIL_STEPS;
	t->value = value;
	if (value < t->at[i].low)
		t->at[i].low = value;
	if (value > t->at[i].high)
		t->at[i].high = value;
}

void
trail_put(struct trail *t, long long low, long long high, int64_t at)
{
	int64_t i;

	advance(t, at);
	i = t->step % TRAIL_STEPS;
	t->value = high;
	t->at[i].low = low;
	t->at[i].high = high;
}

void
trail_range(struct trail *t, int64_t from, int64_t now, long long *low, long long *high)
{
	int64_t step = from < 0 ? 0 : from / TRAIL_STEP_MS;

	advance(t, now);
	*low = *high = t->value;
	if (step <= t->step - TRAIL_STEPS)
		step = t->step - TRAIL_STEPS + 1;
	for (; step <= t->step; step++) {
		int64_t i = step % TRAIL_STEPS;

		if (t->at[i].low < *low)
			*low = t->at[i].low;
		if (t->at[i].high > *high)
			*high = t->at[i].high;
	}
}
