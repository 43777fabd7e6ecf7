#ifndef BROADCASTER_STATE_H
#define BROADCASTER_STATE_H

/*
 * Last values, one per (type, id). Pure. What a value means is nobody's business here: data is kept
 * and handed on byte for byte.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/record.h"

enum {
	STATE_TYPES_MAX = 256,
	STATE_ID_MAX = 512,	/* bytes of an id; a record with a longer one is ignored */
};

struct value {
	struct value *next_of_type;	/* values of one type, in order of first arrival */
	struct value *prev_of_type, *next_in_bucket;	/* state.c's */
	struct value_type *type;
	char *id;		/* decoded text; NULL: the type's one value without an id */
	char *data;		/* the record's data, NUL behind it */
	size_t len;
	char *source;		/* decoded; NULL: none */
	int64_t ms;		/* of the record; the time it came in where it had no stamp */
	int64_t came_ms;	/* the time it came in */
	bool demo;
	uint64_t version;	/* rises with every change of any value */
};

struct value_type {
	struct value_type *next;	/* all types, in order of first arrival */
	char *name;
	struct value *first, *last;
	size_t count;
	uint64_t version;	/* newest among its values, removals included */
	void *cookie;		/* the hub's */
};

enum state_result {
	STATE_CHANGED,		/* *out is the value, new or with new data (the same bytes again count as changed: a reading was taken) */
	STATE_GONE,		/* "data":null on a known id: *out is NULL, the value is freed */
	STATE_IGNORED,		/* no usable data: the last good value stays */
	STATE_FULL,		/* over max_values, max_bytes or STATE_TYPES_MAX; nothing changed */
};

struct state;

struct state *state_new(size_t max_values, size_t max_bytes);
void state_del(struct state *);
/*
 * source_status carries its members at the top where it has no data: then the whole record is kept as data;
 * where it has no id it goes by its source. Data is an object; types this file does not know may also have an
 * array, and with an id anything but null.
 */
enum state_result state_put(struct state *, const struct record *, int64_t now_ms, const struct value **out);
/* NULL where there is none. id NULL: the value without an id. */
const struct value *state_get(const struct state *, const char *type, const char *id);
struct value_type *state_type(struct state *, const char *type);	/* NULL: never seen */
struct value_type *state_types(struct state *);	/* the first; follow next */
uint64_t state_version(const struct state *);
size_t state_bytes(const struct state *);

#endif
