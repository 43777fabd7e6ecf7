#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "katoctl/tape.h"
#include "lib/fdio.h"
#include "lib/json.h"
#include "lib/linebuf.h"
#include "lib/xalloc.h"

/* Opens and locks; -1 with errno, EWOULDBLOCK: another one writes it. */
static int
open_locked(const char *path, int flags)
{
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | flags, 0644), saved;

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		saved = errno;
		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

/* The bytes behind the last newline; reads no more than a line can have and one. */
static size_t
tail_length(const struct tape *t, char **tail)
{
	size_t want = t->size > LINE_MAX_BYTES ? LINE_MAX_BYTES + 1 : (size_t)t->size;
	char *p = xmalloc(want), *nl;
	ssize_t n = pread(t->fd, p, want, t->size - (off_t)want);

	n = n < 0 ? 0 : n;
	nl = memrchr(p, '\n', (size_t)n);
	n -= nl ? nl + 1 - p : 0;
	memmove(p, nl ? nl + 1 : p, (size_t)n);
	*tail = p;
	return (size_t)n;
}

/* A killed writer's last line. What no writer of records left there is not cut, whatever it may be. */
static void
mend(struct tape *t, struct strbuf *say)
{
	size_t n, at;
	char *tail;

	n = tail_length(t, &tail);
	if (n && *tail == '{' && n <= LINE_MAX_BYTES && json_check(tail, n, &at) != JSON_OK) {
		if (ftruncate(t->fd, t->size - (off_t)n) == 0)
			t->size -= (off_t)n;
		else
			t->torn = true;
		strbuf_addf(say, "%s: ended in the middle of a record: %zu bytes cut off", t->path, n);
	} else if (n) {
		if (write(t->fd, "\n", 1) == 1)
			t->size++;
		else
			t->torn = true;
		strbuf_addf(say, "%s: its last line had no newline: added", t->path);
	}
	free(tail);
}

bool
tape_open(struct tape *t, char *path, long long rotate, long long keep, struct strbuf *say)
{
	struct stat st;

	*t = (struct tape){.path = path, .rotate = rotate, .keep = keep};
	t->fd = open_locked(path, 0);
	if (t->fd < 0 || fstat(t->fd, &st) < 0) {
		strbuf_addf(say, "%s: %s", path, errno == EWOULDBLOCK ? "another recorder writes it" : strerror(errno));
		return false;
	}
	t->regular = S_ISREG(st.st_mode);
	t->size = t->regular ? st.st_size : 0;
	if (t->size)
		mend(t, say);
	return true;
}

void
tape_close(struct tape *t)
{
	if (t->fd < 0)
		return;
	fdatasync(t->fd);
	close(t->fd);
	t->fd = -1;
}

static char *
numbered(const struct tape *t, long long n, char name[PATH_MAX])
{
	int len = n ? snprintf(name, PATH_MAX, "%s.%lld", t->path, n) : snprintf(name, PATH_MAX, "%s", t->path);

	if (len >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	return name;
}

/* FILE.1 becomes FILE.2 and so on, up to the first number that is free; the last of keep gives way. */
static bool
shift(const struct tape *t)
{
	char from[PATH_MAX], to[PATH_MAX];
	long long n = 1;

	while (n < t->keep && numbered(t, n, from) && access(from, F_OK) == 0)
		n++;
	for (; n > 1; n--)
		if (!numbered(t, n - 1, from) || !numbered(t, n, to) || rename(from, to) < 0)
			return false;
	return true;
}

/*
 * The new file is made and locked before the old one gives up its name, so nothing has changed if the
 * disk or the folder does not allow it.
 */
static bool
rotate(struct tape *t)
{
	char fresh[PATH_MAX], old[PATH_MAX];
	int fd, saved;

	if (snprintf(fresh, sizeof fresh, "%s.new", t->path) >= (int)sizeof fresh || !numbered(t, t->keep > 0, old)) {
		errno = ENAMETOOLONG;
		return false;
	}
	fd = open_locked(fresh, O_TRUNC);
	if (fd < 0)
		return false;
	if (!shift(t) || (t->keep && rename(t->path, old) < 0) || rename(fresh, t->path) < 0) {
		saved = errno;
		unlink(fresh);
		close(fd);
		errno = saved;
		return false;
	}
	tape_close(t);
	t->fd = fd;
	t->size = 0;
	t->torn = false;
	return true;
}

/* What of p was written, cut back to whole lines; less than n: errno. */
static size_t
append(struct tape *t, const char *p, size_t n)
{
	size_t done = 0, whole;
	const char *nl;
	ssize_t w = 0;
	int saved;

	if (t->torn && write(t->fd, "\n", 1) != 1)
		return 0;
	t->size += t->torn;
	t->torn = false;
	while (done < n) {
		w = write(t->fd, p + done, n - done);
		if (w <= 0 && (w == 0 || errno != EINTR))
			break;
		done += w > 0 ? (size_t)w : 0;
	}
	saved = w == 0 ? ENOSPC : errno;
	nl = done ? memrchr(p, '\n', done) : NULL;
	whole = nl ? (size_t)(nl + 1 - p) : 0;
	t->size += (off_t)whole;
	if (done > whole && (!t->regular || ftruncate(t->fd, t->size) < 0)) {
		t->torn = true;
		t->size += (off_t)(done - whole);
	}
	errno = saved;
	return whole;
}

static uint64_t
count_lines(const char *p, size_t n)
{
	const char *end = p + n;
	uint64_t lines = 0;

	for (; p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
		lines++;
	return lines;
}

/* How much of p, in whole lines, still fits; at least the first line of an empty file. */
static size_t
fitting(const struct tape *t, const char *p, size_t n)
{
	long long room = t->rotate - t->size;
	const char *nl;

	if (!t->rotate || !t->regular || room >= (long long)n)
		return n;
	nl = room > 0 ? memrchr(p, '\n', (size_t)room) : NULL;
	if (!nl && !t->size)
		nl = memchr(p, '\n', n);
	return nl ? (size_t)(nl + 1 - p) : 0;
}

uint64_t
tape_add(struct tape *t, const char *p, size_t n)
{
	size_t fits, done;

	while (n) {
		fits = fitting(t, p, n);
		if (!fits) {
			t->rotate_error = rotate(t) ? 0 : errno;
			fits = t->rotate_error ? n : fitting(t, p, n);	/* better too large a file than lost lines */
		}
		done = append(t, p, fits);
		if (done < fits)
			return count_lines(p + done, n - done);
		p += done;
		n -= done;
	}
	return 0;
}

bool
tape_in_place(const struct tape *t)
{
	struct stat there, ours;

	return fstat(t->fd, &ours) == 0 && stat(t->path, &there) == 0 && there.st_dev == ours.st_dev &&
	    there.st_ino == ours.st_ino;
}
