#ifndef ALERTD_SIGHT_H
#define ALERTD_SIGHT_H

/* What rules see of a record: all their paths found in one walk, and conditions read off them. Pure. */

#include <stdbool.h>
#include <stddef.h>

#include "lib/record.h"
#include "pick.h"
#include "rules.h"

/* The rules on one record type, and what they look at. */
struct view {
	char *on;
	size_t len;
	struct pick pick;
	size_t nrules;
	size_t *rule;		/* in the order of the file */
	struct pick_rows **rows;	/* of each of them; NULL: it has no each */
};

/* A view for each type that rules are on; numbers the slots of their paths. */
struct view *view_make(struct rules *, size_t *n);
void view_free(struct view *, size_t n);
struct view *view_on(struct view *, size_t n, struct span type);

struct sight {
	const struct span *slot;	/* NULL: nothing is seen at all */
	bool rows;		/* for a rule with each: */
	const struct span *row;		/* its element; NULL: none */
};

extern const struct sight sight_none;

void sight_take(struct sight *, struct view *, const struct record *);
/* A path's value, p NULL where absent; the at of text_facts. */
struct span sight_at(const void *sight, bool top, size_t slot);
/* What the rule compares: the first of its values that is there and not null. */
struct span sight_value(const struct sight *, const struct rule *);
/* The level of the rule's condition, LEVEL_NONE where it does not hold, -1: no data, or not of the kind compared with. */
int sight_level(const struct sight *, const struct rule *);
/* The rule's partial is there: the list is not whole. */
bool sight_partial(const struct sight *, const struct rule *);

#endif
