#include <limits.h>

#include "collectors/every.h"

void
every_init(struct every *e, int64_t interval_ms)
{
	*e = (struct every){.interval_ms = interval_ms};
}

bool
every_due(struct every *e, int64_t now)
{
	int64_t next = now - now % e->interval_ms + e->interval_ms;

	if (e->next_ms > next)	/* the clock was stepped back */
		e->next_ms = next;
	if (now < e->next_ms)
		return false;
	if (e->next_ms)
		e->skipped += (uint64_t)((next - e->interval_ms - e->next_ms) / e->interval_ms);
	e->next_ms = next;
	return true;
}

int
every_wait(const struct every *e, int64_t now)
{
	int64_t wait = e->next_ms - now;

	if (wait > e->interval_ms)
		wait = e->interval_ms;
	return wait < 0 ? 0 : wait > INT_MAX ? INT_MAX : (int)wait;
}
