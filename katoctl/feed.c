#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "katoctl/feed.h"
#include "katoctl/marks.h"
#include "katoctl/relay.h"
#include "katoctl/sock.h"
#include "katoctl/stage.h"
#include "lib/fdio.h"
#include "lib/notify.h"
#include "lib/stamp.h"
#include "lib/xalloc.h"

enum { SAY_EVERY_MS = 10000, MODE = 0660, FDS_MAX = 4 };

struct writer {
	int fd;		/* -1: it has left */
	int ack;	/* it wants to know what is dealt with, there; -1: not. With fd -1: its lines are still on their way */
	uint64_t taken;	/* newline-ended lines, of this one */
	uint64_t told;	/* there */
	struct marks marks;
	struct linebuf buf;
	uint64_t toolong;	/* of buf's, those that were counted */
};

struct feed {
	struct stage *stage;
	struct super *super;	/* NULL before the first turn */
	int fd;		/* listening; -1: stopped */
	bool handed;	/* the socket file is another's */
	struct writer writers[FEED_MAX_WRITERS];
	struct log_gate gate, full_gate;
};

struct feed *
feed_new(struct stage *s, int handed)
{
	struct feed *f = xcalloc(1, sizeof *f);
	struct strbuf err = {0};
	pid_t owner;

	f->stage = s;
	f->handed = handed >= 0;
	f->fd = f->handed ? handed : sock_listen(s->plan->argv[0], MODE, &owner, &err);
	if (f->fd < 0) {
		log_error("feed socket %s%s", err.s, owner ? ", by another katoctl run" : "");
		strbuf_free(&err);
		free(f);
		return NULL;
	}
	for (int i = 0; i < FEED_MAX_WRITERS; i++) {
		f->writers[i].fd = f->writers[i].ack = -1;
		linebuf_init(&f->writers[i].buf, LINE_MAX_BYTES);
	}
	restart_take(&s->restart, RESTART_GO, stamp_mono(), 0);
	s->ready = true;
	return f;
}

static void
hush(struct writer *w)
{
	if (w->ack >= 0)
		close(w->ack);
	w->ack = -1;
	marks_free(&w->marks);
}

/* It may have left: what came of its lines is told as long as it listens. */
static void
leave(struct feed *f, struct writer *w)
{
	size_t torn = linebuf_pending(&w->buf);

	if (torn) {
		f->stage->torn++;
		log_warn("a writer of the feed left inside a line; its %zu bytes are cut off", torn);
	}
	close(w->fd);
	w->fd = -1;
	w->toolong = 0;
	linebuf_free(&w->buf);
	if (!w->marks.n)
		hush(w);
}

/* Tells what is new; a report that finds the pipe full is made again. */
static void
tell(struct writer *w)
{
	char t[24];
	int n;

	if (w->ack < 0 || w->told == w->marks.dealt)
		return;
	n = snprintf(t, sizeof t, "%llu\n", (unsigned long long)w->marks.dealt);
	if (write(w->ack, t, (size_t)n) == n)
		w->told = w->marks.dealt;
	else if (errno != EAGAIN && errno != EINTR)
		hush(w);
}

static void
tell_all(struct super *u)
{
	for (int i = 0; i < FEED_MAX_WRITERS; i++) {
		struct writer *w = &u->feed->writers[i];

		if (w->ack < 0)
			continue;
		marks_step(&w->marks, u);
		marks_set(&w->marks, u, w->taken);
		tell(w);
		if (w->fd < 0 && !w->marks.n)
			hush(w);
	}
}

static void
unlisten(struct feed *f)
{
	if (f->fd < 0)
		return;
	if (!f->handed)
		unlink(f->stage->plan->argv[0]);
	close(f->fd);
	f->fd = -1;
}

void
feed_del(struct feed *f)
{
	if (!f)
		return;
	unlisten(f);
	if (f->super)
		tell_all(f->super);
	for (int i = 0; i < FEED_MAX_WRITERS; i++) {
		if (f->writers[i].fd >= 0)
			leave(f, &f->writers[i]);
		hush(&f->writers[i]);
	}
	free(f);
}

/* Nobody's, or else that of one who has left and only listens. */
static struct writer *
free_place(struct feed *f)
{
	struct writer *listens = NULL;

	for (int i = 0; i < FEED_MAX_WRITERS; i++) {
		struct writer *w = &f->writers[i];

		if (w->fd < 0 && w->ack < 0)
			return w;
		if (w->fd < 0)
			listens = w;
	}
	return listens;
}

static void
accept_ready(void *super, void *arg)
{
	struct feed *f = ((struct super *)super)->feed;
	struct writer *w = free_place(f);
	uint64_t skipped;

	(void)arg;
	if (f->fd < 0 || !w)
		return;
	hush(w);
	w->taken = 0;
	w->fd = sock_accept(f->fd);
	if (w->fd >= 0 && !free_place(f) && log_gate_open(&f->full_gate, stamp_mono(), SAY_EVERY_MS, &skipped))
		log_warn("%d writers feed now; more have to wait", FEED_MAX_WRITERS);
}

/* A descriptor that came with the bytes. The first pipe is where acks go, from 0 on; what else may come is not kept. */
static void
take_fd(struct writer *w, int fd)
{
	struct stat st;

	if (w->ack >= 0 || w->marks.set || fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode) || fd_nonblock(fd, true) < 0) {
		close(fd);
		return;
	}
	w->ack = fd;
	w->told = 0;
	notify_ack(fd, 0);	/* so that it knows that we do */
}

/* As read(2), for bytes that may bring descriptors. */
static ssize_t
receive(struct writer *w, char *p, size_t room)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(FDS_MAX * sizeof(int))];
	} control;
	struct iovec io = {p, room};
	struct msghdr msg = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control.buf, .msg_controllen = sizeof control.buf};
	ssize_t n;

	do {
		n = recvmsg(w->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return n;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
			for (size_t i = 0; CMSG_LEN((i + 1) * sizeof(int)) <= c->cmsg_len; i++) {
				int fd;

				memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
				take_fd(w, fd);
			}
	return n;
}

static void
count_toolong(struct feed *f, struct writer *w)
{
	uint64_t more = w->buf.toolong - w->toolong, skipped;

	w->toolong += more;
	f->stage->dropped += more;
	if (more && log_gate_open(&f->gate, stamp_mono(), SAY_EVERY_MS, &skipped))
		log_warn("a line over %d bytes came by the feed; dropped (%llu so far)", LINE_MAX_BYTES,
		    (unsigned long long)f->stage->dropped);
}

static void
writer_ready(void *super, void *arg)
{
	struct super *u = super;
	struct writer *w = arg;
	size_t room;
	ssize_t n;
	char *p;

	if (w->fd < 0 || !relay_room(u, NULL))
		return;
	p = linebuf_space(&w->buf, &room);
	n = receive(w, p, room);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		leave(u->feed, w);
		return;
	}
	linebuf_filled(&w->buf, (size_t)n);
	relay_lines(u, u->feed->stage, &w->buf, &u->feed->stage->count);
	count_toolong(u->feed, w);
	w->taken = w->buf.lines + w->buf.toolong;
	if (w->ack >= 0)
		marks_set(&w->marks, u, w->taken);
}

static void
told(void *super, void *arg)
{
	(void)super;
	tell(arg);
}

void
feed_watch(struct super *u)
{
	struct feed *f = u->feed;

	if (!f)
		return;
	f->super = u;
	tell_all(u);
	for (int i = 0; i < FEED_MAX_WRITERS; i++)
		if (f->writers[i].ack >= 0 && f->writers[i].told != f->writers[i].marks.dealt)
			loop_add(&u->loop, f->writers[i].ack, POLLOUT, told, u, &f->writers[i]);
	if (!relay_room(u, NULL))
		return;
	if (free_place(f))
		loop_add(&u->loop, f->fd, POLLIN, accept_ready, u, NULL);
	for (int i = 0; i < FEED_MAX_WRITERS; i++)
		loop_add(&u->loop, f->writers[i].fd, POLLIN, writer_ready, u, &f->writers[i]);
}

void
feed_stop(struct super *u)
{
	struct feed *f = u->feed;

	if (!f)
		return;
	unlisten(f);
	for (int i = 0; i < FEED_MAX_WRITERS; i++)
		if (f->writers[i].fd >= 0)
			shutdown(f->writers[i].fd, SHUT_RD);
	stage_over(f->stage);
}

bool
feed_over(const struct feed *f)
{
	if (f->fd >= 0)
		return false;
	for (int i = 0; i < FEED_MAX_WRITERS; i++)
		if (f->writers[i].fd >= 0)
			return false;
	return true;
}
