#ifndef BROADCASTER_SHAPE_H
#define BROADCASTER_SHAPE_H

/*
 * Somebody's JSON object as a client's program can rely on it: each member of a table is there and of its kind
 * (dialect.h, fields), its own bytes where they are good; members beyond the table stay as they are, but for those
 * that hold a number no double can. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broadcaster/dialect.h"
#include "lib/json.h"

/* Where the value of each field stands in the output. */
struct shape_places {
	size_t at[DIALECT_FIELDS_MAX], len[DIALECT_FIELDS_MAX];
};

/*
 * Appends the object that data (text json_check has passed; absent is an empty object) becomes; ms: of its record.
 * False: it is none, or a text that identifies it is missing, and nothing is appended. places may be NULL.
 */
bool shape(const struct dialect_field *, struct span data, int64_t ms, struct strbuf *out, struct shape_places *);
/* Appends what this value becomes as a field of that kind, which is not FIELD_ID and has no from. */
void shape_value(const struct dialect_field *, struct span value, int64_t ms, struct strbuf *out);
/* The place of a field in its table; DIALECT_FIELDS_MAX: not there. */
size_t shape_field(const struct dialect_field *, const char *name);

#endif
