#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>

#include "broadcaster/sse.h"
#include "broadcaster/deflate.h"
#include "broadcaster/wsconn.h"
#include "broadcaster/wsroom.h"
#include "lib/log.h"
#include "lib/stamp.h"
#include "lib/utf8.h"
#include "lib/xalloc.h"

enum {
	CLOSE_NORMAL = 1000, CLOSE_GOING = 1001, CLOSE_RESTART = 1012, CLOSE_SLOW = 4108,
	CLOSE_BINARY = 1003, CLOSE_UTF8 = 1007, CLOSE_POLICY = 1008, CLOSE_LARGE = 1009,
};

static struct conn *
conn_of(struct lws *wsi)
{
	return lws_get_opaque_user_data(wsi);
}

struct conn *
ws_conn_new(struct server *s, const unsigned char peer[16])
{
	struct conn *c = xcalloc(1, sizeof *c);

	memcpy(c->peer, peer, sizeof c->peer);
	s->connections++;
	return c;
}

const unsigned char *
ws_peer(struct lws *wsi)
{
	static const unsigned char nobody[16];
	const struct conn *c = conn_of(wsi);

	return c ? c->peer : nobody;
}

void
ws_open(struct server *s)
{
	struct hub_options o = {
		.coalesce_ms = s->opt.coalesce_ms,
		.queue_bytes = (size_t)s->opt.queue_bytes,
		.unsent_bytes = (size_t)s->opt.unsent_bytes,
		.max_topics = (size_t)s->opt.max_topics,
		.server = "kato-live/" VERSION,
		.flags = s->opt.flags,
	};

	s->ws = xcalloc(1, sizeof *s->ws);
	s->ws->stop_ms = s->ws->clock_ms = -1;
	s->ws->tick_ms = stamp_mono() + 1000;
	for (size_t i = 0; i < WS_PING_SECONDS; i++)
		ws_link_init(&s->ws->wheel[i]);
	ws_link_init(&s->ws->kept);
	for (size_t i = 0; i < WS_WAITS; i++)
		ws_link_init(&s->ws->waits[i]);
	s->hub = hub_new(&wssend_ops, s->state, s->history, &s->stats, &o);
	sse_open(s);
	s->addresses = limits_addresses_new();
	s->restless = limits_addresses_new();
	s->ws->clock = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (s->ws->clock < 0 || !server_watch(s, s->ws->clock, "clock"))
		die(1, "timerfd: %s", strerror(errno));
	wsturn_clock(s);
}

static void
forget_request(struct conn *c)
{
	if (c->query)
		request_free(c->query);
	if (c->grant)
		grant_free(c->grant);
	free(c->query);
	free(c->grant);
	c->query = NULL;
	c->grant = NULL;
}

static int
established(struct server *s, struct lws *wsi, struct conn *c)
{
	c->upgraded = true;
	c->since = stamp_mono();
	wsroom_join(s, c->dialect, c->peer);
	if (c->denied) {	/* the hub never hears of it */
		wsraw_upgraded(c);
		wssend_end(c, CLOSE_POLICY, c->denied);
		return 0;
	}
	wsping_add(s->ws, c);
	c->client = hub_join(s->hub, wsi, c->dialect, c->query, c->grant, ws_now());
	s->clients_of[dialect_number(c->dialect)]++;
	forget_request(c);
	wsraw_upgraded(c);
	return 0;
}

static void
let_go(struct server *s, struct conn *c)
{
	if (!c->client)
		return;
	hub_leave(s->hub, c->client);
	s->clients_of[dialect_number(c->dialect)]--;
	c->client = NULL;
}

/* What is known of why it left; text says it with the code. */
static enum stats_leave
why_left(const struct conn *c, char *text, size_t size)
{
	int code = c->close_code ? c->close_code : c->raw.peer_code;

	if (c->no_pong || c->send_error) {
		snprintf(text, size, "%s", c->no_pong ? "no pong" : "a write failed");
		return c->no_pong ? LEAVE_NO_PONG : LEAVE_SEND_ERROR;
	}
	if (!code) {
		snprintf(text, size, "the connection ended without a close frame");
		return LEAVE_BROKEN;
	}
	snprintf(text, size, "%s closed with %d", c->close_code ? "server" : "peer", code);
	if (code == CLOSE_GOING || (c->close_code && code == CLOSE_RESTART))
		return c->close_code ? LEAVE_SERVER : LEAVE_NORMAL;
	if (c->close_code)
		return code == CLOSE_SLOW ? LEAVE_SLOW : LEAVE_FAULT;
	return code == CLOSE_NORMAL || code == WSIN_NO_STATUS ? LEAVE_NORMAL : LEAVE_CODE;
}

static void
closed(struct server *s, struct conn *c)
{
	char peer[46], text[64];
	enum stats_leave why;

	if (!c->upgraded)
		return;
	c->upgraded = false;
	let_go(s, c);
	why = why_left(c, text, sizeof text);
	if (wsroom_leave(s, c->dialect, c->peer, c->since) && stats_leave_abnormal(why))
		why = LEAVE_RESTLESS;	/* says nothing of us */
	s->stats.leaves[why]++;
	log_debug("client %s left: %s", server_peer(c->wsi, peer), text);
}

static void
destroyed(struct server *s, struct lws *wsi, struct conn *c)
{
	closed(s, c);
	wssend_out(s, c);
	wswait_shaken(s->ws, c);
	ws_link_remove(&c->link);
	strbuf_free(&c->message);
	forget_request(c);
	frame_unref(c->closing);
	wsraw_close(c);
	free(c);
	s->connections--;
	lws_set_opaque_user_data(wsi, NULL);
}

static void
handle(struct server *s, struct conn *c, const char *text, size_t len)
{
	struct hub_now now = ws_now();
	struct request r;

	switch (limits_message(&c->talk, s->opt.message_rate, s->opt.message_burst, now.mono)) {
	case LIMITS_OK:
		break;
	case LIMITS_SAY:
		s->stats.rate_limited++;
		hub_complain(s->hub, c->client, "rate_limited", "too many messages: they are ignored for a while", NULL, now);
		return;
	case LIMITS_IGNORE:
		s->stats.rate_limited++;
		return;
	case LIMITS_CLOSE:
		s->stats.protocol_closes++;
		hub_close(s->hub, c->client, CLOSE_POLICY, "too many messages");
		return;
	}
	if (!utf8_valid(text, len)) {
		s->stats.protocol_closes++;
		hub_close(s->hub, c->client, CLOSE_UTF8, "not UTF-8");
		return;
	}
	request_parse(c->dialect, text, len, &r);
	if (r.code)
		s->stats.bad_requests++;
	if (!hub_request(s->hub, c->client, &r, now))
		limits_forgive(&c->talk);
	request_free(&r);
	wsturn_clock(s);
}

static void
refuse_message(struct server *s, struct conn *c, int code, const char *reason)
{
	s->stats.protocol_closes++;
	hub_close(s->hub, c->client, code, reason);
	strbuf_free(&c->message);
}

/* A whole message, maybe compressed. */
static void
take(struct server *s, struct conn *c, const char *in, size_t len)
{
	struct strbuf text = {0};

	if (!c->deflated) {
		handle(s, c, in, len);
		return;
	}
	switch (deflate_inflate(in, len, (size_t)s->opt.message_bytes, &text)) {
	case DEFLATE_OK:
		handle(s, c, text.s ? text.s : "", text.len);
		break;
	case DEFLATE_TOO_LARGE:
		refuse_message(s, c, CLOSE_LARGE, "message too large");
		break;
	case DEFLATE_BROKEN:
		refuse_message(s, c, CLOSE_UTF8, "compressed data is broken");
		break;
	}
	strbuf_free(&text);
}

static int
receive(struct server *s, struct conn *c, const char *in, size_t len)
{
	bool last = lws_is_final_fragment(c->wsi);
	size_t most = (size_t)s->opt.message_bytes;

	if (c->closed || !c->client)
		return 0;
	wsdeflate_piece(c);
	if (c->deflated)
		most = deflate_bound(most);
	if (lws_frame_is_binary(c->wsi)) {
		if (!c->dialect->takes_binary)
			refuse_message(s, c, CLOSE_BINARY, "text only");
		else if (last)
			handle(s, c, "", 0);
	} else if (c->message.len + len + lws_remaining_packet_payload(c->wsi) > most) {
		refuse_message(s, c, CLOSE_LARGE, "message too large");
	} else if (last && !c->message.len) {
		take(s, c, in, len);
	} else {
		strbuf_add(&c->message, in, len);
		if (last) {
			struct strbuf whole = c->message;

			c->message = (struct strbuf){0};
			take(s, c, whole.s ? whole.s : "", whole.len);
			strbuf_free(&whole);
		}
	}
	return 0;
}

/* What ended the peer's side is answered, once. */
static void
answer_end(struct server *s, struct conn *c)
{
	struct wsraw *raw = &c->raw;

	if (raw->fault && !c->closed && c->client) {
		s->stats.protocol_closes++;
		hub_close(s->hub, c->client, raw->fault_code, raw->fault);
	} else if (!c->closed) {
		c->closed = true;
		let_go(s, c);
		c->closing = raw->peer_code == WSIN_NO_STATUS ? frame_new(FRAME_CLOSE, NULL, "", 0) : frame_close(raw->peer_code, "");
		wswait_begin(s->ws, c, WS_WAIT_CLOSE);
		wssend_close(c);
	}
}

/* -1: both sides have said what they had to say. */
static int
writable(struct server *s, struct conn *c)
{
	if (!lws_partial_buffered(c->wsi))
		wssend_out(s, c);
	wsraw_pong(c);
	if (c->raw.in.ended)
		answer_end(s, c);
	if (c->closed)
		wssend_close(c);
	else if (c->client)
		hub_drain(s->hub, c->client, ws_now());
	if (c->raw.pongs)
		lws_callback_on_writable(c->wsi);
	if (!c->raw.in.ended || c->closing || lws_partial_buffered(c->wsi))
		return 0;
	return wsraw_finish(c);
}

bool
ws_takes(enum lws_callback_reasons reason)
{
	switch (reason) {
	case LWS_CALLBACK_SSL_INFO:
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
	case LWS_CALLBACK_ADD_HEADERS:
	case LWS_CALLBACK_ESTABLISHED:
	case LWS_CALLBACK_RECEIVE:
	case LWS_CALLBACK_SERVER_WRITEABLE:
	case LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL:
	case LWS_CALLBACK_CLOSED:
	case LWS_CALLBACK_WSI_DESTROY:
		return true;
	default:
		return false;
	}
}

int
ws_callback(struct server *s, struct lws *wsi, enum lws_callback_reasons reason, void *in, size_t len)
{
	struct conn *c = conn_of(wsi);

	if (!c)
		return 0;
	switch (reason) {
	case LWS_CALLBACK_SSL_INFO:
		if (wswait_shaken(s->ws, c))
			wswait_begin(s->ws, c, WS_WAIT_OPEN);
		return 0;
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		return in ? wsgate_check(s, wsi, c, in) : -1;
	case LWS_CALLBACK_ADD_HEADERS:
		wsdeflate_answer(c, in);
		return 0;
	case LWS_CALLBACK_ESTABLISHED:
		return established(s, wsi, c);
	case LWS_CALLBACK_RECEIVE:
		return receive(s, c, in, len);
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return writable(s, c);
	case LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL:
		let_go(s, c);
		return 0;
	case LWS_CALLBACK_CLOSED:
		closed(s, c);
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		destroyed(s, wsi, c);
		return 0;
	default:
		return 0;
	}
}
