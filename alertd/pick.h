#ifndef ALERTD_PICK_H
#define ALERTD_PICK_H

/*
 * Many paths of one JSON object, found in one walk over its text: "data.aggregated.host_cpu_percent".
 * An array can be picked into rows, one for each of its elements that is an object. Of members of
 * the same name the last counts. Pure.
 *
 *	cpu = pick_want(&p, "data.cpu");
 *	rows = pick_each(&p, "data.containers");
 *	name = pick_want(&rows->of, "name");
 *	pick_walk(&p, object);			p.slot[cpu], rows->v[i * rows->of.n + name]
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/json.h"

enum { PICK_ROWS = 65536 };	/* of one array */

struct pick_node;

struct pick {
	struct pick_node *top;
	struct span *slot;	/* what was found; p NULL: absent */
	size_t n;
};

struct pick_rows {
	struct pick of;		/* paths inside an element */
	bool there;		/* the array is */
	bool cut;		/* it has more than PICK_ROWS objects */
	struct span *v;		/* rows of of.n spans */
	size_t n, cap;
};

/* The slot of a path, a new one or the one it has already. */
size_t pick_want(struct pick *, const char *path);
/* The rows of the array at a path, new ones or those it has already; they live as long as the pick. */
struct pick_rows *pick_each(struct pick *, const char *path);
/* Text that json_check has passed. What was found lives as long as the text, and until the next walk. */
void pick_walk(struct pick *, struct span object);
void pick_free(struct pick *);

#endif
