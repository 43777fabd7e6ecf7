#ifndef KATOCTL_RETIME_H
#define KATOCTL_RETIME_H

/*
 * A recorded line at another time. Pure. Every time stamp in it moves as far as its "timestamp" does,
 * so that what lies between them stays: a string anywhere in the record that has the stream's own form
 * ("2026-11-20T22:04:45.219Z", nothing else in it, not a member's name). Not a byte else is changed.
 */

#include <stdint.h>

#include "lib/record.h"
#include "lib/strbuf.h"

/*
 * Appends the line of n bytes that r was parsed from. to_ms: what its timestamp, if it is stamped, becomes;
 * RETIME_KEEP: time stays. suffix: what is added to its id, if that is a string; NULL: nothing.
 */
#define RETIME_KEEP INT64_MIN
void retime_line(const struct record *r, const char *line, size_t n, int64_t to_ms, const char *suffix, struct strbuf *out);

#endif
