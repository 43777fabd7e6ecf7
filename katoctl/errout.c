#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "katoctl/errout.h"
#include "lib/fdio.h"
#include "lib/xalloc.h"

enum {
	LINE_MAX_ERR = 64 << 10,
	PIECE = 3500,		/* a longer line is passed on in pieces, each a line */
	WRITE_MAX = 4096,	/* a pipe that poll(2) calls writable takes so much without blocking */
	LAST_WAIT_MS = 1000,
	KEEP = 300,		/* bytes of a stage's last line, for status */
};

struct errout {
	struct strbuf held;	/* whole lines that standard error has not taken yet */
	uint64_t left_out;
};

struct errout *
errout_new(void)
{
	return xcalloc(1, sizeof(struct errout));
}

static bool
writable(int wait_ms)
{
	struct pollfd p = {.fd = 2, .events = POLLOUT};

	return poll(&p, 1, wait_ms) == 1 && p.revents & POLLOUT;
}

/* Whole lines of at most WRITE_MAX bytes in all, at least one. */
static size_t
chunk(const struct strbuf *b)
{
	const char *nl;

	if (b->len <= WRITE_MAX)
		return b->len;
	nl = memrchr(b->s, '\n', WRITE_MAX);
	return nl ? (size_t)(nl - b->s) + 1 : WRITE_MAX;
}

static void
flush(struct errout *e, int wait_ms)
{
	while (e->held.len && writable(wait_ms)) {
		ssize_t n = write(2, e->held.s, chunk(&e->held));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			strbuf_reset(&e->held);
			return;
		}
		e->held.len -= (size_t)n;
		memmove(e->held.s, e->held.s + n, e->held.len);
	}
	if (!e->held.len && e->left_out) {
		log_warn("standard error is read too slowly; %llu lines left out", (unsigned long long)e->left_out);
		e->left_out = 0;
	}
}

void
errout_del(struct errout *e)
{
	if (!e)
		return;
	flush(e, LAST_WAIT_MS);
	strbuf_free(&e->held);
	free(e);
}

void
errout_init_stage(struct stage *s)
{
	linebuf_init(&s->err, LINE_MAX_ERR);
}

static size_t
journal_prefix(const char *p, size_t n)
{
	return n >= 3 && p[0] == '<' && p[1] >= '0' && p[1] <= '7' && p[2] == '>' ? 3 : 0;
}

static void
add_piece(struct strbuf *to, const char *prefix, size_t prefix_len, const char *name, const char *p, size_t n)
{
	size_t len = strlen(name);

	strbuf_add(to, prefix, prefix_len);
	if (n <= len || memcmp(p, name, len) != 0 || p[len] != ':')
		strbuf_addf(to, "%s: ", name);
	for (size_t i = 0; i < n; i++)
		strbuf_addc(to, (p[i] >= 0 && p[i] < 0x20 && p[i] != '\t') || p[i] == 0x7f ? '?' : p[i]);
	strbuf_addc(to, '\n');
}

/* For status: what there is to see of the last line that is not blank. */
static void
keep_last(struct stage *s, const char *p, size_t n)
{
	if (!n)
		return;
	if (n > KEEP)
		n = KEEP;
	free(s->last_err);
	s->last_err = xmemdup0(p, n);
	for (char *q = s->last_err; q < s->last_err + n; q++)
		if (!*q)
			*q = ' ';
}

/* Where a sink says it listens, for the last word of the start. */
static void
catch_url(struct stage *s, const char *p, size_t n)
{
	static const char said[] = "listening on http";
	const char *at = s->url || s->plan->kind != PLAN_SINK ? NULL : memmem(p, n, said, sizeof said - 1);
	size_t len = 0;

	if (!at)
		return;
	at += sizeof said - 1 - 4;
	while (at + len < p + n && (unsigned char)at[len] > ' ')
		len++;
	s->url = xmemdup0(at, len);
}

static void
pass_on(struct errout *e, struct stage *s, const char *p, size_t n)
{
	size_t prefix = journal_prefix(p, n);
	const char *rest = p + prefix;

	if (n && p[n - 1] == '\r')
		n--;
	catch_url(s, p, n);
	n = n > prefix ? n - prefix : 0;
	keep_last(s, rest, n);
	do {
		size_t piece = n < PIECE ? n : PIECE;

		if (e->held.len + piece > ERROUT_MAX_BYTES)
			e->left_out++;
		else
			add_piece(&e->held, p, prefix, s->plan->name, rest, piece);
		rest += piece;
		n -= piece;
	} while (n);
}

/* One read. False: nothing to be had now. */
static bool
read_err(struct super *u, struct stage *s)
{
	char *p;
	size_t room, len;
	ssize_t n;

	if (s->proc.err < 0)
		return false;
	p = linebuf_space(&s->err, &room);
	n = fd_read(s->proc.err, p, room);
	if (n > 0)
		linebuf_filled(&s->err, (size_t)n);
	while (linebuf_next(&s->err, &p, &len))
		pass_on(u->errout, s, p, len);
	if ((linebuf_pending(&s->err) > LINE_MAX_ERR / 2 || n == 0) && linebuf_rest(&s->err, &p, &len))
		pass_on(u->errout, s, p, len);
	if (n == 0) {
		close(s->proc.err);
		s->proc.err = -1;
	}
	return n > 0;
}

static void
err_ready(void *super, void *stage)
{
	struct super *u = super;

	read_err(u, stage);
	flush(u->errout, 0);
}

static void
room_again(void *super, void *arg)
{
	struct super *u = super;

	(void)arg;
	flush(u->errout, 0);
}

void
errout_watch(struct super *u)
{
	for (size_t i = 0; i < u->n; i++)
		loop_add(&u->loop, u->v[i].proc.err, POLLIN, err_ready, u, &u->v[i]);
	if (u->errout->held.len)
		loop_add(&u->loop, 2, POLLOUT, room_again, u, NULL);
}

void
errout_rest(struct super *u, struct stage *s)
{
	char *p;
	size_t len;

	while (read_err(u, s))
		;
	if (linebuf_rest(&s->err, &p, &len))
		pass_on(u->errout, s, p, len);
	linebuf_free(&s->err);
	flush(u->errout, 0);
}
