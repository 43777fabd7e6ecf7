#ifndef COLLECTORS_CYCLE_H
#define COLLECTORS_CYCLE_H

/*
 * One reading of all: the version if it is not known, the list, the stats of those that run side by side
 * and, a second later, once more of those of which only one sample is known. Times are of the monotonic
 * clock, ms.
 *
 * Some engines (Docker 20.10 to 24, say) read one-shot stats in a loop that sleeps a second after each
 * pass: the first call wakes it, and all that come while it passes wait for the next. Such an engine
 * is found out by its first reading. From then on one call is made CYCLE_PRIME_MS ahead of a reading, so
 * that the loop sleeps while the reading's calls come, and then serves them all in one pass.
 */

#include <stdbool.h>
#include <stdint.h>

#include "collectors/docker.h"
#include "collectors/roster.h"

enum {
	CYCLE_GAP_MS = 1000,	/* between two samples, as `docker stats` has it */
	CYCLE_AT_ONCE = 128,	/* stats that are asked for side by side */
	CYCLE_PRIME_MS = 900,
};

enum cycle_step { CYCLE_IDLE, CYCLE_VERSION, CYCLE_LIST, CYCLE_FIGURES, CYCLE_PAUSE, CYCLE_AGAIN, CYCLE_ENDED };

struct cycle_ask;

struct cycle {
	struct docker *docker;
	struct roster *roster;
	int64_t gap_ms;
	enum cycle_step step;
	enum roster_round round;	/* the first one's */
	struct http_transfer *call;	/* version or list */
	struct http_transfer *prime;
	bool lags;	/* it is such an engine */
	struct cycle_ask *asks;
	size_t nasks;
	int64_t asked, resume;	/* when the list was asked for; when the pause ends */
	/* of the last reading: */
	size_t read, failed;	/* stats that came, that did not */
	int64_t busy_ms;	/* how long it took, the pause not counted */
	int64_t began, round_began;
	bool good;		/* the list was read */
	struct strbuf error;	/* what failed first */
};

void cycle_init(struct cycle *, struct docker *, struct roster *, int64_t gap_ms);
void cycle_free(struct cycle *);
/* all: of everything that runs; else of those never read. Must be idle. */
void cycle_start(struct cycle *, bool all, int64_t mono);
/* To be called CYCLE_PRIME_MS ahead of cycle_start where cycle.lags. */
void cycle_prime(struct cycle *);
/* Gives up what runs, and what was found out about the engine. */
void cycle_cancel(struct cycle *);
/* Goes on where it is time to. True once a reading has come to its end. */
bool cycle_run(struct cycle *, int64_t mono);
/* ms until cycle_run has something to do of its own; -1: nothing, only answers. */
int cycle_wait(const struct cycle *, int64_t mono);

#endif
