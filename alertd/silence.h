#ifndef ALERTD_SILENCE_H
#define ALERTD_SILENCE_H

/*
 * Who said how often it would speak, and has not. Time is the newest time the stream has shown, so it
 * stands still when nothing comes at all. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cooldown.h"

enum { SILENCE_MAX = 1000, SILENCE_AGAIN_MS = 1000, SILENCE_LIMIT_MS = 86400000 };	/* a day at most */

struct watched {
	char *name;
	size_t len;
	int64_t limit_ms, last_ms, due_ms;
	bool silent;
	bool changed;		/* anything of it; the caller clears it */
	enum level level;	/* what it said of itself last; the caller's */
};

struct silence {
	struct watched *v;
	size_t n;
	int64_t next_ms;	/* nobody is due before */
	uint64_t refused;	/* names that found no room */
};

void silence_free(struct silence *);
/* Heard now, and from now on due limit_ms after it was last heard. NULL: SILENCE_MAX others are watched; counted. */
struct watched *silence_watch(struct silence *, const char *name, size_t len, int64_t limit_ms, int64_t now);
/* It spoke. Returns it if it had been silent, to be told; valid until the next silence_watch. */
struct watched *silence_heard(struct silence *, const char *name, size_t len, int64_t now);
/* One that is silent now, NULL: no more. One that stays silent comes again every SILENCE_AGAIN_MS. */
struct watched *silence_due(struct silence *, int64_t now);
/* A new timeline: all were heard just now. */
void silence_begin(struct silence *, int64_t now);

#endif
