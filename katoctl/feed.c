#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "katoctl/feed.h"
#include "katoctl/relay.h"
#include "katoctl/sock.h"
#include "katoctl/stage.h"
#include "lib/fdio.h"
#include "lib/stamp.h"
#include "lib/xalloc.h"

enum { SAY_EVERY_MS = 10000, MODE = 0660 };

struct writer {
	int fd;		/* -1: a free place */
	struct linebuf buf;
	uint64_t toolong;	/* of buf's, those that were counted */
};

struct feed {
	struct stage *stage;
	int fd;		/* listening; -1: stopped */
	struct writer writers[FEED_MAX_WRITERS];
	struct log_gate gate;
};

struct feed *
feed_new(struct stage *s)
{
	struct feed *f = xcalloc(1, sizeof *f);
	struct strbuf err = {0};
	pid_t owner;

	f->stage = s;
	f->fd = sock_listen(s->plan->argv[0], MODE, &owner, &err);
	if (f->fd < 0) {
		log_error("feed socket %s%s", err.s, owner ? ", by another katoctl run" : "");
		strbuf_free(&err);
		free(f);
		return NULL;
	}
	for (int i = 0; i < FEED_MAX_WRITERS; i++) {
		f->writers[i].fd = -1;
		linebuf_init(&f->writers[i].buf, LINE_MAX_BYTES);
	}
	restart_take(&s->restart, RESTART_GO, stamp_mono(), 0);
	s->ready = true;
	return f;
}

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
}

static void
unlisten(struct feed *f)
{
	if (f->fd < 0)
		return;
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
	for (int i = 0; i < FEED_MAX_WRITERS; i++)
		if (f->writers[i].fd >= 0)
			leave(f, &f->writers[i]);
	free(f);
}

static struct writer *
free_place(struct feed *f)
{
	for (int i = 0; i < FEED_MAX_WRITERS; i++)
		if (f->writers[i].fd < 0)
			return &f->writers[i];
	return NULL;
}

static void
accept_ready(void *super, void *arg)
{
	struct super *u = super;
	struct writer *w = free_place(u->feed);

	(void)arg;
	if (u->feed->fd >= 0 && w)
		w->fd = sock_accept(u->feed->fd);
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
	n = fd_read(w->fd, p, room);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		leave(u->feed, w);
		return;
	}
	linebuf_filled(&w->buf, (size_t)n);
	relay_lines(u, u->feed->stage, &w->buf, &u->feed->stage->count);
	count_toolong(u->feed, w);
}

void
feed_watch(struct super *u)
{
	struct feed *f = u->feed;

	if (!f || !relay_room(u, NULL))
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
