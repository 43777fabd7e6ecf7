#ifndef KATO_SETVALUE_H
#define KATO_SETVALUE_H

/* One setting's text to its value: the half of settings.h that knows kinds and ranges. */

#include "lib/settings.h"

enum setvalue_how {
	SETVALUE_ONE,	/* replaces; a list gets this one */
	SETVALUE_ADD,	/* a list gets one more */
	SETVALUE_SPLIT,	/* replaces; a list is split at commas */
	SETVALUE_DEFAULT,	/* as SPLIT, from the table: may lie outside the range (-1: unset) */
};

/* False: *why says what is wrong with the value, without naming it. */
bool setvalue_put(const struct setting *, void *dst, const char *text, enum setvalue_how, struct strbuf *why);
void setvalue_free(const struct setting *, void *dst);
/* A line of a settings file, taken apart in place; *name NULL: blank or comment. False: neither. */
bool setvalue_split_line(char *line, char **name, char **value);

#endif
