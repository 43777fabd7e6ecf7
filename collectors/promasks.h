#ifndef COLLECTORS_PROMASKS_H
#define COLLECTORS_PROMASKS_H

/*
 * One tick's questions to a Prometheus server, side by side. Many queries travel in one request, each
 * marked by a label (label_replace … or …); a request that the server refuses is asked again query by query, so
 * that one bad query costs no other; a server that does not do labels is asked so from then on.
 */

#include <stdbool.h>
#include <stdint.h>

#include "collectors/http.h"
#include "collectors/promplan.h"
#include "lib/strbuf.h"

enum {
	PROMASKS_BATCH = 50,		/* queries in a request */
	PROMASKS_RUNNING = 16,		/* requests at a time; Prometheus works on 20 */
	PROMASKS_MAX_BYTES = 16 << 20,	/* of an answer */
};

enum promask_state {
	PROMASK_NONE,		/* not answered */
	PROMASK_VALUE,
	PROMASK_EMPTY,		/* answered: no series, or no finite value */
	PROMASK_REFUSED,	/* the query itself is wrong */
	PROMASK_FAILED,		/* no answer came */
};

/* A request under way: a run of queries, or one by itself. */
struct promasks_request {
	struct promasks *of;	/* NULL: a free one */
	uint32_t first, n;
	bool labelled;
	bool strange;	/* a series came that bears no label of ours */
};

struct promasks {
	struct http *http;
	const struct promplan *plan;
	const char *url;	/* base, no slash at its end */
	struct promask {
		double value;
		uint8_t state;
		bool alone;	/* was refused in company: asked by itself */
	} *ask;			/* one for each query of the plan */
	bool labels;		/* the server does them */
	/* of the tick under way: */
	bool running;
	int64_t began_mono, timeout_ms;
	uint32_t *todo;		/* queries to ask one by one */
	size_t ntodo, next, next_alone;
	struct promasks_request request[PROMASKS_RUNNING];
	size_t inflight, failures, requests;
	struct strbuf why;	/* what went wrong, in words: the first failure, else the first query refused in their order */
	int64_t why_query;	/* that one; -1: none */
};

/* The plan and the url must live on. */
void promasks_init(struct promasks *, struct http *, const struct promplan *, const char *url, int64_t timeout_ms);
void promasks_free(struct promasks *);	/* after http_del, or when nothing runs */
void promasks_start(struct promasks *);	/* only if not running */
/* Call after each http_wait: asks on. True: the tick is over, every query has its state. */
bool promasks_step(struct promasks *);

#endif
