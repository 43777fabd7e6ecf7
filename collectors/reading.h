#ifndef COLLECTORS_READING_H
#define COLLECTORS_READING_H

/*
 * One reading of KATO's metrics: GET /metrics and, if that is news, the counters that the error rate comes
 * from, one after the other over the held connection, for a connection stays with one worker. The counters are
 * extra: a reading without them is good and has no error rate.
 */

#include <stdbool.h>
#include <stdint.h>

#include "collectors/katoapi.h"
#include "collectors/metrics.h"

struct reading {
	struct katoapi *api;	/* not ours */
	struct metrics metrics;
	int step;		/* which question is under way; -1: none */
	bool counted;		/* this KATO has answered with kato_requests_total: a 404 for failures means there are none */
	bool moved;		/* not all answers of this reading came over one connection */
	int64_t begun_mono;
	struct katoapi_call *call;
	struct strbuf body, failed;	/* answers */
	/* the outcome: */
	bool over;		/* a reading has ended: take it, then clear this */
	bool answered;		/* whatever it told, it was KATO */
	enum metrics_result result;
	int64_t ms;		/* the reading's time */
	struct errorrate errors;
	int64_t took_ms;
	struct strbuf why;	/* of METRICS_NONE: one line that names what and where */
};

void reading_init(struct reading *, struct katoapi *);
void reading_free(struct reading *);
bool reading_busy(const struct reading *);
void reading_start(struct reading *);	/* only if not busy */
/* Appends the data of a reading that is METRICS_NEW. */
void reading_write(const struct reading *, struct strbuf *out);

#endif
