#ifndef BROADCASTER_JOURNALREAD_H
#define BROADCASTER_JOURNALREAD_H

/*
 * What the files of a journal hold. A journal is two segments: FILE, and FILE.1, whose events come directly before
 * it. A new segment is made as FILE.new; then FILE becomes FILE.1, and FILE.new FILE. So whoever is killed at any
 * moment leaves either FILE, or FILE.1 and a FILE.new that is whole: this one is then given its name here.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "broadcaster/history.h"
#include "broadcaster/journaltext.h"

enum journal_verdict {
	JOURNAL_NONE,		/* there is none, or an empty one */
	JOURNAL_GOOD,		/* it can be gone on with */
	JOURNAL_UNCLEAN,	/* of another boot of this machine, and not closed: its end may be missing */
	JOURNAL_BROKEN,		/* something in it is not as it was written */
	JOURNAL_FOREIGN,	/* no journal, or of another format */
};

struct journal_found {
	enum journal_verdict verdict;
	struct journaltext text;	/* of FILE, up to its end */
	struct history *history;	/* what could be read, newest last; NULL where there is no epoch either */
	off_t good;			/* bytes of FILE that are whole records */
	off_t torn;			/* and of a record behind them that was cut short */
	bool emptied;			/* FILE is there, and has no whole record */
	bool older_bad;			/* it is FILE.1 that is broken */
	off_t at;			/* BROKEN: where */
	int error;			/* a file that cannot be read: an errno; 0: none */
};

/* boot: this boot's id; empty: not known. The history is the caller's. */
void journalread(const char *path, const char *boot, size_t max_count, size_t max_bytes, struct journal_found *);
/* PATH and a suffix; the caller frees. */
char *journalread_beside(const char *path, const char *suffix);

#endif
