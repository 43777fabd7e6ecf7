#ifndef KATO_JSON_H
#define KATO_JSON_H

/*
 * JSON (RFC 8259) as spans of the text it came in: checked whole once, then walked without a tree,
 * without memory and without rounding a number. For foreign documents use cJSON and jsonget.h.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/strbuf.h"

enum {
	JSON_MAX_DEPTH = 128,	/* objects and arrays inside each other */
	JSON_TOP = 12,
};

struct span {
	const char *p;	/* not NUL-terminated; NULL: absent */
	size_t len;
};

enum json_error {
	JSON_OK,
	JSON_SYNTAX,
	JSON_DEPTH,	/* deeper than JSON_MAX_DEPTH */
	JSON_UTF8,	/* bytes that are not UTF-8 */
};

/*
 * Checks that text is exactly one JSON value, white space around it allowed. On an error *at is the
 * offset. Lone surrogate escapes (\ud800) count as a syntax error: no UTF-8 could say them.
 */
enum json_error json_check(const char *text, size_t len, size_t *at);
const char *json_strerror(enum json_error);

/*
 * The same, and notes the members of the object that the text is, as they come, as many as there is
 * room for: checking and looking in one walk.
 */
struct json_top {
	struct span key[JSON_TOP], value[JSON_TOP];
	size_t n;
	bool more;	/* there were more: walk it again */
};

enum json_error json_check_top(const char *text, size_t len, size_t *at, struct json_top *);

/*
 * The rest is for text that json_check has passed. A value is a span from its first to its last byte;
 * its first byte tells its kind: { [ " t f n or a digit or minus.
 */
struct json_iter {
	const char *p, *end;
};

struct span json_trim(const char *text, size_t len);
/* Members of an object in order; the key is a string value, quotes included. False: no more. */
struct json_iter json_iter(struct span value);
bool json_next_member(struct json_iter *, struct span *key, struct span *value);
bool json_next_element(struct json_iter *, struct span *value);
/* Is this string value equal to s? Escapes are decoded. */
bool json_equals(struct span string, const char *s);
/* The last member of that name (as browsers and jq take it); {NULL,0} if absent or not an object. */
struct span json_member(struct span object, const char *name);
/* The same along a dotted path: "aggregated.total_cpu_percent". */
struct span json_path(struct span object, const char *path);
/*
 * A cursor, for who looks inside and must not pay for finding the end of a value twice. It stands at a
 * value; json_enter goes into an object or array, where json_key and json_element go from one value
 * to the next, and behind the closing bracket when they return false. Every value stood at must be taken or
 * entered and walked to its end.
 */
struct json_cursor {
	const char *p, *end;
};

struct json_cursor json_cursor(struct span value);
bool json_at(const struct json_cursor *, char kind);	/* kind as for json_is */
void json_enter(struct json_cursor *);
/* *escaped: the key holds a backslash, so its bytes are not its name. */
bool json_key(struct json_cursor *, struct span *key, bool *escaped);
bool json_element(struct json_cursor *);
struct span json_take(struct json_cursor *);

bool json_is(struct span, char kind);	/* kind: '{' '[' '"' 'b' (bool) 'n' (null) '0' (number) */
/* False: absent, not a number, or too large for a double. */
bool json_number(struct span, double *out);
/* Appends the decoded text of a string value; false if it is not a string, or holds \u0000. */
bool json_string(struct span, struct strbuf *out) __asm__("kato_json_string");	/* jansson has another, which libjwt calls */

#endif
