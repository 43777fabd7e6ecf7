#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fdio.h"
#include "lib/json.h"
#include "lib/keep.h"
#include "lib/keeppath.h"
#include "lib/keeptext.h"
#include "lib/stamp.h"
#include "lib/xalloc.h"

static void
shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void
keep_close(struct keep *k)
{
	shut(&k->lock);
	shut(&k->fd);
	free(k->path);
	k->path = NULL;
}

/* Nothing is kept by this process. */
static void
give_up(struct keep *k, const char *what, const char *why)
{
	log_warn("state %s: %s%s; going on without: what is known will not outlive this process", k->path, what, why);
	keep_close(k);
}

static void
failed(struct keep *k, int64_t mono, const char *why)
{
	uint64_t skipped;

	k->failing = true;
	k->again = mono + KEEP_AGAIN_MS;
	if (log_gate_open(&k->gate, mono, KEEP_SAY_MS, &skipped))
		log_warn("state %s: can't be written: %s; a restart would forget what has come since; tried again every %d s", k->path, why,
		    KEEP_AGAIN_MS / 1000);
}

/* The lock, or EWOULDBLOCK: somebody else has it. 0, or an errno. */
static int
take_lock(struct keep *k)
{
	struct strbuf path = {0};
	char pid[24];
	int r;

	strbuf_addf(&path, "%s.lock", k->path);
	if (k->lock < 0)
		k->lock = open(path.s, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	strbuf_free(&path);
	if (k->lock < 0)
		return errno;
	do
		r = flock(k->lock, LOCK_EX | LOCK_NB);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return errno;
	r = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
	if (ftruncate(k->lock, 0) < 0 || pwrite(k->lock, pid, (size_t)r, 0) < 0)
		log_debug("state %s: the lock does not say whose it is: %s", k->path, strerror(errno));
	return 0;
}

static void
say_holder(struct keep *k)
{
	char pid[24] = "";
	ssize_t n = pread(k->lock, pid, sizeof pid - 1, 0);

	pid[n > 0 ? strspn(pid, "0123456789") : 0] = '\0';
	give_up(k, *pid ? "already kept by process " : "already kept by another process", pid);
}

/* Waits for a predecessor that is on its way out. False: given up. Without the right to lock we may still read. */
static bool
lock_or_leave(struct keep *k)
{
	int64_t until = stamp_mono() + KEEP_LOCK_MS;
	int e;

	while ((e = take_lock(k)) == EWOULDBLOCK && stamp_mono() < until)
		poll(NULL, 0, 10);
	if (e == EWOULDBLOCK) {
		say_holder(k);
		return false;
	}
	if (e)
		failed(k, stamp_mono(), strerror(e));
	return true;
}

/* The whole file. 0, or an errno; ENOENT: nothing was kept so far. */
static int
slurp(const struct keep *k, struct strbuf *out)
{
	struct stat st;

	if (stat(k->path, &st) < 0)
		return errno;
	if (!S_ISREG(st.st_mode))
		return ENOTSUP;
	return fd_slurp(k->path, KEEP_MAX_BYTES, out) < 0 ? errno : 0;
}

void
keep_aside(struct keep *k, const char *why)
{
	struct strbuf to = {0};

	if (!k->path)
		return;
	if (keeppath_aside(k->path, stamp_now(), &to))
		log_warn("state %s %s; set aside as %s, begun anew", k->path, why, to.s);
	else {
		log_warn("state %s %s", k->path, why);
		give_up(k, "it can't be set aside: ", strerror(errno));
	}
	strbuf_free(&to);
}

static void
take(struct keep *k, struct strbuf *text)
{
	struct strbuf file = {0}, why = {0};
	int e = slurp(k, &file);

	if (e == ENOTSUP)
		give_up(k, "not a file", "");
	else if (e && e != ENOENT)
		strbuf_addf(&why, e == EFBIG ? "is larger than 64 MiB" : "can't be read: %s", strerror(e));
	else if (!e)
		keeptext_take(file.s, file.len, k->tool, k->format, text, &why);
	if (why.len)
		keep_aside(k, why.s);
	strbuf_free(&file);
	strbuf_free(&why);
}

void
keep_open(struct keep *k, const char *file, const char *tool, int format, struct strbuf *text)
{
	struct strbuf path = {0};
	bool made;
	int e;

	*k = (struct keep){.tool = tool, .format = format, .lock = -1, .fd = -1};
	if (!file || !*file)
		return;
	made = keeppath_make(file, &path);
	e = errno;
	k->path = path.s;
	if (!made && *k->path != '/')
		give_up(k, "there is no folder for it: neither STATE_DIRECTORY nor XDG_STATE_HOME nor a home", "");
	else if (path.s[path.len - 1] == '/')
		give_up(k, "a folder, not a file", "");
	else if (!made && e != EACCES && e != EROFS && e != EPERM)
		give_up(k, "its folder can't be made: ", strerror(e));
	else if (lock_or_leave(k))
		take(k, text);
}

bool
keep_ready(const struct keep *k, int64_t mono)
{
	return k->path && (!k->failing || mono >= k->again);
}

bool
keep_wants_all(const struct keep *k)
{
	struct stat st;

	if (k->failing || k->fd < 0)
		return true;
	if (k->more > KEEP_MORE_BYTES && k->more > k->whole)
		return true;
	return fstat(k->fd, &st) < 0 || st.st_nlink == 0;	/* somebody took the file away */
}

/* Each part is a save with a commit of its own. 0, or an errno. */
static int
write_parts(struct keep *k, int fd, bool (*more)(void *arg, struct strbuf *lines), void *arg, size_t *len)
{
	struct strbuf b = {0};
	bool again = true;
	int e = 0;

	keeptext_head(k->tool, k->format, &b);
	for (*len = 0; again && !e; strbuf_reset(&b)) {
		again = more(arg, &b);
		if (b.len)
			keeptext_commit(b.s, b.len, &b);
		*len += b.len;
		if (*len > KEEP_MAX_BYTES)
			e = EFBIG;
		else if (fd_write_all(fd, b.s, b.len) < 0)
			e = errno;
	}
	strbuf_free(&b);
	return e;
}

/* 0, or an errno; the old file is as it was then. */
static int
save_all(struct keep *k, bool (*more)(void *arg, struct strbuf *lines), void *arg)
{
	struct strbuf path = {0};
	size_t len = 0;
	int fd, e;

	strbuf_addf(&path, "%s.new", k->path);
	fd = open(path.s, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	e = fd < 0 ? errno : write_parts(k, fd, more, arg, &len);
	if (fd >= 0 && !e && (fsync(fd) < 0 || rename(path.s, k->path) < 0))
		e = errno;
	if (fd >= 0 && e) {
		close(fd);
		unlink(path.s);
	} else if (!e) {
		shut(&k->fd);
		k->fd = fd;
		k->whole = len;
		k->more = 0;
		if (keeppath_sync(k->path) < 0)
			log_debug("state %s: the folder is not brought to the disk: %s", k->path, strerror(errno));
	}
	strbuf_free(&path);
	return e;
}

/* 0, or an errno: the file may then end with a save that is cut short. */
static int
append(struct keep *k, const char *text, size_t len, bool sync)
{
	struct strbuf b = {0};
	int e;

	strbuf_add(&b, text, len);
	keeptext_commit(b.s, len, &b);
	k->more += b.len;
	e = fd_write_all(k->fd, b.s, b.len) < 0 || (sync && fdatasync(k->fd) < 0) ? errno : 0;
	strbuf_free(&b);
	return e;
}

/* What came of a save. */
static bool
saved(struct keep *k, int e, int64_t mono)
{
	if (e) {
		failed(k, mono, e == EFBIG ? "larger than 64 MiB" : strerror(e));
		return false;
	}
	if (k->failing)
		log_info("state %s: kept again", k->path);
	k->failing = false;
	return true;
}

bool
keep_save_parts(struct keep *k, bool (*more)(void *arg, struct strbuf *lines), void *arg, int64_t mono)
{
	int e;

	if (!keep_ready(k, mono))
		return false;
	e = k->failing ? take_lock(k) : 0;
	return saved(k, e ? e : save_all(k, more, arg), mono);
}

static bool
one_part(void *arg, struct strbuf *lines)
{
	const struct span *text = arg;

	strbuf_add(lines, text->p, text->len);
	return false;
}

bool
keep_save(struct keep *k, const char *text, size_t len, bool all, bool sync, int64_t mono)
{
	struct span one = {text, len};
	int e;

	if (all)
		return keep_save_parts(k, one_part, &one, mono);
	if (!keep_ready(k, mono))
		return false;
	e = k->failing ? take_lock(k) : 0;
	return saved(k, e ? e : append(k, text, len, sync), mono);
}
