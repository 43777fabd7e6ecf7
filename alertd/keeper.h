#ifndef ALERTD_KEEPER_H
#define ALERTD_KEEPER_H

/* When what a filter knows is kept: of each batch before it is written, see recall.h. */

#include "filter.h"
#include "lib/keep.h"

struct keeper {
	struct keep file;
	bool all;	/* the next save must be a whole one */
};

/* file NULL: nothing is kept, and all that follows does nothing. The filter must have its rules, and no line yet. */
void keeper_open(struct keeper *, const char *file, struct filter *);
/* The rules are others: what is kept of the old ones counts no more. */
void keeper_rules(struct keeper *);
/* The batch is judged and not yet written. */
void keeper_before(struct keeper *, struct filter *);
/* It is written. */
void keeper_after(struct keeper *, const struct filter *);
/* The end: all has been written, or not. */
void keeper_close(struct keeper *, struct filter *, bool written);

#endif
