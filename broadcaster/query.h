#ifndef BROADCASTER_QUERY_H
#define BROADCASTER_QUERY_H

/*
 * The parameters of a request's query, checked. Names and values come decoded, one "name=value" text a
 * parameter. What a route does not know is left alone; what it knows and cannot use is refused by name. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/strbuf.h"

enum {
	QUERY_MAX = 32,		/* parameters; more are refused by who collects them */
	QUERY_NAME_MAX = 64,
};

struct query {
	size_t n;
	const char *v[QUERY_MAX];
};

/* The value of the last parameter of that name; NULL: it is not there. An empty one counts as not there. */
const char *query_text(const struct query *, const char *name);
/* A whole number from min to max, otherwise where it is not there. False: *why says what is wrong with which. */
bool query_int(const struct query *, const char *name, long long min, long long max, long long otherwise, long long *out,
    struct strbuf *why);
/* The same, but any whole number will do: one out of range becomes what is nearest. */
bool query_clamped(const struct query *, const char *name, long long min, long long max, long long otherwise, long long *out,
    struct strbuf *why);
/* true or false, or what else web frameworks take for these: 1 0 yes no on off y n t f, in any case. False where it is not there. */
bool query_flag(const struct query *, const char *name, bool *out, struct strbuf *why);
/* A short name: letters, digits, and _ . - ; at most QUERY_NAME_MAX bytes. *out is NULL where it is not there. */
bool query_name(const struct query *, const char *name, const char **out, struct strbuf *why);
/* One of the words in "a|b|c". False: *why. *out is NULL where it is not there. */
bool query_choice(const struct query *, const char *name, const char *words, const char **out, struct strbuf *why);

/* A place in the history: behind an offset, or not before a time. */
struct query_since {
	uint64_t offset;	/* events after this one */
	int64_t ms;		/* and not older than this; INT64_MIN: of any age */
};

/*
 * since=OFFSET, since=EPOCH:OFFSET (another epoch: everything is new to who asks), or an RFC 3339 time.
 * Not there: everything.
 */
bool query_since(const struct query *, const char *epoch, struct query_since *out, struct strbuf *why);

#endif
