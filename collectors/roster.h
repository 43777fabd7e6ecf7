#ifndef COLLECTORS_ROSTER_H
#define COLLECTORS_ROSTER_H

/*
 * The wanted containers: what the engine's list says of them, what its events said since, their figures,
 * and the `containers` record of it all. Pure: times are handed in, mono by the monotonic clock, wall
 * since 1970, both ms.
 *
 * A list may lag: for up to 1.4 s after a die event it was seen to say "running". So for ROSTER_TRUST_MS
 * a container's state is what its event told, and no list that was asked for earlier changes it.
 *
 * A reading: roster_list, then a round of roster_next and roster_sample, then, some time later, one more
 * round for those of which only one sample is known. One whose figures were never read is left out of the
 * record: that is not zero. One that does not run uses nothing: zeros.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collectors/container.h"
#include "collectors/picks.h"
#include "collectors/sample.h"
#include "lib/strbuf.h"

enum {
	ROSTER_TRUST_MS = 2000,
	ROSTER_BIRTH_MS = 2000,	/* one that is created and started at once is not shown as created: that reads as down */
	ROSTER_MAX = 2000,	/* containers followed, unless told otherwise */
};

struct roster_entry;

struct roster {
	struct picks *picks;
	size_t max;
	struct roster_entry **v;	/* by id */
	size_t n, cap;
	size_t over;	/* wanted ones beyond max: not followed, only counted */
	size_t garbled;	/* elements of the last list that were no containers */
	size_t cursor;	/* of the round */
	double cpus;	/* cores of the host; 0: never heard */
	bool changed;	/* a list brought, changed or took away a container; whoever acts on it clears it */
	bool deaf;	/* a list told of a change that no event had told within a second; whoever acts on it clears it */
};

void roster_init(struct roster *, struct picks *, size_t max);
void roster_free(struct roster *);
/* The engine was away: counters from before are not to be compared with those to come. */
void roster_forget_samples(struct roster *);

/* An answer of GET /containers/json?all=1, asked for at asked_mono. False: it is not a list; nothing changed. */
bool roster_list(struct roster *, const char *text, size_t len, int64_t asked_mono, int64_t mono, int64_t wall);

enum roster_round {
	ROUND_ALL,
	ROUND_NEW,	/* of which no sample is known */
	ROUND_AGAIN,	/* of which one is known, and a second is needed for their cpu */
};

/* Begins a round over some of those that run. */
void roster_round(struct roster *, enum roster_round);
/* The id of the next one to be read; NULL: no more. Valid until the roster changes. */
const char *roster_next(struct roster *);
const char *roster_name(const struct roster *, const char *id);	/* NULL: not followed (any more) */
enum sample_answer roster_sample(struct roster *, const char *id, const char *text, size_t len, int64_t mono, int64_t wall);
bool roster_wants_again(const struct roster *);
/* What an event asks of its reader, or'ed together; 0: it concerns no wanted container. */
enum {
	ROSTER_SAY = 1,		/* pass it on */
	ROSTER_CHANGED = 2,	/* and write the containers */
	ROSTER_BORN = 8,	/* and write the containers in ROSTER_BIRTH_MS, should it not have been started by then */
	ROSTER_LOOK = 4,	/* and read them soon: one is there whose figures or state are not known */
};
unsigned roster_event(struct roster *, const struct container_event *, int64_t mono, int64_t wall);

size_t roster_count(const struct roster *);	/* that exist, followed or not */
/* Appends the record and its newline, at most LINE_MAX_BYTES: the busiest, where not all have room. */
void roster_write(const struct roster *, const char *source, int64_t wall, struct strbuf *out);

#endif
