#ifndef BROADCASTER_JOURNAL_H
#define BROADCASTER_JOURNAL_H

/*
 * The history kept in a file, so that events, their offsets and the epoch survive a restart and a kill. The format
 * is journaltext.h's, the files are journalread.h's. FILE.lock is locked by who writes.
 *
 * What goes wrong while running is said and counted, and ends nobody: the file is set aside as
 * FILE.broken-SECONDS, so that a restart begins a new epoch, the history is served from memory, and every
 * JOURNAL_AGAIN_MS it is tried to write it whole again.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broadcaster/history.h"

enum {
	JOURNAL_LOCK_MS = 1500,		/* how long one waits for a predecessor to be quite gone */
	JOURNAL_AGAIN_MS = 60000,
	JOURNAL_SAY_MS = 3600000,
};

struct journal_options {
	const char *file;		/* as given: a relative one lies in the state folder (lib/keep.h); NULL: no journal */
	const char *boot;		/* this boot's id; NULL: as the kernel says */
	const char *fresh_epoch;	/* for a new one */
	const char *run;		/* who feeds us, by a name of his own; "": unknown */
	size_t max_count, max_bytes;	/* of the history, and of each of the two files */
	int64_t sync_ms;		/* data to the disk: 0: before it is sent; else so often; -1: when the kernel likes to */
	uint64_t *errors, *bytes;	/* counters */
};

struct journal;

/*
 * Makes the history, of what the file holds if it can be gone on with, and the journal; NULL without a file. What is
 * wrong with the settings ends the process: 2; a file another broadcaster writes: 1.
 */
struct journal *journal_open(const struct journal_options *, struct history **);
/* Of the run in the options: so many of its lines had been taken by who wrote the journal before us. */
uint64_t journal_taken(const struct journal *);

/* All of these take NULL. */
/* The event waits for journal_commit; lines: how many of the run have been taken with it. */
void journal_add(struct journal *, const struct event *, uint64_t lines);
/* Writes what waits, in one write. Afterwards it may be sent, whether that went well or not. */
void journal_commit(struct journal *, int64_t mono);
/* Once a second: what is due. */
void journal_tick(struct journal *, int64_t mono);
/* We are about to close: the disk may begin. */
void journal_closing(struct journal *);
/* All to the disk, and the mark that says so. Nothing may be added any more. */
void journal_close(struct journal *);
bool journal_healthy(const struct journal *);	/* false also for NULL */

#endif
