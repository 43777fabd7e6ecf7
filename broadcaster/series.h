#ifndef BROADCASTER_SERIES_H
#define BROADCASTER_SERIES_H

/*
 * What charts are filled from: for each named series the values of the last 24 h, at full resolution
 * for a while, older ones averaged down. Which member of which record feeds which series is a table
 * in series.c (wire.md's names). Bounded: series, points a series. Pure.
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/json.h"
#include "lib/strbuf.h"

struct series_set;

struct series_set *series_new(void);
void series_del(struct series_set *);
/* A state record's data; takes what the table names. */
void series_take(struct series_set *, const char *type, struct span data, int64_t ms);
/* Appends the time_series object of /api/v1/system/stats: {NAME:[{"timestamp":seconds,"value":v},…]}, at most 600 points a series. */
void series_json(const struct series_set *, int minutes, int64_t now_ms, struct strbuf *out);

#endif
