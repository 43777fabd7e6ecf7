#include <math.h>

#include "katoctl/pace.h"

void
pace_init(struct pace *p, double speed)
{
	*p = (struct pace){.speed = speed, .gap = PACE_GAP_MS};
}

void
pace_again(struct pace *p)
{
	p->again = p->begun;
}

double
pace_time(const struct pace *p, int64_t stamp)
{
	return p->due_from + (double)(stamp - p->from) / p->speed;
}

/* Distances count from this stamp on. */
static void
begin(struct pace *p, int64_t stamp, double due)
{
	p->begun = true;
	p->newest = p->from = stamp;
	p->due_from = due;
}

double
pace_due(struct pace *p, int64_t stamp, int64_t now)
{
	int64_t step = stamp - p->newest;
	double due;

	if (!p->begun) {
		begin(p, stamp, (double)now);
	} else if (p->again) {
		begin(p, stamp, pace_time(p, p->newest) + (double)p->gap / p->speed);
		p->again = false;
	} else if (step < -PACE_BACK_MS || step > PACE_AHEAD_MS) {
		begin(p, stamp, pace_time(p, p->newest));
	} else if (step > 0) {
		p->newest = stamp;
		p->gap = step < PACE_GAP_MAX_MS ? step : PACE_GAP_MAX_MS;
	}
	if (isinf(p->speed))
		p->due_from = (double)now;
	due = pace_time(p, p->newest);
	if ((double)now - due > PACE_LATE_MS) {
		p->due_from += (double)now - due;
		due = (double)now;
	}
	return due;
}
