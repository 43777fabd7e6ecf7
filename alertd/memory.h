#ifndef ALERTD_MEMORY_H
#define ALERTD_MEMORY_H

/*
 * What the judge knows, as lines of JSON and back:
 *
 *	{"newest":MS,"messages":N,"swept":MS}			MS absent: none yet
 *	{"rule":"high_cpu","name":"","level":2,"active":true,"told":true,"since":MS,"spoke":MS,"cooldown":MS}
 *	{"watch":"source_down","name":"docker-stats","level":0,"limit":MS,"heard":MS,"due":MS,"silent":false}
 *
 * and the lines of recall.h. A later line about the same thing replaces an earlier one. Pure.
 */

#include <stdbool.h>

#include "judge.h"
#include "recall.h"

enum { MEMORY_FORMAT = 1 };

/* Appends what has changed since the last time, or all. */
void memory_dump(struct judge *, bool all, struct strbuf *out);
/*
 * Takes lines of memory_dump and recall_dump, one after another. What belongs to rules that there are no more is left
 * out. False: they make no sense, *why says which; the judge then knows some of it.
 */
bool memory_load(struct judge *, struct recall *, const char *text, size_t len, struct strbuf *why);

#endif
