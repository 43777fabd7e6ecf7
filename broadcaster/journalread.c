#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broadcaster/journalread.h"
#include "lib/fdio.h"
#include "lib/strbuf.h"
#include "lib/xalloc.h"

enum { CHUNK = 1 << 20, HEADER_MAX = 4096 };

/* One file being read. */
struct segment {
	struct journaltext text;
	enum journaltext_result end;	/* MORE: read to its end; BAD or FOREIGN: to there */
	off_t good, size;
};

char *
journalread_beside(const char *path, const char *suffix)
{
	struct strbuf b = {0};

	strbuf_addf(&b, "%s%s", path, suffix);
	return b.s;
}

/* Records from the buffer as far as they are whole; leaves the rest. */
static enum journaltext_result
take_records(struct segment *s, struct strbuf *b, struct history *h)
{
	size_t at = 0, used;
	struct span event;
	struct record r;

	for (;;) {
		enum journaltext_result got = journaltext_read(&s->text, b->s + at, b->len - at, &used, &event);

		if (got == JOURNALTEXT_EVENT && h &&
		    (record_parse(event.p, event.len, &r) != RECORD_OK || !history_restore(h, &r)))
			got = JOURNALTEXT_BAD;
		if (got != JOURNALTEXT_EVENT && got != JOURNALTEXT_OTHER) {
			memmove(b->s, b->s + at, b->len - at);
			b->len -= at;
			return got;
		}
		at += used;
		s->good += (off_t)used;
	}
}

/* A whole segment, its events into the history. 0, or an errno: it cannot be read. */
static int
read_segment(const char *path, struct segment *s, struct history *h)
{
	struct strbuf b = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), e = 0;
	struct stat st;
	ssize_t n;

	*s = (struct segment){.end = JOURNALTEXT_MORE};
	if (fd < 0)
		return errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return S_ISDIR(st.st_mode) ? EISDIR : ENOTSUP;
	}
	do {
		strbuf_reserve(&b, CHUNK);
		n = fd_read(fd, b.s + b.len, CHUNK);
		if (n < 0) {
			e = errno;
		} else {
			b.len += (size_t)n;
			s->size += n;
			s->end = take_records(s, &b, h);
		}
	} while (n > 0 && s->end == JOURNALTEXT_MORE);
	close(fd);
	strbuf_free(&b);
	return e;
}

/* The header alone. False: there is none, or no good one. *alone: and nothing else in the file. */
static bool
read_header(const char *path, struct journaltext *t, bool *alone)
{
	char buf[HEADER_MAX];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : fd_read(fd, buf, sizeof buf);
	struct span event;
	size_t used;

	if (fd >= 0)
		close(fd);
	*t = (struct journaltext){.begun = false};
	if (n <= 0 || journaltext_read(t, buf, (size_t)n, &used, &event) != JOURNALTEXT_OTHER || !t->begun)
		return false;
	*alone = used == (size_t)n;
	return true;
}

/* What a kill between the two renames left is finished; what one before them left goes. */
static void
finish_rotation(const char *path, const char *old, const char *new)
{
	struct journaltext before, after;
	bool alone, whatever;

	if (access(path, F_OK) == 0 || errno != ENOENT) {
		unlink(new);
		return;
	}
	if (!read_header(new, &after, &alone) || !alone || !read_header(old, &before, &whatever) ||
	    strcmp(before.epoch, after.epoch) != 0 || rename(new, path) < 0) {
		unlink(new);
		unlink(old);	/* FILE was taken away: what came before it goes with it */
	}
}

/* FILE.1 into a history that FILE can go on from; where it does not fit, one that begins with FILE. */
static struct history *
read_older(const char *old, const struct journaltext *file, size_t max_count, size_t max_bytes, struct journal_found *f)
{
	struct history *h = history_new(file->epoch, max_count, max_bytes);
	struct journaltext head;
	struct segment s;
	bool alone;

	if (read_header(old, &head, &alone) && !strcmp(head.epoch, file->epoch) && head.first < file->first) {
		history_continue(h, head.first - 1);
		f->error = read_segment(old, &s, h);
		f->older_bad = !f->error && s.end != JOURNALTEXT_MORE;
		f->at = s.good;
		if (history_newest(h) + 1 == file->first && !f->older_bad)
			return h;
		history_del(h);
		h = history_new(file->epoch, max_count, max_bytes);
	}
	history_continue(h, file->first - 1);
	return h;
}

static enum journal_verdict
judge(const struct segment *s, const char *boot, struct journal_found *f)
{
	if (s->end == JOURNALTEXT_BAD || f->older_bad)
		return JOURNAL_BROKEN;
	if (!s->text.clean && (!*boot || strcmp(boot, s->text.boot) != 0))
		return JOURNAL_UNCLEAN;
	return JOURNAL_GOOD;
}

void
journalread(const char *path, const char *boot, size_t max_count, size_t max_bytes, struct journal_found *f)
{
	char *old = journalread_beside(path, ".1"), *new = journalread_beside(path, ".new");
	struct journaltext head;
	struct segment s = {.good = 0};
	bool alone;

	*f = (struct journal_found){.verdict = JOURNAL_NONE};
	finish_rotation(path, old, new);
	if (read_header(path, &head, &alone))
		f->history = read_older(old, &head, max_count, max_bytes, f);
	if (!f->error)
		f->error = read_segment(path, &s, f->history);
	if (f->error == ENOENT)
		f->error = 0;
	else if (!f->history)
		f->verdict = s.end == JOURNALTEXT_MORE ? JOURNAL_NONE : s.end == JOURNALTEXT_BAD ? JOURNAL_BROKEN : JOURNAL_FOREIGN;
	else
		f->verdict = judge(&s, boot, f);
	f->emptied = !f->history && f->verdict == JOURNAL_NONE && access(path, F_OK) == 0;
	f->text = s.text;
	f->good = s.good;
	f->torn = s.size - s.good;
	if (!f->older_bad)
		f->at = s.good;
	free(old);
	free(new);
}
