#ifndef COLLECTORS_PROMRECORDS_H
#define COLLECTORS_PROMRECORDS_H

/* A reading of a Prometheus server as records of services, traffic and dependencies (kato-stream(5)). Pure. */

#include "collectors/promasks.h"

struct promrecords {
	const struct promplan *plan;
	bool *flowed;		/* of each edge: its traffic was told, and not yet taken back */
};

void promrecords_init(struct promrecords *, const struct promplan *);	/* the plan must live on */
void promrecords_free(struct promrecords *);
/*
 * Append records, and return how many. What was not answered is left out; a thing of which nothing was
 * answered has no record. Traffic that is no longer measured is taken back, once.
 */
size_t promrecords_services(const struct promrecords *, const struct promask *, const char *stamp, struct strbuf *out);
size_t promrecords_traffic(struct promrecords *, const struct promask *, const char *stamp, struct strbuf *out);
void promrecords_edges(const struct promrecords *, const char *stamp, struct strbuf *out);
/* Another plan comes after this one: takes back what is not in it, and lets next know what flowed. */
void promrecords_leave(const struct promrecords *, struct promrecords *next, const char *stamp, struct strbuf *out);

#endif
