#include <math.h>

#include "check.h"
#include "katoctl/pace.h"

/* Stamps and the moment each line is read; when it is to be due. now -1: exactly when the last was due. */
static const struct step {
	int64_t stamp, now;
	double due;
} plain[] = {
	{500000, 1000, 1000}, {503000, -1, 4000}, {503000, -1, 4000}, {503010, -1, 4010}, {506000, 4500, 7000}, {506001, -1, 7001},
}, back[] = {	/* a little back: at once, and no distance is counted twice */
	{500000, 0, 0}, {500100, -1, 100}, {500090, -1, 100}, {500110, -1, 110}, {440110, -1, 110}, {501000, -1, 1000},
}, jumps[] = {	/* another time: at once, then on from there */
	{500000, 0, 0}, {501000, -1, 1000}, {440999, -1, 1000}, {441999, -1, 2000}, {441999 + 3600000, -1, 3602000},
	{441999 + 2 * 3600000 + 1, -1, 3602000}, {441999 + 2 * 3600000 + 2, -1, 3602001},
}, late[] = {	/* small delays are made up for, long ones are not */
	{0, 0, 0}, {1000, 2900, 1000}, {2000, 2900, 2000}, {3000, 2900, 3000}, {4000, 9000, 9000}, {5000, 9000, 10000},
}, wild[] = {
	{0, 0, 0}, {253402300799999, 0, 0}, {-62167219200000, 0, 0}, {1, 0, 0}, {2, 0, 1},
};

static void
run(const struct step *s, size_t n, double speed)
{
	struct pace p;
	double due = 0;

	pace_init(&p, speed);
	for (size_t i = 0; i < n; i++) {
		due = pace_due(&p, s[i].stamp, s[i].now < 0 ? (int64_t)due : s[i].now);
		CHECK(fabs(due - s[i].due) < 1e-6);
		if (fabs(due - s[i].due) >= 1e-6)
			fprintf(stderr, "  step %zu: %g, not %g\n", i, due, s[i].due);
	}
}

#define RUN(steps) run(steps, sizeof steps / sizeof steps[0], 1)

static void
speeds(void)
{
	struct pace p;

	pace_init(&p, 2);
	CHECK(pace_due(&p, 1000, 50) == 50 && pace_due(&p, 2000, 50) == 550 && pace_due(&p, 2001, 550) == 550.5);
	CHECK(pace_time(&p, 2001) == 550.5 && pace_time(&p, 1999) == 549.5);
	pace_init(&p, 0.5);
	CHECK(pace_due(&p, 1000, 50) == 50 && pace_due(&p, 2000, 50) == 2050);
	pace_init(&p, INFINITY);
	CHECK(pace_due(&p, 1000, 50) == 50 && pace_due(&p, 900000, 51) == 51 && pace_due(&p, 2, 60) == 60);
	CHECK(pace_time(&p, 900000) == 60);
}

static void
rounds(void)
{
	struct pace p;

	pace_init(&p, 1);
	pace_again(&p);		/* nothing was played: no gap before the first line */
	CHECK(pace_due(&p, 5000, 10) == 10);
	pace_again(&p);
	CHECK(pace_due(&p, 5000, 10) == 10 + PACE_GAP_MS);
	CHECK(pace_due(&p, 8000, 1010) == 4010);
	pace_again(&p);
	CHECK(pace_due(&p, 5000, 4010) == 7010 && pace_due(&p, 8000, 7010) == 10010);
	CHECK(pace_due(&p, 8000 + 600000, 10010) == 610010);
	pace_again(&p);
	CHECK(pace_due(&p, 5000, 610010) == 610010 + PACE_GAP_MAX_MS);
}

/* A day of readings three seconds apart at a speed that does not divide: no drift. */
static void
no_drift(void)
{
	struct pace p;
	double due = 0;
	int wrong = 0;

	pace_init(&p, 7);
	for (int64_t i = 0; i < 28800; i++) {
		due = pace_due(&p, 1795212285219 + i * 3000, (int64_t)due);
		wrong += fabs(due - (double)i * 3000 / 7) > 1e-3;
	}
	CHECK(wrong == 0);
}

int
main(void)
{
	RUN(plain);
	RUN(back);
	RUN(jumps);
	RUN(late);
	RUN(wild);
	speeds();
	rounds();
	no_drift();
	return check_done();
}
