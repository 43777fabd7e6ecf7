#ifndef COLLECTORS_PROMANSWER_H
#define COLLECTORS_PROMANSWER_H

/*
 * The answer of Prometheus to an instant query (prometheus.io/docs/prometheus/latest/querying/api, "Instant
 * queries"): a vector, or a scalar. Pure.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/strbuf.h"

#define PROMANSWER_LABEL "kato_query"	/* of a series: which query of several asked in one it answers */

/* One series, or the scalar. */
struct promseries {
	long query;	/* the number in that label; -1 without one */
	const char *id, *source, *target;	/* labels (collectors/promplan.h); NULL: none; valid inside the call only */
	bool finite;	/* what is not is not told, but told of */
	double value;
	double time;	/* of which it is, in seconds; NAN: not said */
};
typedef void promanswer_take(void *arg, const struct promseries *);

/*
 * False: *why says in one line what the server says, or that the answer is none; *spoke, if it was Prometheus who said so.
 * True: *why holds a warning of the server's, if it gave one.
 */
bool promanswer_read(const char *body, size_t len, promanswer_take *take, void *arg, bool *spoke, struct strbuf *why);

#endif
