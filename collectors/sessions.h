#ifndef COLLECTORS_SESSIONS_H
#define COLLECTORS_SESSIONS_H

/*
 * How KATO's two accounts of its sessions become one. Events (hints) come at once, but only from workers
 * we are connected to; counts are the truth, but each worker holds its own for some seconds, so two of
 * them may contradict each other, and a count may lie before events we know. What is believed is the
 * count, moved on by events. A count is accepted if what is believed had that value at some time since
 * the count may have been taken; if it had not, and no event explains it within a moment, the difference
 * becomes events without a name. Pure: time is handed in, records come out.
 */

#include <stdbool.h>
#include <stdint.h>

#include "collectors/hint.h"
#include "collectors/seen.h"
#include "collectors/trail.h"
#include "lib/strbuf.h"

enum {
	SESSIONS_GRACE_MS = 400,	/* events have so long to explain a count */
	SESSIONS_SLACK_MS = 500,	/* an event may be heard of so long before it is counted */
	SESSIONS_NAMELESS_MAX = 64,	/* a larger difference is one event with that delta */
	SESSIONS_DEBT_MS = 30000,	/* an event heard of later than this is not the one that was counted */
	SESSIONS_DELAYS = 16,
	SESSIONS_MAX = 1000000000,	/* no count is higher */
};

struct sessions_now {
	int64_t mono, wall;	/* ms */
};

struct sessions_count {
	long long n;		/* 0 to SESSIONS_MAX */
	int64_t asked;		/* mono, when it was asked for */
	bool same;		/* the same worker gave it that gave the one before: it is not older than that */
	bool hinted;		/* events are coming: wait a moment for one that explains it */
	const char *reason;	/* of events that nobody names; NULL: none */
	bool blind;		/* between this count and the last there were neither counts nor events: a difference is one event */
};

struct sessions {
	const char *source;
	int64_t hold_ms;	/* a count may be so much older than its answer */
	bool known;
	long long active, total;
	int64_t began;		/* mono, the baseline's time */
	int64_t event_mono;	/* the newest event's time, at first the baseline's */
	int64_t named_mono;	/* the newest one that a hint named */
	struct trail trail;
	struct seen seen;
	long long last_count;
	int64_t last_asked, taken_after;	/* mono; the last count was taken after taken_after */
	struct {
		bool on, fresh;	/* fresh: the same worker had another one before */
		struct sessions_count count;
		int64_t taken_after, due, wall;	/* wall: when it came */
	} doubt;		/* a count that nothing has explained yet */
	struct {
		long long n;
		int64_t wall;	/* the count that showed them came then */
	} nameless[2];		/* created and destroyed ones that were told without a name */
	int64_t delays[SESSIONS_DELAYS];	/* of the latest events: our clock on arrival less KATO's */
	unsigned delay_n;
	uint64_t serial;	/* of nameless events */
	uint64_t events;	/* changes of active or total, so far */
	long long old_active, old_total;	/* known of long ago: the total goes on from there */
	uint64_t missed;	/* events that no hint named although hints were coming */
};

/* source: "session-watch"; must live on. hold_ms: how long a KATO worker keeps a count. */
void sessions_init(struct sessions *, const char *source, int64_t hold_ms);
/* A reading that succeeded; the first is the baseline. Appends events, each with a sessions record behind it. */
void sessions_count(struct sessions *, const struct sessions_count *, struct sessions_now, struct strbuf *out);
/* HINT_CREATED or HINT_DESTROYED. The same; false: it was known already, or there is no baseline yet. */
bool sessions_hint(struct sessions *, const struct hint *, struct sessions_now, struct strbuf *out);
/* What was waited for may have run out: call it when sessions_wait is over. */
void sessions_settle(struct sessions *, struct sessions_now, struct strbuf *out);
int sessions_wait(const struct sessions *, int64_t mono);	/* ms, -1: nothing is waited for */
/* Appends the sessions record; there must be a baseline. */
void sessions_write(const struct sessions *, int64_t wall, struct strbuf *out);

#endif
