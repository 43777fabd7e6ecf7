#ifndef COLLECTORS_PROMASKS_H
#define COLLECTORS_PROMASKS_H

/*
 * One tick's questions to a Prometheus server. The first asks what time it has there; all others are asked as of that
 * time, side by side. A query for many things is one request, queries for one thing travel together, each marked by
 * a label (label_replace … or …). What the server refuses is asked again in smaller company, so that one bad query costs no
 * other; a server that does not do labels is asked query by query from then on.
 */

#include <stdbool.h>
#include <stdint.h>

#include "collectors/http.h"
#include "collectors/promgroups.h"
#include "lib/strbuf.h"

enum {
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

/* A request under way, for the queries at some places of the groups. */
struct promasks_request {
	struct promasks *of;	/* NULL: a free one */
	enum promasks_kind {
		PROMASKS_CLOCK,
		PROMASKS_ALONE,		/* one query */
		PROMASKS_MARKED,	/* several, each in a label_replace */
		PROMASKS_MANY,		/* one query for several things */
	} kind;
	uint32_t first, n;
	bool strange;	/* a series came that bears no label to go by */
};

struct promasks_server {
	const char *url;	/* base, no slash at its end */
	const struct strlist *headers;	/* NULL: none; may change between ticks */
	const char *ca_file;	/* NULL: the system's */
};

struct promasks {
	struct http *http;
	const struct promplan *plan;
	const struct promasks_server *server;
	struct promgroups groups;
	struct promask {
		double value;
		uint8_t state;
		bool alone;	/* was refused in company: asked by itself */
	} *ask;			/* one for each query of the plan */
	bool marks;		/* the server does them */
	bool *one_by_one;	/* of each rule: its query for many bears no label to go by */
	/* of the tick under way: */
	bool running;
	bool reached;		/* it was Prometheus who answered the first question */
	int64_t began_mono, timeout_ms;
	double time;		/* the server's, in seconds; 0: not known */
	struct promasks_range {
		uint32_t first, n;
	} *todo;		/* to ask again, in smaller company */
	size_t ntodo, room, next, next_todo;
	struct promasks_request request[PROMASKS_RUNNING];
	size_t inflight, failures, requests;
	struct strbuf why;	/* what went wrong, in words: the first failure, else the first query refused in their order */
	int64_t why_query;	/* that one; -1: none */
	struct strbuf warning;	/* the first the server gave with an answer */
};

/* The plan and the server must live on. */
void promasks_init(struct promasks *, struct http *, const struct promplan *, const struct promasks_server *, int64_t timeout_ms);
void promasks_free(struct promasks *);	/* after http_del, or when nothing runs */
void promasks_start(struct promasks *);	/* only if not running */
/* Call after each http_wait: asks on. True: the tick is over, every query has its state. */
bool promasks_step(struct promasks *);

#endif
