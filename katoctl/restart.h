#ifndef KATOCTL_RESTART_H
#define KATOCTL_RESTART_H

/*
 * When a stage is started, and started again: a table of (state, event) -> action. Pure; times are
 * monotonic milliseconds, chance is from [0, 1).
 *
 * A stage that had moved a line is started again at once; if it dies again within RESTART_SOON_MS after
 * 100 ms, 200, 400 … up to 1 s. One that died before its first line waits 0.25 s, 0.5 … up to 30 s, a
 * quarter more or less by chance; a line forgets these waits. A minute of life forgets all that was before.
 */

#include <stdbool.h>
#include <stdint.h>

enum {
	RESTART_SOON_MS = 10000,
	RESTART_FORGET_MS = 60000,
	RESTART_QUICK_MS = 100,
	RESTART_QUICK_MAX_MS = 1000,
	RESTART_SLOW_MS = 250,
	RESTART_SLOW_MAX_MS = 30000,
};

enum restart_state {
	RESTART_NEW,		/* not started yet */
	RESTART_FRESH,		/* runs, has not moved a line */
	RESTART_PROVEN,		/* runs, has moved a line */
	RESTART_WAITING,	/* until due_ms */
	RESTART_PARKED,		/* settings are wrong: only a person can help */
	RESTART_OVER,		/* its work is done */
};

enum restart_event {
	RESTART_GO,		/* it may start: the first time, when due, or asked for */
	RESTART_LINE,		/* it moved a line */
	RESTART_DIED,		/* or could not be started */
	RESTART_REFUSED,	/* ended with 2 */
	RESTART_DONE,		/* ended, and its work with it */
	RESTART_ASKED,		/* a person wants it started again; it does not run now, and earlier waits are forgotten */
};

enum restart_action { RESTART_NOTHING, RESTART_START, RESTART_WAIT, RESTART_PARK, RESTART_END };

struct restart {
	enum restart_state state;
	int64_t started_ms, died_ms, due_ms;	/* died_ms: of the last death; -1: none */
	int quick_ms, slow_ms;	/* the last wait of either kind; 0: none */
	uint64_t starts;
};

void restart_init(struct restart *);
/* Takes the step and says what is to be done; after RESTART_WAIT, RESTART_GO is to come at due_ms. */
enum restart_action restart_take(struct restart *, enum restart_event, int64_t now_ms, double chance);
bool restart_runs(const struct restart *);	/* FRESH or PROVEN */

#endif
