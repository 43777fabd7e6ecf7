#ifndef KATO_RECORD_H
#define KATO_RECORD_H

/*
 * A line of the stream (kato-stream(5)) looked at, not taken apart: the members every record has, as
 * spans of the line. Nothing is copied; spans live as long as the line.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/json.h"

enum record_result {
	RECORD_OK,
	RECORD_EMPTY,		/* nothing but white space: to be skipped, no fault */
	RECORD_NOT_JSON,	/* see record.error and record.at */
	RECORD_NOT_OBJECT,
	RECORD_NO_TYPE,		/* no string "type", or not lower-case words joined by _ */
};

struct record {
	struct span line;	/* the object itself, white space and a \r at its ends cut */
	struct span type;	/* the word, without quotes */
	struct span timestamp, source, id, data;	/* whole values, quotes included; p is NULL where absent */
	int64_t ms;		/* of timestamp */
	bool stamped;		/* timestamp is there and RFC 3339; else ms is 0 */
	bool demo;		/* "demo":true */
	enum json_error error;
	size_t at;		/* byte offset of a JSON error in the line */
};

enum { RECORD_TYPE_MAX = 64 };

enum record_result record_parse(const char *line, size_t len, struct record *out);
const char *record_strerror(enum record_result);
bool record_is(const struct record *, const char *type);
/* One of the types of kato-stream(5) of which the last value counts; all others are events. */
bool record_is_state(const struct record *);

#endif
