#include <limits.h>

#include "check.h"
#include "collectors/every.h"

/* What happens at which moment, with an interval of 3000. */
static const struct {
	int64_t now;
	bool due;
	int wait;	/* then */
} moments[] = {
	{10500, true, 1500},	/* the first is due at once */
	{10500, false, 1500},
	{11999, false, 1},
	{12000, true, 3000},	/* on the grid from then on */
	{14999, false, 1},
	{15004, true, 2996},
	{18000, true, 3000},
	{29000, true, 1000},	/* overslept 21, 24; 27 is taken late */
	{30000, true, 3000},
	{10000, false, 2000},	/* the clock was stepped back: no longer than one interval */
	{12000, true, 3000},
	{10000000, true, 2000},	/* and ahead */
	{10000001, false, 1999},
};

int
main(void)
{
	struct every e;

	every_init(&e, 3000);
	CHECK(every_wait(&e, 10500) == 0);
	for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
		CHECK(every_due(&e, moments[i].now) == moments[i].due);
		CHECK(every_wait(&e, moments[i].now) == moments[i].wait);
		if (moments[i].now == 29000)
			CHECK(e.skipped == 2);
	}
	every_init(&e, (int64_t)INT_MAX + 10000);
	CHECK(every_due(&e, 1));
	CHECK(every_wait(&e, 1) == INT_MAX);
	return check_done();
}
