#ifndef ALERTD_TEXT_H
#define ALERTD_TEXT_H

/*
 * The text of an alert: words with places in braces. Pure.
 *
 *	{value}			what the rule looked at, as it stands in the record
 *	{value:1}		a number with one decimal, as printf has it
 *	{value*100:1}		the same, times 100
 *	{threshold}		the number of the rule's first level; :1 and *100 as above
 *	{name}			of the thing the alert is about
 *	{for}			how long it has been going on: 45s, 3m 20s, 2h 5m, 3d 4h
 *	{memory.usage_mb}	anything else is a path as in the rule; :1 and *100 as above
 *
 * What is not there reads "unknown". {{ is a brace.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/json.h"
#include "lib/strbuf.h"

enum { TEXT_CLIP = 512 };	/* bytes of a foreign string that a text takes in */

enum text_kind { TEXT_LITERAL, TEXT_VALUE, TEXT_THRESHOLD, TEXT_NAME, TEXT_FOR, TEXT_PATH };

struct text_part {
	enum text_kind kind;
	char *s;		/* literal, or path */
	bool top;		/* a path that began with a dot: a member of the record itself */
	size_t slot;		/* of a path: for who renders */
	double factor;
	int decimals;		/* -1: as it stands */
};

struct text {
	struct text_part *part;
	size_t n;
};

struct text_facts {
	struct span value;	/* p NULL: unknown */
	double threshold;
	const char *name;
	size_t name_len;
	int64_t for_ms;
	struct span (*at)(const void *ctx, bool top, size_t slot);	/* a path's value */
	const void *ctx;
};

/* False: *why says what is wrong; nothing is to be freed. */
bool text_parse(const char *s, struct text *out, struct strbuf *why);
void text_free(struct text *);
void text_render(const struct text *, const struct text_facts *, struct strbuf *out);
/* "3m 20s" */
void text_duration(int64_t ms, struct strbuf *out);
/* The decoded text of a JSON string, or the letters of another scalar, at most TEXT_CLIP bytes of it. */
void text_plain(struct span value, struct strbuf *out);

#endif
