#ifndef ALERTD_RULEWORDS_H
#define ALERTD_RULEWORDS_H

/* The lines inside a rule, one keyword each: the half of rules.c that knows the words. Pure. */

#include "rules.h"

struct rulewords {
	const char *file;
	int line;		/* where we are */
	rules_lookup *lookup;
	const void *ctx;
	struct strbuf *errors;
	int nerrors;
	int before;		/* nerrors when the rule began */
	char *word[RULE_VALUES];	/* behind the keyword */
	size_t nwords;
	char *text;		/* and behind them */
};

/* Takes a line that is not blank (changed in place) into the rule. False: a mistake was noted. */
bool rulewords_take(struct rulewords *, struct rule *, char *line);
/* Notes "FILE:line: word: what" (what NULL: it is in word). Always false. */
bool rulewords_wrong(struct rulewords *, int line, const char *word, const char *what);
/* Lower-case letters, digits and _, a letter first, at most 64. */
bool rulewords_is_name(const char *);

#endif
