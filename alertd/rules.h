#ifndef ALERTD_RULES_H
#define ALERTD_RULES_H

/*
 * A rules file, read: alertd(1) has the language, share/alerts.conf the rules that are built in.
 * Parsing fills the structs and stops. Pure.
 */

#include <stdbool.h>
#include <stddef.h>

#include "cooldown.h"
#include "lib/strbuf.h"
#include "text.h"

enum { RULES_MAX = 256, RULES_MAX_BYTES = 1 << 18, RULE_MEMBERS = 4, RULE_LEVELS = 3, RULE_VALUES = 4 };

/* Where a rule looks: inside data, inside an element of its each, or (".id") at the members of the record itself. */
struct rule_path {
	char *path;		/* NULL: not given. Without the dot of a ".id" */
	bool top;		/* it began with a dot */
	size_t slot;		/* for the judge */
};

enum rule_op { RULE_ALWAYS, RULE_LT, RULE_LE, RULE_EQ, RULE_NE, RULE_GE, RULE_GT };

struct rule_level {
	enum level level;
	enum rule_op op;
	char *word;		/* compared with a string or true and false; NULL: with number */
	double number;
};

struct rule {
	char *name;		/* the alert's type, and the first part of its key */
	int line;		/* where it begins in the file */
	char *on;		/* record type */
	struct rule_path each, partial, by;
	struct rule_path value[RULE_VALUES];	/* the first that is there counts */
	size_t nvalues;
	struct rule_level level[RULE_LEVELS];	/* the first says when it fires, later ones raise */
	size_t nlevels;
	char *by_member;	/* what an alert calls the name; NULL: nothing */
	struct {
		struct rule_path from;
		char *name;
	} with[RULE_MEMBERS];
	size_t nwith;
	bool event;		/* each record is a firing of its own, none ends */
	int decimals;		/* of the alert's "value" */
	double cooldown_s;	/* -1: the common one */
	struct rule_path interval;	/* of a rule that has silent: where the thing says its interval, ms */
	double silent_intervals, silent_s;
	struct text say, resolved, gone, silent;	/* n 0: not given */
};

struct rules {
	struct rule *v;
	size_t n;
};

/* The value of a $NAME. False: there is none of that name. */
typedef bool rules_lookup(const void *ctx, const char *name, double *value);

/*
 * text is NUL-terminated; file names it in messages. False: errors holds one line a mistake,
 * "FILE:LINE: word: what is wrong", each newline-ended; out is untouched.
 */
bool rules_parse(const char *text, const char *file, rules_lookup *lookup, const void *ctx, struct rules *out, struct strbuf *errors);
void rules_free(struct rules *);

#endif
