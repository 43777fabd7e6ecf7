#ifndef COLLECTORS_READING_H
#define COLLECTORS_READING_H

/*
 * One reading of KATO's metrics: GET /metrics, then the two counters that the error rate comes from, one after
 * the other over one held connection, for a connection stays with one worker. The counters are extra: without
 * them, or from another worker, the reading is good and has no error rate.
 */

#include <cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "collectors/katoapi.h"
#include "collectors/metrics.h"

struct reading {
	struct katoapi *api;	/* not ours */
	int step;		/* which is under way; -1: none */
	bool moved;		/* the counters came over another connection than the metrics */
	int64_t begun_ms;	/* mono */
	struct katoapi_call *call;
	/* the outcome */
	bool over;		/* a reading has ended: take it, then clear this */
	cJSON *body;		/* NULL: failed, see why */
	bool answered;		/* a failure that KATO itself told */
	struct metrics_errors errors;
	double since;		/* what the total counts from, epoch seconds */
	int64_t took_ms;
	struct strbuf why;
};

void reading_init(struct reading *, struct katoapi *);
void reading_free(struct reading *);
bool reading_busy(const struct reading *);
void reading_start(struct reading *);	/* only if not busy */
void reading_clear(struct reading *);	/* what was taken is given up */

#endif
