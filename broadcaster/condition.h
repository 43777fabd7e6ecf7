#ifndef BROADCASTER_CONDITION_H
#define BROADCASTER_CONDITION_H

/* How those do whose records we have, as far as these tell. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broadcaster/alias.h"
#include "broadcaster/state.h"
#include "lib/strbuf.h"

enum { CONDITION_SILENT_MS = 90000 };	/* three times as long as it is from one source_status to the next */

/*
 * Does the collector of that name, or one of its instances (NAME@HOST), say that it is up, and has it said so
 * lately? Not while who runs it says that it is down.
 */
bool condition_source(struct state *, const char *name, int64_t now_ms);
/* Appends members, "name":"healthy" or "unhealthy" each; returns how many are healthy, *n of how many. */
size_t condition_parts(struct state *, const struct alias_component *, int64_t now_ms, size_t *n, struct strbuf *out);

#endif
