#ifndef BROADCASTER_LISTING_H
#define BROADCASTER_LISTING_H

/* The elements of a section that is a list, as they were last put together. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broadcaster/dialect.h"
#include "broadcaster/state.h"
#include "lib/strbuf.h"

/* A text with its hash. */
struct listing_name {
	uint64_t hash;
	size_t at;	/* in names; of a subject that is not there, SIZE_MAX */
};

struct listing_element {
	size_t at, len;			/* its JSON in text */
	const char *id;			/* of its record, as the state has it */
	uint64_t version;		/* of its value */
	struct listing_name key, subject[DIALECT_SUBJECTS_MAX];
	int64_t latest;			/* what the order looks at: */
	uint32_t rank, number;
	bool hidden;			/* an older twin, or it refers to what is not there */
};

struct listing {	/* {.section} is one to be made */
	const struct dialect_section *section;
	uint64_t serial;		/* another one each time it is made; 0: it was not yet */
	uint64_t version, refers;	/* of its type, and the serial of what it refers to, when it was made */
	struct strbuf text;		/* of all that are not hidden, in order, commas between */
	struct strbuf names;		/* decoded, a NUL behind each */
	struct listing_element *v;	/* in order */
	size_t n, cap, shown;
	uint32_t *slot;			/* where the section has a key: by its hash, place + 1; a power of two of them */
	size_t nslots;
	bool demo;			/* some of it is of a demonstration */
};

/*
 * Makes it anew if the values of its type (NULL: there are none), or the listing it refers to (NULL: none), have changed
 * since; adds to left_out how many values that are new since then are in no list.
 */
void listing_update(struct listing *, const struct value_type *, const struct listing *refers, uint64_t *left_out);
/* By its key; NULL: none that is shown. */
struct listing_element *listing_find(const struct listing *, uint64_t hash, const char *key);
uint64_t listing_hash(const char *name);
void listing_free(struct listing *);

static inline const char *
listing_text(const struct listing *l, const struct listing_name *name)
{
	return name->at == SIZE_MAX ? NULL : l->names.s + name->at;
}

#endif
