#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "broadcaster/servertls.h"
#include "broadcaster/sse.h"
#include "broadcaster/wsconn.h"
#include "broadcaster/wsroom.h"
#include "lib/log.h"
#include "lib/stamp.h"
#include "lib/xalloc.h"

enum { CLOSE_LATER = 4000 };	/* codes from here on are for this client alone: it is told why */

struct stream {
	struct httpwatch watch;
	struct ws_link link;		/* of those who get their comment in the same second */
	struct hub_client *client;	/* NULL: has not joined */
	const struct dialect *dialect;
	int64_t since;
	struct frame *rest;		/* begun: bytes from sent on are still to go before anything else */
	size_t sent;
	struct frame *last;		/* ends the stream, behind the rest */
	bool closing;
};

struct sse {
	struct ws_link wheel[SSE_BEAT_SECONDS];
	size_t slot, ticks;
	struct frame *beat;
};

static struct stream *
stream_of(struct lws *wsi)
{
	const struct http_session *c = lws_wsi_user(wsi);

	return (struct stream *)c->watch;
}

static struct server *
server_of(struct lws *wsi)
{
	return lws_context_user(lws_get_context(wsi));
}

static void
cut_off(struct stream *c)
{
	lws_set_timeout(c->watch.wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

/* How many bytes went, fewer than n where the socket is full; -1: it is broken. */
static ssize_t
send_some(struct lws *wsi, unsigned char *p, size_t n)
{
	size_t sent = 0;

	while (sent < n) {
		ssize_t some = servertls_send(wsi, &(struct iovec){p + sent, n - sent}, 1);

		if (some < 0)
			return -1;
		if (!some)
			break;
		sent += (size_t)some;
	}
	return (ssize_t)sent;
}

/* Goes on with the rest. False: there is more of it, or the connection is broken. */
static bool
send_rest(struct server *s, struct stream *c)
{
	ssize_t n;

	if (!c->rest)
		return true;
	n = send_some(c->watch.wsi, frame_bytes(c->rest) + c->sent, c->rest->len - c->sent);
	if (n < 0) {
		s->stats.send_errors++;
		cut_off(c);
		return false;
	}
	c->sent += (size_t)n;
	if (c->sent < c->rest->len) {
		httpwatch_want(s, &c->watch);
		return false;
	}
	frame_unref(c->rest);
	c->rest = NULL;
	return true;
}

/* A frame once begun is finished before anything else: what the socket did not take is kept here. */
static bool
send_frame(struct server *s, struct stream *c, struct frame *f)
{
	ssize_t n = send_some(c->watch.wsi, frame_bytes(f), f->len);

	if (n < 0) {
		s->stats.send_errors++;
		cut_off(c);	/* not here: the hub is in the middle of its list */
		return false;
	}
	if ((size_t)n < f->len) {
		s->stats.partial_writes++;
		c->rest = frame_ref(f);
		c->sent = (size_t)n;
		httpwatch_want(s, &c->watch);
	}
	return true;
}

static enum hub_sent
op_write(void *conn, struct frame *f)
{
	struct stream *c = stream_of(conn);
	struct server *s = server_of(conn);

	if (c->rest)
		return HUB_BLOCKED;
	if (!send_frame(s, c, f))
		return HUB_DEAD;
	s->stats.frames_sent += f->messages;
	s->stats.bytes_sent += f->len;
	return HUB_SENT;
}

static void
op_want_writable(void *conn)
{
	httpwatch_want(server_of(conn), &stream_of(conn)->watch);
}

/* The last words, then the end of the stream; the client closes, or has had its time. */
static void
send_closing(struct server *s, struct stream *c)
{
	struct frame *last = c->last;

	c->last = NULL;
	if (last && !send_frame(s, c, last)) {
		frame_unref(last);
		return;
	}
	frame_unref(last);
	if (!c->rest)
		servertls_end(c->watch.wsi);
}

static unsigned
retry_ms(void)
{
	unsigned r = 0;

	if (getrandom(&r, sizeof r, GRND_NONBLOCK) != sizeof r)
		r = (unsigned)stamp_mono();
	return SSE_RETRY_MS + r % (SSE_RETRY_MOST_MS - SSE_RETRY_MS + 1);
}

/* What ends it: for who is closed alone, a message that says why; for all, when to come back. */
static struct frame *
farewell(const struct dialect *d, int code, const char *reason)
{
	struct strbuf text = {0}, message = {0}, detail = {0};
	char time[STAMP_LEN + 1];
	struct frame *f;

	if (code >= CLOSE_LATER) {
		strbuf_addjsons(&message, reason);
		strbuf_addf(&detail, ",\"detail\":{\"close\":%d}", code);
		strbuf_adds(&text, "data: ");
		dialect_fill(d->error, (struct dialect_var[]){
		    {"time", stamp_format(stamp_now(), time)},
		    {"code", "\"closed\""},
		    {"message", message.s},
		    {"detail", detail.s},
		    {NULL, NULL}}, &text);
		strbuf_adds(&text, "\n\n");
	}
	strbuf_addf(&text, "retry: %u\n: %s\n\n", retry_ms(), reason);
	f = frame_new_bytes(text.s, text.len);
	strbuf_free(&text);
	strbuf_free(&message);
	strbuf_free(&detail);
	return f;
}

static void
op_close(void *conn, int code, const char *reason)
{
	struct stream *c = stream_of(conn);
	char peer[46];

	if (c->closing)
		return;
	c->closing = true;
	log_debug("client %s: stream ended with %d: %s", server_peer(conn, peer), code, reason);
	c->last = farewell(c->dialect, code, reason);
	lws_set_timeout(conn, PENDING_TIMEOUT_USER_OK, SSE_CLOSE_SECONDS);
	if (!c->rest)
		send_closing(server_of(conn), c);
}

static void
writable(struct server *s, struct httpwatch *w)
{
	struct stream *c = (struct stream *)w;

	if (!send_rest(s, c))
		return;
	if (c->closing)
		send_closing(s, c);
	else
		hub_drain(s->hub, c->client, ws_now());
}

static void
over(struct server *s, struct httpwatch *w)
{
	(void)s;
	cut_off((struct stream *)w);
}

static void
release(struct server *s, struct httpwatch *w)
{
	struct stream *c = (struct stream *)w;
	char peer[46];

	ws_link_remove(&c->link);
	if (c->client) {
		hub_leave(s->hub, c->client);
		wsroom_leave(s, c->dialect, ws_peer(w->wsi), c->since);
		s->stats.streams--;
		log_debug("client %s left its stream", server_peer(w->wsi, peer));
	}
	frame_unref(c->rest);
	frame_unref(c->last);
	free(c);
}

void
sse_open(struct server *s)
{
	static const struct hub_ops ops = {op_write, op_want_writable, op_close, NULL};

	s->sse = xcalloc(1, sizeof *s->sse);
	s->sse->beat = frame_new_bytes(":\n\n", 3);
	for (size_t i = 0; i < SSE_BEAT_SECONDS; i++)
		ws_link_init(&s->sse->wheel[i]);
	hub_reach(s->hub, FRAMING_EVENTS, &ops);
}

static void
join(struct server *s, struct lws *wsi, struct stream *c, const struct request *query, const struct grant *grant)
{
	c->since = stamp_mono();
	wsroom_join(s, c->dialect, ws_peer(wsi));
	s->stats.streams++;
	ws_link_append(&s->sse->wheel[s->sse->slot++ % SSE_BEAT_SECONDS], &c->link);
	c->client = hub_join(s->hub, wsi, c->dialect, query, grant, ws_now());
	ws_turn(s);
}

int
sse_begin(struct server *s, struct lws *wsi, struct http_session *session, struct strbuf *head, const struct dialect *d,
    const struct request *query, const struct grant *grant)
{
	static const struct httpwatch_ops watch_ops = {writable, over, release};
	struct stream *c = xcalloc(1, sizeof *c);
	int dead_ms = SSE_DEAD_SECONDS * 1000;
	struct frame *first;
	bool fine;

	if (!httpwatch_begin(s, &c->watch, wsi, SSE_INPUT_BYTES, &watch_ops)) {
		strbuf_free(head);
		free(c);
		return -1;
	}
	c->dialect = d;
	*session = (struct http_session){.wsi = wsi, .watch = &c->watch};
	lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
	if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) <= 0)	/* else libwebsockets looks at them once more */
		lws_http_headers_detach(wsi);	/* 4 KiB, for as long as the stream lasts */
	setsockopt(lws_get_socket_fd(wsi), IPPROTO_TCP, TCP_USER_TIMEOUT, &dead_ms, sizeof dead_ms);
	strbuf_addf(head, "retry: %u\n\n", retry_ms());
	first = frame_new_bytes(head->s, head->len);
	strbuf_free(head);
	fine = send_frame(s, c, first);
	frame_unref(first);
	if (fine)
		join(s, wsi, c, query, grant);
	return fine ? 0 : -1;
}

void
sse_tick(struct server *s)
{
	struct ws_link *due = &s->sse->wheel[s->sse->ticks++ % SSE_BEAT_SECONDS];

	for (struct ws_link *l = due->next; l != due; l = l->next) {
		struct stream *c = (struct stream *)((char *)l - offsetof(struct stream, link));

		if (!c->rest && !c->closing)
			send_frame(s, c, s->sse->beat);
	}
}
