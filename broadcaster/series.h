#ifndef BROADCASTER_SERIES_H
#define BROADCASTER_SERIES_H

/*
 * What charts are filled from: for each named series the values of the last 24 h, the newest as they
 * came, older ones averaged. Which member of which record feeds which series is a table in series.c
 * (wire.md's names). Bounded: 8 series with a name of their own and SERIES_CONTAINERS containers with two
 * each, of TRACK_BYTES (some 34 KB): 18 MB when all are full. A container that gave no value for
 * SERIES_STALE_MS makes room for a new one when there is none; after a day it is dropped. Pure.
 */

#include <stddef.h>
#include <stdint.h>

#include "broadcaster/grant.h"
#include "lib/json.h"
#include "lib/strbuf.h"

enum {
	SERIES_CONTAINERS = 256,
	SERIES_NAME_MAX = 128,		/* bytes of a container's name; longer ones have no series */
	SERIES_STALE_MS = 60000,
	SERIES_DAY_MS = 86400000,
	SERIES_AHEAD_MS = 300000,	/* values dated further ahead are not taken */
};

struct series_set;

struct series_set *series_new(void);
void series_del(struct series_set *);
/* A state record's data, dated ms; takes what the table names, if it is not older than a day or far in the future. */
void series_take(struct series_set *, const char *type, struct span data, int64_t ms, int64_t now_ms);
/* Appends the time_series object of /api/v1/system/stats: {NAME:[{"timestamp":seconds,"value":v},…]}, at most 600 points a series.
 * only: names, "a,b,c"; NULL for all. What the grant does not allow is left out. */
void series_json(const struct series_set *, int minutes, int64_t now_ms, const char *only, const struct grant *,
    struct strbuf *out);
size_t series_containers(const struct series_set *);
/* Rises with each value taken. */
uint64_t series_version(const struct series_set *);

#endif
