#ifndef KATO_KEEP_H
#define KATO_KEEP_H

/*
 * What a tool knows, kept in a file over a restart or a kill. The file is lines of JSON:
 *
 *	{"tool":"alertd","format":1}
 *	lines of the tool's		one save: all of them count, or none
 *	{"commit":"0123456789abcdef"}	(hash64 of the lines since the last commit, the first line included)
 *	more saves, each with its commit
 *
 * A whole save replaces the file: FILE.new is written, brought to the disk, and given FILE's name. Others are
 * appended in one write. A save that was cut short by a kill is left out. FILE.lock is locked by who keeps it.
 *
 * A file that is broken, foreign, too large or of another format is never written over: it becomes
 * FILE.broken-SECONDS, the newest KEEP_ASIDE of which stay. What goes wrong is said here, in one wording for all
 * tools, and ends nobody: what is known is then in memory only, and the next try is made KEEP_AGAIN_MS later.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/log.h"
#include "lib/strbuf.h"

enum {
	KEEP_MAX_BYTES = 64 << 20,	/* of a file */
	KEEP_MORE_BYTES = 1 << 20,	/* appended at the least, before it is written whole again */
	KEEP_ASIDE = 8,
	KEEP_LOCK_MS = 1000,		/* how long one waits for a predecessor to be quite gone */
	KEEP_AGAIN_MS = 5000,
	KEEP_SAY_MS = 3600000,
};

struct keep {
	char *path;		/* NULL: nothing is kept */
	const char *tool;
	int format;
	int lock, fd;		/* of FILE.lock, and of FILE to append to; -1: none */
	size_t whole, more;	/* bytes in it: of the last whole save, and appended since */
	bool failing;
	int64_t again;		/* mono; when failing: not before */
	struct log_gate gate;
};

/*
 * file as given: a relative one lies in the state folder, which is made if need be: $STATE_DIRECTORY, else
 * $XDG_STATE_HOME/kato-live, else ~/.local/state/kato-live. Appends the lines that were kept, commits left out;
 * nothing where nothing was kept, or could be read. tool must live on. NULL or "": nothing is kept.
 */
void keep_open(struct keep *, const char *file, const char *tool, int format, struct strbuf *text);
/* The lines make no sense to the tool: the file is set aside. Before the first save. */
void keep_aside(struct keep *, const char *why);
/* Would a save be tried now? False: nothing is kept, or the last try failed just now. */
bool keep_ready(const struct keep *, int64_t mono);
/* The next save must be a whole one. */
bool keep_wants_all(const struct keep *);
/*
 * A whole save in parts, for what is too large to stand in memory twice: more appends the next lines, and says whether there
 * are still others. False: it has been said.
 */
bool keep_save_parts(struct keep *, bool (*more)(void *arg, struct strbuf *lines), void *arg, int64_t mono);
/* all: replaces the file and waits for the disk; else appended, and on the disk only if sync. False: it has been said. */
bool keep_save(struct keep *, const char *text, size_t len, bool all, bool sync, int64_t mono);
/* Forgets; the file stays. */
void keep_close(struct keep *);

#endif
