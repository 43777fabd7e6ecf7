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

/* One series: query is the number in its label, -1 without one. Values that are not finite are not told, but told of. */
typedef void promanswer_take(void *arg, long query, bool finite, double value);

/* False: *why says in one line what the server says, or that the answer is none. */
bool promanswer_read(const char *body, size_t len, promanswer_take *take, void *arg, struct strbuf *why);

#endif
