#include <libwebsockets.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "collectors/hint.h"
#include "collectors/katoeventsconn.h"
#include "lib/json.h"
#include "lib/stamp.h"
#include "lib/strbuf.h"

enum { HEALTH_MAX = 16 << 10 };	/* bytes of an answer */

static int
say_ping(struct katoevents_conn *c)
{
	unsigned char buf[LWS_PRE + 4];

	if (!c->ping_due)
		return 0;
	c->ping_due = false;
	memcpy(buf + LWS_PRE, "ping", 4);
	return lws_write(c->wsi, buf + LWS_PRE, 4, c->pings == 1 ? LWS_WRITE_TEXT : LWS_WRITE_PING) < 0 ? -1 : 0;
}

/* Will the connection still be there when the answer is over? */
static bool
is_kept(struct lws *wsi)
{
	char value[32];

	if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP1_0) > 0)
		return false;
	if (lws_hdr_copy(wsi, value, sizeof value, WSI_TOKEN_CONNECTION) > 0 && !strncasecmp(value, "close", 5))
		return false;
	return lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0 ||
	    lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0;
}

static uint64_t
worker_of(const struct katoevents_conn *c)
{
	struct span began;
	size_t at;

	if (c->status != 200 || !c->text.len || json_check(c->text.s, c->text.len, &at))
		return 0;
	began = json_member(json_trim(c->text.s, c->text.len), "last_collection");
	return json_is(began, '0') ? hint_hash(began.p, began.len) : 0;
}

/* The question was answered: on to the WebSocket, over the same connection. */
static int
answered(struct katoevents_conn *c)
{
	struct katoevents *k = c->owner;

	if (!c->kept) {
		katoevents_lost(c, "KATO closes connections after an answer");
		return -1;
	}
	if (!k->calls.landed(k->calls.arg, katoevents_slot(c), worker_of(c))) {
		c->phase = FREE;
		c->wsi = NULL;
		return -1;
	}
	katoevents_connect(c, true, true);
	return c->phase == FREE ? -1 : 0;
}

/* A part of the answer; libwebsockets hands it on through LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ. */
static int
read_answer(struct lws *wsi)
{
	char buf[LWS_PRE + 2048], *p = buf + LWS_PRE;
	int n = sizeof buf - LWS_PRE;

	return lws_http_client_read(wsi, &p, &n) < 0 ? -1 : 0;
}

/*
 * Whatever is wrong, libwebsockets must not be told so with -1 from here: 4.1.6 then goes on taking bytes
 * until its close is answered, past the end of a full buffer.
 */
static void
message(struct katoevents_conn *c, const char *p, size_t len)
{
	struct katoevents *k = c->owner;

	c->heard = stamp_mono();
	c->pings = 0;
	if (lws_is_first_fragment(c->wsi))
		strbuf_reset(&c->text);
	if (c->text.len + len > KATOEVENTS_MESSAGE_MAX) {
		katoevents_give_up(c, "a message over 65536 bytes");
		return;
	}
	strbuf_add(&c->text, p, len);
	if (lws_is_final_fragment(c->wsi)) {
		k->calls.message(k->calls.arg, katoevents_slot(c), c->text.s, c->text.len);
		strbuf_reset(&c->text);
	}
}

static void
opened(struct katoevents_conn *c)
{
	c->phase = UP;
	c->heard = stamp_mono();
	c->pings = 0;
	c->ping_due = false;
	strbuf_reset(&c->text);
	c->owner->calls.up(c->owner->calls.arg, katoevents_slot(c));
}

static void
failed(struct katoevents_conn *c, const char *in, size_t len)
{
	char why[128];

	if (c->status && c->status != 101)
		snprintf(why, sizeof why, "HTTP status %u", c->status);
	else
		snprintf(why, sizeof why, "%.*s", (int)len, in && len ? in : "");
	katoevents_lost(c, *why ? why : "no connection");
}

static int
add_headers(struct katoevents_conn *c, unsigned char **p, size_t len)
{
	const char *basic = c->owner->basic;

	if (!basic)
		return 0;
	return lws_add_http_header_by_token(c->wsi, WSI_TOKEN_HTTP_AUTHORIZATION, (const unsigned char *)basic, (int)strlen(basic),
	    p, *p + len) ? -1 : 0;
}

/* Long: one line for each of libwebsockets' reasons. */
int
katoevents_call(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct katoevents_conn *c = wsi ? lws_get_opaque_user_data(wsi) : NULL;

	(void)user;
	if (!c || c->wsi != wsi)
		return 0;	/* not a connection, or one we gave up */
	switch (reason) {
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		return add_headers(c, in, len);
	case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
		c->status = lws_http_client_http_response(wsi);
		c->kept = is_kept(wsi);
		return 0;
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
		return read_answer(wsi);
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
		if (c->text.len + len <= HEALTH_MAX)
			strbuf_add(&c->text, in, len);
		else
			c->status = 0;	/* no health of KATO's */
		return 0;
	case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
		return answered(c);
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		opened(c);
		return c->wsi == wsi ? 0 : -1;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		message(c, in, len);
		return 0;
	case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
		c->heard = stamp_mono();
		c->pings = 0;
		return 0;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return say_ping(c);
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		failed(c, in, len);
		return 0;
	case LWS_CALLBACK_CLIENT_CLOSED:
	case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
	case LWS_CALLBACK_WSI_DESTROY:
		katoevents_lost(c, "closed by KATO");
		return 0;
	default:
		return 0;
	}
}
