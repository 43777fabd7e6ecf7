#ifndef HEALTHD_HEALTHMEMORY_H
#define HEALTHD_HEALTHMEMORY_H

/* What derive.c knows, as lines of JSON for lib/keep.h, and back. Pure. */

#include "healthd/derive.h"

/* Appends all, or what has changed since it was last asked (windows and baselines only with all). */
void memory_dump(struct derive *, bool all, struct strbuf *out);
/* Into a fresh one, whose rules are set. False: the text is not such; *why says which line. */
bool memory_load(struct derive *, const char *text, size_t len, struct strbuf *why);

#endif
