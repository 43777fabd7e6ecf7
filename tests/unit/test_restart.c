#include "katoctl/restart.h"
#include "check.h"

/* Runs, moves a line where told, lives so long and dies; returns the wait, -1 when it was not one. */
static int64_t
life(struct restart *r, int64_t *now, bool line, int64_t ms, double chance)
{
	enum restart_action a;

	if (r->state == RESTART_NEW || r->state == RESTART_WAITING)
		CHECK(restart_take(r, RESTART_GO, *now, 0) == RESTART_START);
	CHECK(restart_runs(r));
	if (line)
		CHECK(restart_take(r, RESTART_LINE, *now, 0) == RESTART_NOTHING);
	*now += ms;
	a = restart_take(r, RESTART_DIED, *now, chance);
	if (a == RESTART_START)
		return 0;
	if (a != RESTART_WAIT)
		return -1;
	ms = r->due_ms - *now;
	*now = r->due_ms;
	return ms;
}

static void
quick_deaths(void)
{
	static const int64_t waits[] = {0, 100, 200, 400, 800, 1000, 1000};
	struct restart r;
	int64_t now = 0;

	restart_init(&r);
	for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++)
		CHECK(life(&r, &now, true, 500, 0.5) == waits[i]);
	CHECK(r.starts == 7);
	CHECK(life(&r, &now, true, RESTART_SOON_MS, 0.5) == 0);
	CHECK(life(&r, &now, true, 10, 0.5) == 1000);
	CHECK(life(&r, &now, true, RESTART_FORGET_MS, 0.5) == 0);
	CHECK(life(&r, &now, true, 10, 0.5) == 100);
}

static void
slow_deaths(void)
{
	static const int64_t waits[] = {250, 500, 1000, 2000, 4000, 8000, 16000, 30000, 30000};
	struct restart r;
	int64_t now = 0;

	restart_init(&r);
	for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++)
		CHECK(life(&r, &now, false, 1, 0.5) == waits[i]);
	CHECK(life(&r, &now, false, RESTART_FORGET_MS, 0.5) == 250);
	CHECK(life(&r, &now, false, 1, 0.5) == 500);
	CHECK(life(&r, &now, true, 1, 0.5) == 100);
	CHECK(life(&r, &now, false, 1, 0.5) == 250);
}

static void
chance(void)
{
	struct restart r;
	int64_t now = 0, low, high;

	restart_init(&r);
	low = life(&r, &now, false, 1, 0);
	restart_init(&r);
	high = life(&r, &now, false, 1, 0.999999);
	CHECK(low == 187);
	CHECK(high == 312);
	for (int i = 0; i < 20; i++)
		CHECK(life(&r, &now, false, 1, 0.999999) <= RESTART_SLOW_MAX_MS);
}

/* A death at the very first millisecond of the clock is a death too. */
static void
at_zero(void)
{
	struct restart r;
	int64_t now = 0;

	restart_init(&r);
	CHECK(life(&r, &now, true, 0, 0) == 0);
	CHECK(life(&r, &now, true, 0, 0) == 100);
}

static void
endings(void)
{
	static const struct {
		enum restart_event event;
		enum restart_action action;
		enum restart_state state;
	} t[] = {
		{RESTART_GO, RESTART_START, RESTART_FRESH},
		{RESTART_GO, RESTART_NOTHING, RESTART_FRESH},
		{RESTART_REFUSED, RESTART_PARK, RESTART_PARKED},
		{RESTART_DIED, RESTART_NOTHING, RESTART_PARKED},
		{RESTART_LINE, RESTART_NOTHING, RESTART_PARKED},
		{RESTART_GO, RESTART_START, RESTART_FRESH},
		{RESTART_LINE, RESTART_NOTHING, RESTART_PROVEN},
		{RESTART_DONE, RESTART_END, RESTART_OVER},
		{RESTART_GO, RESTART_NOTHING, RESTART_OVER},
		{RESTART_DIED, RESTART_NOTHING, RESTART_OVER},
		{RESTART_DONE, RESTART_NOTHING, RESTART_OVER},
	};
	struct restart r;

	restart_init(&r);
	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		CHECK(restart_take(&r, t[i].event, 5, 0) == t[i].action);
		CHECK(r.state == t[i].state);
	}
	CHECK(!restart_runs(&r));
	CHECK(r.starts == 2);
}

/* A person's word starts it from any state, at once, and forgets what it waited before. */
static void
asked(void)
{
	for (int state = RESTART_NEW; state <= RESTART_OVER; state++) {
		struct restart r;
		int64_t now = 1000;

		restart_init(&r);
		CHECK(life(&r, &now, false, 1, 0.5) == 250);
		CHECK(life(&r, &now, false, 1, 0.5) == 500);
		r.state = (enum restart_state)state;
		CHECK(restart_take(&r, RESTART_ASKED, now, 0) == RESTART_START);
		CHECK(r.state == RESTART_FRESH && r.starts == 3 && r.started_ms == now);
		CHECK(life(&r, &now, false, 1, 0.5) == 250);
	}
}

int
main(void)
{
	quick_deaths();
	slow_deaths();
	chance();
	at_zero();
	endings();
	asked();
	return check_done();
}
