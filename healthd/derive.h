#ifndef HEALTHD_DERIVE_H
#define HEALTHD_DERIVE_H

/*
 * From a record of services, traffic or dependencies to the records that follow from it (kato-stream(5)): health,
 * anomalies, failing dependencies, the whole, and events when something begins or ends. Pure and deterministic:
 * time is the records', an event's id is made of what it is about and when, so the same recording gives the same
 * bytes, and a record that is judged twice gives the same ids.
 */

#include "healthd/things.h"
#include "lib/record.h"

enum { DERIVE_REPEAT_MS = 30000, DERIVE_GAP_MS = 300000, DERIVE_STEP_MS = 60000 };

struct derive {
	struct rules rules;
	struct things things;
	int64_t newest_ms;	/* time of the newest record; 0: none yet */
	int64_t flow_ms;	/* how long records have come: their times, without steps of the clock and what exceeds a minute of a gap */
	int64_t swept_ms;	/* that, when it was last looked for what is no longer heard of */
	int64_t overall_ms;	/* when overall_health was last told; 0: never */
	size_t told[3];		/* services, degraded, failed as last told */
	uint64_t records;	/* that were ours to judge */
	uint64_t added;
	uint64_t bad;		/* that were of our types and could not be read */
	/* of the record under way: */
	const struct record *record;
	struct strbuf *out;
	char stamp[32];
	int64_t ms;
};

void derive_init(struct derive *);	/* with the rules' defaults */
void derive_free(struct derive *);
/* Is it one of those that something may follow from? */
bool derive_judges(const struct record *);
/* Appends what follows from the record, whole lines; nothing, if it is none of ours. */
void derive_record(struct derive *, const struct record *, struct strbuf *out);

#endif
