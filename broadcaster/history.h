#ifndef BROADCASTER_HISTORY_H
#define BROADCASTER_HISTORY_H

/*
 * The latest events, each with its offset: 1 for the first of an epoch, one more for each that follows,
 * over all event types. A ring bounded by count and by bytes. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/record.h"

struct event {
	uint64_t offset;
	const char *type;	/* the word, lives as long as the event */
	int64_t ms;		/* of the record, or of its arrival where it had no stamp */
	bool demo;
	const char *message;	/* the record as clients get it: see below */
	size_t len;
};

struct history;

/*
 * A message is the record's own bytes with ,"offset":N put in last, and "timestamp" in front of that where it had
 * none. A "timestamp" that is not UTC with milliseconds, and an "offset" of another broadcaster, are replaced where
 * they stand.
 */

/* epoch is copied: 1 to 64 letters or digits. The newest event is kept even where it alone is over the bounds. */
struct history *history_new(const char *epoch, size_t max_count, size_t max_bytes);
void history_del(struct history *);
/*
 * Keeps one more event, pushing out the oldest; NULL: an event of that type and id is still in the history,
 * this one is a repeat. The result lives until it is pushed out: until the next history_add at the latest.
 */
const struct event *history_add(struct history *, const struct record *, int64_t now_ms);
/* An empty history goes on behind this offset. */
void history_continue(struct history *, uint64_t newest);
/*
 * Keeps a message that history_add once made, parsed again, with the id it had. False: it is not the event whose
 * offset follows the newest.
 */
bool history_restore(struct history *, const struct record *);
uint64_t history_newest(const struct history *);	/* 0: none yet */
uint64_t history_oldest(const struct history *);	/* of those kept; newest + 1 when none is */
const struct event *history_at(const struct history *, uint64_t offset);	/* NULL: not kept */
/* Are all events after this offset still here? Also true for the newest; false for one that never was. */
bool history_reaches(const struct history *, uint64_t offset);
const char *history_epoch(const struct history *);
size_t history_bytes(const struct history *);

#endif
