#include <math.h>

#include "check.h"
#include "healthd/baseline.h"

int
main(void)
{
	struct baseline b = {0};

	CHECK(baseline_deviation(&b) == 0);
	for (int i = 1; i <= 5; i++)
		baseline_add(&b, i, 1000);
	CHECK(b.n == 5 && fabs(b.mean - 3) < 1e-12 && fabs(b.variance - 2) < 1e-12);	/* of 1 2 3 4 5 */
	for (int i = 0; i < 100; i++)
		baseline_add(&b, 50, 10);
	CHECK(b.n == 10 && fabs(b.mean - 50) < 0.01);	/* only about the last ten count */
	return check_done();
}
