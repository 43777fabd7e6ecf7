#ifndef BROADCASTER_JOURNALFILE_H
#define BROADCASTER_JOURNALFILE_H

/* The journal from inside: what journal.c and journalopen.c share. Nobody else includes this. */

#include "broadcaster/journal.h"
#include "broadcaster/journaltext.h"
#include "lib/log.h"
#include "lib/strbuf.h"

struct journal {
	struct journal_options opt;
	struct journaltext text;	/* what the next header or begin says */
	struct history *history;
	char *path, *old, *new;		/* FILE, FILE.1, FILE.new */
	int lock, fd;
	int old_fd;			/* of FILE.1, while some of it may not be on the disk; else -1 */
	size_t bytes;			/* in FILE */
	struct strbuf waiting;		/* for journal_commit */
	struct journalsync *sync;	/* NULL: nothing to do for a thread */
	bool dirty, renamed;		/* data, names that may not be on the disk */
	bool failing, is_aside;
	uint64_t taken;
	int64_t synced_ms, again_ms;	/* mono */
	struct log_gate gate;
};

/* The history becomes the file, by way of FILE.new, and is on the disk then. 0, or an errno: as before. */
int journalfile_write_whole(struct journal *);
/* The file can't be written: served from memory. */
void journalfile_fail(struct journal *, int error);

#endif
