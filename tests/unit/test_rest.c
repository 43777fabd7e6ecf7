#include "katoctl/rest.h"
#include "check.h"

/* Turns a second, lines a turn: how many of a second's turns rest? A rest is as long as it is, and brings the lines of that time. */
static int
rests(double per_second, double lines_a_turn, bool flood)
{
	struct rest r = {0};
	double now = 1e9, lines = 0;
	int n = 0;

	while (now < 1e9 + 1e6) {
		bool rest = rest_is_due(&r, (int64_t)now, (uint64_t)lines, flood);
		double us = 1e6 / per_second + (rest ? REST_US : 0);

		lines += rest ? lines_a_turn * (us * per_second / 1e6) : lines_a_turn;
		now += us;
		n += rest;
	}
	return n;
}

int
main(void)
{
	CHECK(rests(2000, 1, false) == 0);
	CHECK(rests(10, 1, false) == 0);
	CHECK(rests(10, 100, false) == 0);
	CHECK(rests(50000, 0, false) == 0);
	CHECK(rests(50000, 2, false) > 400);
	CHECK(rests(1000, 100, false) > 200);
	CHECK(rests(50000, 2, true) == 0);
	return check_done();
}
