#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broadcaster/journal.h"
#include "broadcaster/journalfile.h"
#include "broadcaster/journalread.h"
#include "broadcaster/journalsync.h"
#include "lib/fdio.h"
#include "lib/keeppath.h"
#include "lib/log.h"
#include "lib/stamp.h"
#include "lib/xalloc.h"

enum { PIECE = 1 << 20 };	/* of a journal that is written whole */

static void
shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* The files leave their names, so that nobody goes on from them. False: not yet. *to: where to, empty where nothing was there. */
static bool
set_aside(struct journal *j, struct strbuf *to)
{
	bool gone = keeppath_aside(j->path, stamp_now(), to);

	if (!gone && errno == ENOENT) {
		strbuf_reset(to);
		gone = true;
	}
	if (unlink(j->new) < 0 && errno != ENOENT)
		gone = false;
	unlink(j->old);
	return gone;
}

/* From here on the history is in memory only. */
static void
fail(struct journal *j, int64_t mono, const char *why)
{
	struct strbuf to = {0};
	uint64_t skipped;

	++*j->opt.errors;
	shut(&j->fd);
	shut(&j->old_fd);
	strbuf_reset(&j->waiting);
	j->failing = true;
	j->again_ms = mono + JOURNAL_AGAIN_MS;
	j->is_aside = set_aside(j, &to);
	if (log_gate_open(&j->gate, mono, JOURNAL_SAY_MS, &skipped))
		log_error("journal %s: %s; %s%s: events are in memory only, and a restart begins a new epoch", j->path, why,
		    to.len ? "set aside as " : "not set aside", to.len ? to.s : "");
	strbuf_free(&to);
}

/* 0, or an errno. */
static int
put(struct journal *j, int fd, const struct strbuf *b)
{
	if (fd_write_all(fd, b->s, b->len) < 0)
		return errno;
	*j->opt.bytes += b->len;
	return 0;
}

static int
open_new(const struct journal *j)
{
	return open(j->new, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/* The header of a segment whose first event has this offset. */
static void
add_header(struct journal *j, uint64_t first, struct strbuf *out)
{
	j->text.first = first;
	journaltext_header(out, &j->text);
}

/* The whole history into fd. 0, or an errno. */
static int
put_history(struct journal *j, int fd)
{
	struct strbuf b = {0};
	uint64_t newest = history_newest(j->history);
	int e = 0;

	add_header(j, history_oldest(j->history), &b);
	j->bytes = 0;
	for (uint64_t o = history_oldest(j->history); !e && o <= newest; o++) {
		const struct event *event = history_at(j->history, o);

		journaltext_event(&b, event->message, event->len, j->text.lines);
		if (b.len > PIECE || o == newest) {
			j->bytes += b.len;
			e = put(j, fd, &b);
			strbuf_reset(&b);
		}
	}
	if (!e && b.len)
		e = put(j, fd, &b);
	strbuf_free(&b);
	return e;
}

int
journalfile_write_whole(struct journal *j)
{
	int fd = open_new(j), e = fd < 0 ? errno : put_history(j, fd);

	if (!e && (fdatasync(fd) < 0 || rename(j->new, j->path) < 0))
		e = errno;
	if (e) {
		shut(&fd);
		unlink(j->new);
		return e;
	}
	unlink(j->old);
	shut(&j->fd);
	j->fd = fd;
	j->dirty = false;
	return keeppath_sync(j->path) < 0 ? errno : 0;
}

/* FILE becomes FILE.1, and an empty segment FILE. 0, or an errno. See journalread.h. */
static int
rotate(struct journal *j)
{
	struct strbuf b = {0};
	int fd = open_new(j), e = fd < 0 ? errno : 0;

	add_header(j, history_newest(j->history) + 1, &b);
	if (!e)
		e = put(j, fd, &b);
	if (!e && !j->opt.sync_ms && fdatasync(fd) < 0)
		e = errno;
	if (!e && (rename(j->path, j->old) < 0 || rename(j->new, j->path) < 0))
		e = errno;
	if (!e && !j->opt.sync_ms && keeppath_sync(j->path) < 0)
		e = errno;
	if (e) {
		shut(&fd);
	} else {
		shut(&j->old_fd);	/* of what was FILE.1 until now, and is gone */
		j->old_fd = j->fd;
		j->fd = fd;
		j->bytes = b.len;
		j->renamed = true;
	}
	strbuf_free(&b);
	return e;
}

static bool
full(const struct journal *j)
{
	return j->bytes + j->waiting.len >= j->opt.max_bytes || history_newest(j->history) + 1 - j->text.first >= j->opt.max_count;
}

void
journal_add(struct journal *j, const struct event *e, uint64_t lines)
{
	if (!j)
		return;
	j->text.lines = lines;
	if (j->failing)
		return;
	journaltext_event(&j->waiting, e->message, e->len, lines);
	if (full(j))
		journal_commit(j, stamp_mono());
}

/* What is not on the disk, to the thread. */
static void
ask_sync(struct journal *j, int64_t mono)
{
	int fd;

	if (!j->dirty || !j->sync)
		return;
	fd = fcntl(j->fd, F_DUPFD_CLOEXEC, 3);
	if (fd >= 0 && journalsync_ask(j->sync, fd, j->old_fd, j->renamed ? j->path : NULL)) {
		j->old_fd = -1;
		j->dirty = j->renamed = false;
		j->synced_ms = mono;
	} else {
		shut(&fd);
	}
}

static int
write_waiting(struct journal *j)
{
	int e = put(j, j->fd, &j->waiting);

	if (!e && !j->opt.sync_ms && fdatasync(j->fd) < 0)
		e = errno;
	j->bytes += j->waiting.len;
	j->dirty = j->opt.sync_ms != 0;
	strbuf_reset(&j->waiting);
	if (j->waiting.cap > PIECE)
		strbuf_free(&j->waiting);
	return e ? e : full(j) ? rotate(j) : 0;
}

void
journal_commit(struct journal *j, int64_t mono)
{
	int e;

	if (!j || j->failing || !j->waiting.len)
		return;
	e = write_waiting(j);
	if (e)
		fail(j, mono, strerror(e));
	else if (j->opt.sync_ms > 0 && mono - j->synced_ms >= j->opt.sync_ms)
		ask_sync(j, mono);
}

/* Room again? Then the history goes out whole, with the epoch it has. */
static void
try_again(struct journal *j, int64_t mono)
{
	struct strbuf to = {0};
	int e;

	if (mono < j->again_ms)
		return;
	j->again_ms = mono + JOURNAL_AGAIN_MS;
	j->is_aside = j->is_aside || set_aside(j, &to);
	strbuf_free(&to);
	e = j->is_aside ? journalfile_write_whole(j) : EIO;
	if (e) {
		++*j->opt.errors;
		log_debug("journal %s: %s", j->path, strerror(e));
		shut(&j->fd);
		if (!access(j->path, F_OK))
			j->is_aside = false;
		return;
	}
	j->failing = false;
	log_info("journal %s: written again, whole", j->path);
}

void
journal_tick(struct journal *j, int64_t mono)
{
	int e;

	if (!j)
		return;
	if (j->failing) {
		try_again(j, mono);
		return;
	}
	e = j->sync ? journalsync_error(j->sync) : 0;
	if (e)
		fail(j, mono, strerror(e));
	else if (j->opt.sync_ms > 0 && mono - j->synced_ms >= j->opt.sync_ms)
		ask_sync(j, mono);
}

void
journal_closing(struct journal *j)
{
	if (j && !j->failing)
		ask_sync(j, stamp_mono());
}

/* 0, or an errno. The mark comes last: who finds it knows that all else is on the disk. */
static int
finish(struct journal *j)
{
	struct strbuf b = {0};
	int e;

	if (j->sync)
		journalsync_wait(j->sync);
	if (j->old_fd >= 0 && fdatasync(j->old_fd) < 0)
		return errno;
	if (fdatasync(j->fd) < 0 || keeppath_sync(j->path) < 0)
		return errno;
	journaltext_closed(&b, j->text.lines);
	e = put(j, j->fd, &b);
	strbuf_free(&b);
	return !e && fdatasync(j->fd) < 0 ? errno : e;
}

void
journal_close(struct journal *j)
{
	struct strbuf to = {0};
	int e;

	if (!j)
		return;
	journal_commit(j, stamp_mono());
	e = j->failing ? 0 : finish(j);
	if (e)
		fail(j, stamp_mono(), strerror(e));
	else if (j->failing && !j->is_aside)
		set_aside(j, &to);
	strbuf_free(&to);
	shut(&j->fd);
	j->failing = true;	/* nothing more is written */
	j->is_aside = true;
	j->again_ms = INT64_MAX;
}

uint64_t
journal_taken(const struct journal *j)
{
	return j ? j->taken : 0;
}

bool
journal_healthy(const struct journal *j)
{
	return j && !j->failing;
}

void
journalfile_fail(struct journal *j, int error)
{
	fail(j, stamp_mono(), strerror(error));
}
