#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broadcaster/journalfile.h"
#include "broadcaster/journalread.h"
#include "broadcaster/journalsync.h"
#include "lib/fdio.h"
#include "lib/keeppath.h"
#include "lib/stamp.h"
#include "lib/xalloc.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

enum { BOOT_ID_BYTES = 128 };

/* Could another start go better, with the same settings? */
static bool
passes(int error)
{
	switch (error) {
	case ENOSPC:
	case EDQUOT:
	case EIO:
	case EFBIG:
	case ENOMEM:
	case ENFILE:
	case EMFILE:
		return true;
	default:
		return false;
	}
}

/* Empty: unknown. Letters that need no escape only. */
static void
take_boot(char out[JOURNALTEXT_NAME_MAX + 1], const char *given)
{
	struct strbuf b = {0};
	size_t n;

	*out = '\0';
	if (given && *given)
		strbuf_adds(&b, given);
	else if (fd_slurp(BOOT_ID, BOOT_ID_BYTES, &b) < 0)
		strbuf_reset(&b);
	n = b.s ? strspn(b.s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") : 0;
	if (n <= JOURNALTEXT_NAME_MAX && n) {
		memcpy(out, b.s, n);
		out[n] = '\0';
	}
	strbuf_free(&b);
}

/*
 * There is no place for it. Who names one wants to know at once; one in the state folder is what a pipeline file says
 * on every machine, and no reason to serve nothing on one that has no such folder.
 */
static bool
no_place(const struct journal *j, const char *path, const char *why)
{
	if (*j->opt.file == '/')
		die(2, "--journal %s: %s", path, why);
	++*j->opt.errors;
	log_error("--journal %s: %s; events are in memory only", path, why);
	return false;
}

static bool
find_path(struct journal *j)
{
	struct strbuf path = {0};
	bool made = keeppath_make(j->opt.file, &path);
	int error = errno;
	struct stat st;

	if (path.s[path.len - 1] == '/' || (stat(path.s, &st) == 0 && S_ISDIR(st.st_mode)))
		die(2, "--journal %s: a folder, not a file", path.s);
	j->path = path.s;
	if (!made && *path.s != '/')
		return no_place(j, path.s, "there is no folder for it: neither STATE_DIRECTORY nor XDG_STATE_HOME nor a home");
	if (!made && error != EACCES && error != EROFS && error != EPERM)
		return no_place(j, path.s, strerror(error));
	j->old = journalread_beside(path.s, ".1");
	j->new = journalread_beside(path.s, ".new");
	return true;
}

static void
refuse_second(const struct journal *j)
{
	char pid[24] = "";
	ssize_t n = pread(j->lock, pid, sizeof pid - 1, 0);

	pid[n > 0 ? strspn(pid, "0123456789") : 0] = '\0';
	die(1, "--journal %s: already written by %s%s", j->path, *pid ? "process " : "another process", pid);
}

/* One writer at a time. A full disk is no reason not to serve. */
static bool
take_lock(struct journal *j)
{
	char *path = journalread_beside(j->path, ".lock"), pid[24];
	int64_t until = stamp_mono() + JOURNAL_LOCK_MS;
	int r, n;

	j->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	free(path);
	if (j->lock < 0)
		return passes(errno) || no_place(j, j->path, strerror(errno));
	while ((r = flock(j->lock, LOCK_EX | LOCK_NB)) < 0 && (errno == EINTR || (errno == EWOULDBLOCK && stamp_mono() < until)))
		poll(NULL, 0, 10);
	if (r < 0 && errno == EWOULDBLOCK)
		refuse_second(j);
	n = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
	if (ftruncate(j->lock, 0) < 0 || pwrite(j->lock, pid, (size_t)n, 0) < 0)
		log_debug("journal %s: the lock does not say whose it is: %s", j->path, strerror(errno));
	return true;
}

/* What was read, under a new epoch: each event anew, so that offsets begin with 1. */
static struct history *
begin_epoch(const struct journal *j, struct history *from)
{
	struct history *h = history_new(j->opt.fresh_epoch, j->opt.max_count, j->opt.max_bytes);
	struct record r;

	for (uint64_t o = from ? history_oldest(from) : 1; from && o <= history_newest(from); o++) {
		const struct event *e = history_at(from, o);

		if (record_parse(e->message, e->len, &r) == RECORD_OK)
			history_add(h, &r, e->ms);
	}
	history_del(from);
	return h;
}

static void
set_broken_aside(const struct journal *j, const struct journal_found *f)
{
	const char *path = f->older_bad ? j->old : j->path;
	const char *what = f->verdict == JOURNAL_FOREIGN ? "is no journal of this version's format" : "is damaged";
	struct strbuf to = {0};
	bool done = keeppath_aside(path, stamp_now(), &to);

	if (f->error)
		log_warn("journal %s can't be read: %s; %s%s; begun anew, with a new epoch", path, strerror(f->error),
		    done ? "set aside as " : "it stays", done ? to.s : "");
	else
		log_warn("journal %s %s at byte %lld; %s%s; a new epoch begins", path, what, (long long)f->at,
		    done ? "set aside as " : "it is written over", done ? to.s : "");
	strbuf_free(&to);
}

/* Why the epoch of the file, if any, can't be gone on with. */
static void
say_why_new(const struct journal *j, const struct journal_found *f)
{
	if (f->error || f->verdict == JOURNAL_BROKEN || f->verdict == JOURNAL_FOREIGN)
		set_broken_aside(j, f);
	else if (f->verdict == JOURNAL_UNCLEAN && !*j->text.boot)
		log_warn("journal %s was not closed, and whether the machine has been started since is not known: a new epoch begins", j->path);
	else if (f->verdict == JOURNAL_UNCLEAN)
		log_warn("journal %s was not closed before the machine went down: its end may be missing, so a new epoch begins", j->path);
	else if (f->emptied)
		log_warn("journal %s is empty: a new epoch begins", j->path);
}

/* The file goes on behind its last whole record. 0, or an errno. */
static int
go_on(struct journal *j, const struct journal_found *f)
{
	struct strbuf b = {0};
	int e = 0;

	if (f->torn)
		log_warn("journal %s: dropped the last %lld bytes, a record that was cut short and never sent", j->path, (long long)f->torn);
	j->fd = open(j->path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (j->fd < 0)
		return errno;
	journaltext_begin(&b, &j->text);
	/* on the disk before anything is sent, or a mark of having been closed could stand after a crash */
	if ((f->torn && ftruncate(j->fd, f->good) < 0) || fd_write_all(j->fd, b.s, b.len) < 0 || fdatasync(j->fd) < 0)
		e = errno;
	j->bytes = (size_t)f->good + b.len;
	strbuf_free(&b);
	return e;
}

/* The history, and the file made ready to go on. */
static void
recover(struct journal *j)
{
	struct journal_found f;
	bool same_run;
	int e;

	journalread(j->path, j->text.boot, j->opt.max_count, j->opt.max_bytes, &f);
	if (f.error && !passes(f.error))
		die(2, "--journal %s: can't be read: %s", j->path, strerror(f.error));
	same_run = *j->opt.run && !strcmp(f.text.run, j->opt.run);
	if (f.verdict == JOURNAL_GOOD && !f.error) {
		j->history = f.history;
		if (same_run)
			j->taken = j->text.lines = f.text.lines;
		j->text.first = f.text.first;
		memcpy(j->text.epoch, f.text.epoch, sizeof j->text.epoch);
		e = go_on(j, &f);
	} else {
		say_why_new(j, &f);
		j->history = begin_epoch(j, f.history);
		e = journalfile_write_whole(j);
	}
	if (e && !passes(e))
		die(2, "--journal %s: can't be written: %s", j->path, strerror(e));
	if (e)
		journalfile_fail(j, e);
	if (history_newest(j->history) >= history_oldest(j->history))
		log_info("journal %s: offsets %llu to %llu of epoch %s", j->path, (unsigned long long)history_oldest(j->history),
		    (unsigned long long)history_newest(j->history), history_epoch(j->history));
}

static void
discard(struct journal *j)
{
	if (j->lock >= 0)
		close(j->lock);
	free(j->path);
	free(j->old);
	free(j->new);
	free(j);
}

struct journal *
journal_open(const struct journal_options *o, struct history **history)
{
	struct journal *j;

	if (!o->file || !*o->file) {
		*history = history_new(o->fresh_epoch, o->max_count, o->max_bytes);
		return NULL;
	}
	signal(SIGXFSZ, SIG_IGN);	/* a limit of file sizes is an error as others are */
	j = xcalloc(1, sizeof *j);
	j->opt = *o;
	j->lock = j->fd = j->old_fd = -1;
	j->synced_ms = stamp_mono();
	take_boot(j->text.boot, o->boot);
	snprintf(j->text.epoch, sizeof j->text.epoch, "%s", o->fresh_epoch);
	if (strlen(o->run) <= JOURNALTEXT_NAME_MAX)
		snprintf(j->text.run, sizeof j->text.run, "%s", o->run);
	if (!find_path(j) || !take_lock(j)) {
		*history = history_new(o->fresh_epoch, o->max_count, o->max_bytes);
		discard(j);
		return NULL;
	}
	recover(j);
	if (o->sync_ms > 0)
		j->sync = journalsync_new();
	*history = j->history;
	return j;
}
