#ifndef BROADCASTER_ALIAS_H
#define BROADCASTER_ALIAS_H

/*
 * The HTTP paths at which a dialect's clients ask for what its messages hold (dialect.h, routes): rows again, one
 * handler for all (routes_dialect.c). Here: which row a path is, what the parameters say, what they pick. Pure.
 *
 * Texts are templates as those of dialect.h: $data $count (of the elements in it) $id (a JSON string) $time, each
 * parameter by its name, and of a report $status $running $clients $components.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broadcaster/dialect.h"
#include "broadcaster/query.h"
#include "lib/json.h"
#include "lib/strbuf.h"

enum {
	ALIAS_PARAMS_MAX = 4,	/* of a row */
	ALIAS_VARS_MAX = 8,	/* names of a text beside those and $id */
};

enum alias_kind {
	ALIAS_STATE,	/* what a state message holds, without its envelope */
	ALIAS_LIST,	/* those elements of a section that the parameters pick */
	ALIAS_ELEMENT,	/* the one whose field of that name is the path's {id}; 404 */
	ALIAS_VALUE,	/* a section's, byte for byte */
	ALIAS_ARRAY,	/* of a section that is one value, the member of that name, an array: its first elements; null is none */
	ALIAS_OBJECT,	/* the same, an object; null is an empty one */
	ALIAS_TEXT,	/* the template alone */
	ALIAS_REPORT,	/* how we do: template and components */
};

enum alias_param_kind {
	ALIAS_NUMBER,	/* a whole number, for the template; out of range it is refused */
	ALIAS_LIMIT,	/* the same: so many elements at most */
	ALIAS_CLAMPED,	/* the same, but what is out of range becomes what is nearest */
	ALIAS_WORD,	/* one of words: only elements whose member of that name is this */
	ALIAS_FLAG,	/* true or false: only those whose member of that name is true */
	ALIAS_NAME,	/* a short name, which changes nothing */
};

struct alias_param {
	const char *name;	/* NULL ends the list */
	enum alias_param_kind kind;
	long long min, max, otherwise;
	const char *words;	/* "a|b|c" */
	const char *member;
};

/* A part of a report: healthy while what it looks at is (condition.h). */
struct alias_component {
	const char *name;	/* NULL ends the list */
	const char *source;	/* a collector is up; NULL: */
	const char *type;	/* something of this record type is known */
};

struct dialect_route {
	const char *path;	/* with {id} for what may stand there; NULL ends the list */
	enum alias_kind kind;
	const char *section, *member;
	const struct alias_param *params;	/* NULL: none */
	const char *text;	/* NULL: $data */
	const struct alias_component *components;
};

struct alias {
	const struct dialect *dialect;
	const struct dialect_route *route;
	const char *id;		/* in the path, as long as that lives */
	size_t id_len;
};

/* By a path, decoded. What {id} stands for is not empty and may hold slashes. False: it is none. */
bool alias_at(const char *path, struct alias *out);

/* What a request's parameters say, in the order of the row's. */
struct alias_values {
	long long number[ALIAS_PARAMS_MAX];	/* a flag: 0 or 1 */
	const char *text[ALIAS_PARAMS_MAX];	/* NULL: it was not there */
};

/* False: *why says what is wrong with which. */
bool alias_values(const struct dialect_route *, const struct query *, struct alias_values *out, struct strbuf *why);
/* How many elements at most; 0: without limit. */
size_t alias_most(const struct dialect_route *, const struct alias_values *);
/* Is this element among those asked for? */
bool alias_picks(const struct alias *, const struct alias_values *, struct span element);
/* Appends the row's text filled in. vars ends with a NULL name; the parameters are added to it. */
void alias_fill(const struct alias *, const struct alias_values *, const struct dialect_var *vars, struct strbuf *out);

#endif
