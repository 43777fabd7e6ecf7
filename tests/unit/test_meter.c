#include <string.h>

#include "katoctl/meter.h"
#include "check.h"

static void
rates(void)
{
	struct meter m = {0};
	struct meter_rate r;

	r = meter_rate(&m, 5000, 10, 100);
	CHECK(r.lines == 0 && r.bytes == 0);
	meter_count(&m, 1000, 100, 1000);
	r = meter_rate(&m, 1000, 100, 1000);
	CHECK(r.lines == 0 && r.bytes == 0);
	r = meter_rate(&m, 3000, 300, 2000);
	CHECK(r.lines == 100 && r.bytes == 500);
	meter_count(&m, 3000, 300, 2000);	/* too early for a sample */
	r = meter_rate(&m, 5000, 500, 1000);
	CHECK(r.lines == 100 && r.bytes == 0);
	for (int64_t t = 6000; t <= 60000; t += 1000)
		meter_count(&m, t, 0, 0);
	r = meter_rate(&m, 61000, 1000, 0);
	CHECK(r.lines >= 100 && r.lines <= 200);
	r = meter_rate(&m, 0, 1000, 0);	/* a clock that goes backwards is no division by zero */
	CHECK(r.lines == 0);
}

static void
lags(void)
{
	static const char lines[] = "{\"type\":\"a\",\"timestamp\":\"1970-01-01T00:00:01.000Z\"}\n"
				    "{\"type\":\"a\",\"timestamp\":\"1970-01-01T00:00:02.500Z\"}\n";
	static const char *const others[] = {"\n", "x\n", "{}\n", "{\"type\":\"a\"}\n", "{\"type\":\"a\",\"timestamp\":7}\n", "", "no newline"};
	struct meter m = {0};
	double lag = -1;

	CHECK(!meter_lag(&m, 1, &lag) && lag == -1);
	meter_look(&m, 1, lines, sizeof lines - 1);
	CHECK(meter_lag(&m, 3000, &lag) && lag == 0.5);
	CHECK(meter_lag(&m, 2000, &lag) && lag == -0.5);
	meter_look(&m, 50, lines, strlen(lines) / 2);
	CHECK(meter_lag(&m, 3000, &lag) && lag == 0.5);	/* too soon after the first look */
	meter_look(&m, 200, lines, strlen(lines) / 2);
	CHECK(meter_lag(&m, 3000, &lag) && lag == 2);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		meter_look(&m, 1000 * (int64_t)(i + 1), others[i], strlen(others[i]));
	CHECK(meter_lag(&m, 3000, &lag) && lag == 2);
}

int
main(void)
{
	rates();
	lags();
	return check_done();
}
