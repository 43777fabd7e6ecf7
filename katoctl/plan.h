#ifndef KATOCTL_PLAN_H
#define KATOCTL_PLAN_H

/*
 * A pipeline file as data. One stage a line:
 *
 *	collect NAME COMMAND [ARGUMENT…]	writes lines
 *	filter  NAME COMMAND [ARGUMENT…]	reads all lines, writes them out again, may add some
 *	map     NAME COMMAND [ARGUMENT…]	as a filter, but may drop or change lines
 *	sink    NAME COMMAND [ARGUMENT…]	takes lines
 *	feed    PATH				a socket others write lines to
 *	demo    FILE [FILE…]			what a demo plays in the place of all collectors and feeds, and of what stands above
 *
 * # begins a comment where a word could begin. Quotes and backslashes are as in a shell; nothing is
 * expanded; | & ; < > count as letters only inside quotes. Filters and maps apply in the order given.
 * Pure: whether a program exists is not looked at here.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/strbuf.h"

enum plan_kind { PLAN_COLLECT, PLAN_FILTER, PLAN_MAP, PLAN_SINK, PLAN_FEED, PLAN_DEMO /* no stage has it */ };

enum { PLAN_MAX_STAGES = 64, PLAN_MAX_WORDS = 256, PLAN_NAME_MAX = 32, PLAN_MAX_ERRORS = 20, PLAN_PATH_MAX = 107, PLAN_MAX_DEMOS = 8 };

struct plan_stage {
	enum plan_kind kind;
	char *name;	/* unique; a feed's is "feed" */
	char **argv;	/* at least one word, NULL behind the last; a feed's one word is its path */
	int line;
};

struct plan {
	struct plan_stage *v;
	size_t n;
	char **demo;	/* its recordings, NULL behind the last; NULL: no such line */
	size_t demo_at;	/* so many stages stand above it */
};

const char *plan_word(enum plan_kind);	/* "collect" */
/*
 * Reads the whole text. False: errs has a line "FILE:LINE: word: what is wrong" for each mistake (up to
 * PLAN_MAX_ERRORS), and there is nothing to free.
 */
bool plan_parse(const char *text, size_t len, const char *file, struct plan *out, struct strbuf *errs);
void plan_free(struct plan *);

#endif
