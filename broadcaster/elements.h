#ifndef BROADCASTER_ELEMENTS_H
#define BROADCASTER_ELEMENTS_H

/* The elements of an array inside a JSON value, found by the text of one of their members. Pure. */

#include <stddef.h>
#include <stdint.h>

#include "lib/json.h"

struct elements {	/* {0} is an empty one */
	struct elements_slot {
		uint64_t hash;
		struct span name, element;	/* of the value's text */
	} *slot;
	size_t cap, n;
	uint64_t version;	/* of the value, as the caller counts; 0: of none */
};

/* Indexes value.list[] by its members' key; elements without such a text are left out, of equal names the last counts. */
void elements_index(struct elements *, struct span value, const char *list, const char *key, uint64_t version);
struct span elements_find(const struct elements *, const char *name);	/* {NULL,0}: none */
void elements_free(struct elements *);

#endif
