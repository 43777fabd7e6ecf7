#ifndef COLLECTORS_PROMGROUPS_H
#define COLLECTORS_PROMGROUPS_H

/* Which queries of a plan may travel in one request. Pure. */

#include "collectors/promplan.h"

enum {
	PROMGROUPS_BATCH = 50,	/* queries of all kinds, each written out */
	PROMGROUPS_MANY = 500,	/* things that one query is for */
};

/*
 * All queries, those of a group beside each other. In a group stand queries for single things, or those of one
 * rule for many, and then no pod can be of two of them: api and api-gateway are in two groups.
 */
struct promgroups {
	uint32_t *query;	/* of the plan */
	uint32_t *end;		/* of each place: where its group ends */
	size_t n;
};

void promgroups_init(struct promgroups *, const struct promplan *);
void promgroups_free(struct promgroups *);
/* Is the group at this place one query for many? */
bool promgroups_many(const struct promgroups *, const struct promplan *, size_t place);
/* The place from first up to end at which a thing's query stands; -1: none of them is of it. */
long promgroups_find(const struct promgroups *, const struct promplan *, size_t first, size_t end, uint32_t of);

#endif
