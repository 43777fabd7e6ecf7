#ifndef BROADCASTER_GRANT_H
#define BROADCASTER_GRANT_H

/*
 * What a token lets its bearer see, and until when. A NULL grant, as a {0} one with until_ms
 * GRANT_FOREVER, is everything for ever: what all get where no key is set. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/strbuf.h"

#define GRANT_FOREVER INT64_MAX

struct grant {
	int64_t until_ms;	/* wall clock: from then on it is over */
	uint64_t key;		/* the number of the key that let it in; 0: there was none */
	bool limited;		/* to these topics: */
	size_t n;
	struct strbuf keys;	/* as topics.h has them, each with a NUL behind it; "*" is not among them */
};

/* One more topic by any of its names ("*": no limit any more). False: not well-formed, nothing changed. */
bool grant_add(struct grant *, const char *name, size_t len);
void grant_free(struct grant *);
/* May all records of this type be seen? */
bool grant_type(const struct grant *, const char *type);
/* And those of this id? */
bool grant_part(const struct grant *, const char *type, const char *id);
/* Is there a topic "type.ID" among them? */
bool grant_has_parts(const struct grant *, const char *type);

#endif
