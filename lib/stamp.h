#ifndef KATO_STAMP_H
#define KATO_STAMP_H

/* Time stamps of the stream: RFC 3339, UTC, milliseconds, "2026-11-20T22:04:45.219Z". Times are ms since 1970. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STAMP_LEN = 24 };	/* "2026-11-20T22:04:45.219Z" without the NUL */

/*
 * Takes any RFC 3339 date-time (section 5.6: any fraction, offset or Z, t and z in lower case, a
 * leap second as the second before); finer than ms is cut off. False: not one, *ms untouched.
 */
bool stamp_parse(const char *, size_t, int64_t *ms);
/* Years 0 to 9999; what lies outside is clamped. Writes the NUL too; returns out. */
char *stamp_format(int64_t ms, char out[STAMP_LEN + 1]);

int64_t stamp_now(void);	/* the wall clock */
int64_t stamp_mono(void);	/* CLOCK_MONOTONIC, ms */

#endif
