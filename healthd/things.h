#ifndef HEALTHD_THINGS_H
#define HEALTHD_THINGS_H

/* What healthd knows: services with their metrics, edges between them, the traffic of edges. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "healthd/healthrules.h"
#include "lib/json.h"

enum {
	THINGS_SERVICES_MAX = 10000,
	THINGS_METRICS_MAX = 64,	/* of a service */
	THINGS_EDGES_MAX = 50000,
	THINGS_NAME_MAX = 512,		/* bytes of an id, a name, a type */
};

#define THINGS_VALUE_MAX 1e100	/* its square and its sums are numbers still */

struct metric {
	char *name;
	enum kind kind;
	struct window window;
	struct baseline baseline;
	int64_t seen_ms;		/* last value */
	double value;
	bool present;			/* in the last record */
	uint8_t streak;			/* values in a row that were far off, and no anomaly yet */
	/* the anomaly, while since_ms is set: */
	int64_t since_ms;		/* 0: none */
	double score;			/* the worst of it */
};

struct edge;

struct service {
	char *id, *name, *type;
	bool seen;			/* a record has come; else only an edge names it */
	enum status status;		/* UNKNOWN: not judged yet */
	double score;
	char *summary;			/* JSON array of its anomalies in words; NULL: [] */
	char *metrics_json;		/* JSON object of its last metrics; NULL: {} */
	int64_t heard_ms;		/* derive.c's clock at its last record */
	struct metric *metric;
	size_t metrics;
	struct edge *in;		/* edges that end here, by next_in, in the order of their sources' ids */
	struct edge **out;		/* edges that begin here, in the order of their targets' ids */
	size_t nout;
	uint64_t hash;			/* of its id */
	struct service *next;		/* in its bucket */
};

struct edge {
	struct service *source, *target;
	struct edge *next_in;		/* of the same target */
	struct edge *next_hash;
	bool depends;			/* is in the list of dependencies */
	bool listed;			/* in the one being read */
	bool failing;			/* was told to be */
	/* traffic: */
	bool flows;			/* a record has come, and was not taken back */
	bool told;			/* that it is abnormal, and it has not been well since */
	int64_t heard_ms;		/* derive.c's clock at its last record */
	struct window rate, errors, latency;
};

struct things {
	struct service **bucket;
	struct edge **edge_bucket;
	size_t nbucket, nservices, nedges;	/* those known at all */
	size_t seen, degraded, failed;		/* of those seen */
	uint64_t refused;			/* more than there is room for */
};

void things_init(struct things *);
void things_free(struct things *);
/* NULL: not known, or with make no room for one more. */
struct service *things_service(struct things *, const char *id, size_t len, bool make);
struct edge *things_edge(struct things *, const char *source, size_t n, const char *target, size_t m, bool make);
struct metric *things_metric(struct things *, struct service *, const char *name, size_t len);
/* Sets status and keeps the counts. */
void things_status(struct things *, struct service *, enum status);
/* No longer seen: what it measured is forgotten. */
void things_forget(struct things *, struct service *);
/* If nothing holds it any more, it is freed: an edge that neither is a dependency nor flows, then ends of it that no record names. */
void things_drop_edge(struct things *, struct edge *);
void things_drop(struct things *, struct service *);
/* A short string value into buf; its length, 0 if it is none or too long. */
size_t things_text(struct span value, char buf[THINGS_NAME_MAX + 1]);
/* All, in an order that hangs on their ids alone: NULL begins, NULL ends. */
struct service *things_next(const struct things *, const struct service *);
struct edge *things_next_edge(const struct things *, const struct edge *);

#endif
