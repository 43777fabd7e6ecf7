#include "katoctl/restart.h"

enum { NSTATES = RESTART_OVER + 1, NEVENTS = RESTART_ASKED + 1 };

/* What happens, and the state after it; a wait that is over before it began (0 ms) becomes a start. */
static const struct step {
	enum restart_action action;
	enum restart_state next;
} table[NSTATES][NEVENTS] = {
	[RESTART_NEW] = {
		[RESTART_GO] = {RESTART_START, RESTART_FRESH},
		[RESTART_LINE] = {RESTART_NOTHING, RESTART_NEW},
		[RESTART_DIED] = {RESTART_WAIT, RESTART_WAITING},
		[RESTART_REFUSED] = {RESTART_PARK, RESTART_PARKED},
		[RESTART_DONE] = {RESTART_END, RESTART_OVER},
		[RESTART_ASKED] = {RESTART_START, RESTART_FRESH},
	},
	[RESTART_FRESH] = {
		[RESTART_GO] = {RESTART_NOTHING, RESTART_FRESH},
		[RESTART_LINE] = {RESTART_NOTHING, RESTART_PROVEN},
		[RESTART_DIED] = {RESTART_WAIT, RESTART_WAITING},
		[RESTART_REFUSED] = {RESTART_PARK, RESTART_PARKED},
		[RESTART_DONE] = {RESTART_END, RESTART_OVER},
		[RESTART_ASKED] = {RESTART_START, RESTART_FRESH},
	},
	[RESTART_PROVEN] = {
		[RESTART_GO] = {RESTART_NOTHING, RESTART_PROVEN},
		[RESTART_LINE] = {RESTART_NOTHING, RESTART_PROVEN},
		[RESTART_DIED] = {RESTART_WAIT, RESTART_WAITING},
		[RESTART_REFUSED] = {RESTART_PARK, RESTART_PARKED},
		[RESTART_DONE] = {RESTART_END, RESTART_OVER},
		[RESTART_ASKED] = {RESTART_START, RESTART_FRESH},
	},
	[RESTART_WAITING] = {
		[RESTART_GO] = {RESTART_START, RESTART_FRESH},
		[RESTART_LINE] = {RESTART_NOTHING, RESTART_WAITING},
		[RESTART_DIED] = {RESTART_NOTHING, RESTART_WAITING},
		[RESTART_REFUSED] = {RESTART_PARK, RESTART_PARKED},
		[RESTART_DONE] = {RESTART_END, RESTART_OVER},
		[RESTART_ASKED] = {RESTART_START, RESTART_FRESH},
	},
	[RESTART_PARKED] = {
		[RESTART_GO] = {RESTART_START, RESTART_FRESH},
		[RESTART_LINE] = {RESTART_NOTHING, RESTART_PARKED},
		[RESTART_DIED] = {RESTART_NOTHING, RESTART_PARKED},
		[RESTART_REFUSED] = {RESTART_NOTHING, RESTART_PARKED},
		[RESTART_DONE] = {RESTART_NOTHING, RESTART_PARKED},
		[RESTART_ASKED] = {RESTART_START, RESTART_FRESH},
	},
	[RESTART_OVER] = {
		[RESTART_GO] = {RESTART_NOTHING, RESTART_OVER},
		[RESTART_LINE] = {RESTART_NOTHING, RESTART_OVER},
		[RESTART_DIED] = {RESTART_NOTHING, RESTART_OVER},
		[RESTART_REFUSED] = {RESTART_NOTHING, RESTART_OVER},
		[RESTART_DONE] = {RESTART_NOTHING, RESTART_OVER},
		[RESTART_ASKED] = {RESTART_START, RESTART_FRESH},
	},
};

void
restart_init(struct restart *r)
{
	*r = (struct restart){.died_ms = -1};
}

bool
restart_runs(const struct restart *r)
{
	return r->state == RESTART_FRESH || r->state == RESTART_PROVEN;
}

static int
doubled(int ms, int first, int most)
{
	return !ms ? first : ms * 2 < most ? ms * 2 : most;
}

/* How long a stage that died now has to wait. */
static int
wait_ms(struct restart *r, bool proven, int64_t now, double chance)
{
	int64_t before = r->died_ms;
	int ms;

	if (r->starts && now - r->started_ms >= RESTART_FORGET_MS)
		r->quick_ms = r->slow_ms = 0;
	r->died_ms = now;
	if (!proven) {
		r->slow_ms = doubled(r->slow_ms, RESTART_SLOW_MS, RESTART_SLOW_MAX_MS);
		ms = (int)(r->slow_ms * (0.75 + chance / 2));
		return ms < RESTART_SLOW_MAX_MS ? ms : RESTART_SLOW_MAX_MS;
	}
	if (before < 0 || now - before >= RESTART_SOON_MS)
		return 0;
	return r->quick_ms = doubled(r->quick_ms, RESTART_QUICK_MS, RESTART_QUICK_MAX_MS);
}

enum restart_action
restart_take(struct restart *r, enum restart_event event, int64_t now, double chance)
{
	struct step s = table[r->state][event];

	if (s.action == RESTART_WAIT) {
		int ms = wait_ms(r, r->state == RESTART_PROVEN, now, chance);

		r->due_ms = now + ms;
		if (!ms)
			s = (struct step){RESTART_START, RESTART_FRESH};
	}
	if (s.next == RESTART_PROVEN || event == RESTART_ASKED)
		r->slow_ms = 0;
	if (event == RESTART_ASKED)
		r->quick_ms = 0;
	r->state = s.next;
	if (s.action == RESTART_START) {
		r->started_ms = now;
		r->starts++;
	}
	return s.action;
}
