#ifndef COLLECTORS_PICKS_H
#define COLLECTORS_PICKS_H

/*
 * Which containers are wanted, by name or label, and which must exist. Pure.
 *
 *	--name 'web-*' --name db	those whose name matches one of them
 *	--label app=kato		and those that carry one of the labels
 *	--expect db			db is wanted, and its absence is worth saying
 *	nothing of the kind		kato*, and kato is expected once any of them was seen
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/json.h"
#include "lib/settings.h"

struct picks {
	const struct strlist *names;	/* globs as of fnmatch(3) */
	const struct strlist *labels;	/* KEY=VALUE, or KEY alone for any value */
	const struct strlist *expect;	/* exact names; the word none: nothing is */
	bool all;
	bool seen;	/* a container was found by the usual pattern */
};

/* The lists must live on; empty ones stand for "not given". */
void picks_init(struct picks *, const struct strlist *names, const struct strlist *labels, const struct strlist *expect,
    bool all);
/* Remembers that a kato* was seen. */
bool picks_name(struct picks *, const char *name);
/* labels: a JSON object of strings, or absent. */
bool picks_labels(const struct picks *, struct span labels);
/* The i-th expected name; NULL: no more. */
const char *picks_expected(const struct picks *, size_t i);
bool picks_is_expected(const struct picks *, const char *name);
/* For a message: "whose name matches kato*", ended by a NUL and cut to size. */
void picks_describe(const struct picks *, char *out, size_t size);

#endif
