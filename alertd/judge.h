#ifndef ALERTD_JUDGE_H
#define ALERTD_JUDGE_H

/*
 * One record after another, judged by the rules: what fires, what is over, who is silent. Pure and
 * deterministic: the only clock is the records' own time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cooldown.h"
#include "lib/record.h"
#include "rules.h"
#include "silence.h"

enum { JUDGE_NAME_MAX = 256, JUDGE_BACK_MS = COOLDOWN_BACK_MS, JUDGE_AHEAD_MS = 300000 };

struct view;	/* the rules on one record type, and what they look at */

struct watch {
	size_t rule;
	struct silence silence;
};

struct judge {
	struct rules rules;
	uint32_t *seed;		/* one a rule, as cooldown_find wants it */
	struct view *view;
	size_t nviews;
	struct watch *watch;	/* the rules that have silent */
	size_t nwatch;
	double cooldown_s;
	struct cooldown table;
	int64_t newest_ms;	/* of the present timeline; if timed */
	bool timed;
	uint64_t serial;	/* of records, for marks */
	uint64_t records;
	uint64_t messages;	/* told so far: the n of ids */
	uint64_t unstamped;	/* records without a good timestamp */
	uint64_t steps;		/* new timelines */
	uint64_t unnamed;	/* things with a name over JUDGE_NAME_MAX bytes */
	struct strbuf name, alert;	/* scratch */
};

void judge_init(struct judge *, size_t max_keys);
void judge_free(struct judge *);
/* Takes the rules over. What is known of rules of the same name goes on. */
void judge_set_rules(struct judge *, struct rules *, double cooldown_s);
/* The stream does not go on where it was: nobody is watched, no time is known, a demo is over. What fires is still known. */
void judge_gap(struct judge *);
/*
 * Judges a line and appends the system_alert lines it caused. *r is what record_parse made of it;
 * a result other than RECORD_OK means that it was not judged.
 */
enum record_result judge_line(struct judge *, const char *line, size_t len, struct record *r, struct strbuf *out);

#endif
