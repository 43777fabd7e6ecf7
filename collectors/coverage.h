#ifndef COLLECTORS_COVERAGE_H
#define COLLECTORS_COVERAGE_H

/*
 * KATO runs several workers; each tells its own events only, and which one a connection lands on is
 * chance. So which of our connections sit together is learned, from what a worker says of itself where
 * it does, else from who repeats whose events, and those that are too many are dialed anew until every
 * worker is heard. Pure: it decides, another room dials.
 *
 *	dialing: while ((slot = coverage_dial(&c, now, &ask)) >= 0) connect; coverage_surplus likewise hangs up
 *	a connection: coverage_landed (where its worker was asked for), coverage_up, coverage_lost
 */

#include <stdbool.h>
#include <stdint.h>

enum {
	COVERAGE_SLOTS_MAX = 32,
	COVERAGE_GROUPS = 64,		/* events whose echoes are being collected */
	COVERAGE_ECHO_MS = 250,		/* all who hear an event hear it within this */
	COVERAGE_ENOUGH_NAMED = 100,	/* landings in a row that found no new worker: one that takes a twentieth of all is missed once in 170 times */
	COVERAGE_ENOUGH = 40,		/* the same where only events tell workers apart */
	COVERAGE_DIAL_GAP_MS = 15,
	COVERAGE_RETRY_MS = 250,	/* doubled with each failure up to COVERAGE_RETRY_MAX_MS, and jittered */
	COVERAGE_RETRY_MAX_MS = 15000,
	COVERAGE_SHORT_MS = 2000,	/* a connection that lived no longer was a failure */
	COVERAGE_SEARCH_GAP_MS = 5000,	/* between searches that missed events ask for; doubled while they find nothing */
	COVERAGE_SEARCH_GAP_MAX_MS = 600000,
	COVERAGE_DISTRUST = 3,		/* so many contradictions, and what workers say of themselves counts no more */
};

enum coverage_state { COVERAGE_FREE, COVERAGE_DIALING, COVERAGE_LANDED, COVERAGE_UP };

struct coverage {
	unsigned slots;
	struct coverage_slot {
		enum coverage_state state;
		uint64_t worker;	/* which one it sits on; 0: not known */
		bool fresh;		/* up, and not yet known whether it found a new worker */
		int64_t since;		/* it is in this state */
		int64_t next;		/* not dialed before */
		unsigned failures;
	} slot[COVERAGE_SLOTS_MAX];
	struct coverage_group {
		uint64_t key;		/* of the event, 0: none */
		uint32_t heard;		/* bits: by these slots */
		int64_t first;
	} group[COVERAGE_GROUPS];
	bool answers;		/* KATO does */
	bool asks;		/* workers say who they are, as far as we know */
	unsigned wrong;		/* contradictions to that */
	unsigned nothing_new;	/* landings in a row that found no new worker */
	uint64_t learned;	/* workers told apart by their events: 1, 2, … */
	int64_t next_dial, next_search, search_gap;
	uint64_t random;
};

/* slots: 1 to COVERAGE_SLOTS_MAX. */
void coverage_init(struct coverage *, unsigned slots, uint64_t seed);
/* KATO answers, or not: then nobody is dialed. */
void coverage_answers(struct coverage *, bool);
/* The slot to dial now, -1: none. ask: ask its worker who it is before the connection is used. */
int coverage_dial(struct coverage *, int64_t now, bool *ask);
/* The connection to hang up now, -1: none. The slot is free then. */
int coverage_surplus(struct coverage *, int64_t now);
/* Its worker said who it is (a hash), or would not (0). False: hang up, we hear that worker already; the slot is free. */
bool coverage_landed(struct coverage *, int slot, uint64_t worker, int64_t now);
void coverage_up(struct coverage *, int slot, int64_t now);
/* It failed, or was closed from over there. */
void coverage_lost(struct coverage *, int slot, int64_t now);
/* An event came over it; key is the same for all who hear it. */
void coverage_heard(struct coverage *, int slot, uint64_t key, int64_t now);
/* There was an event nobody heard. */
void coverage_missed(struct coverage *, int64_t now);
/* To be called often: draws conclusions from what was heard. */
void coverage_turn(struct coverage *, int64_t now);
int coverage_wait(const struct coverage *, int64_t now);	/* ms until one of these has something to do, at most 1000 */
unsigned coverage_count(const struct coverage *);	/* connections that are up */

#endif
