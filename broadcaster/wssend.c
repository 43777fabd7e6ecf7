#include <stddef.h>

#include "broadcaster/wsconn.h"
#include "lib/log.h"

enum { CLOSE_SLOW = 4108 };

_Static_assert((int)FRAME_PRE >= (int)LWS_PRE, "libwebsockets wants more room in front");

static struct conn *
conn_of(struct lws *wsi)
{
	return lws_get_opaque_user_data(wsi);
}

void
wssend_out(struct server *s, struct conn *c)
{
	s->stats.kept_bytes -= c->kept;
	c->kept = 0;
	ws_link_remove(&c->kept_link);
}

/*
 * libwebsockets has copied the rest. When all it has copied is too much, who has taken longest over his goes, without a
 * word: nothing can follow half a frame.
 */
static void
taken_in_part(struct server *s, struct conn *c, size_t len)
{
	s->stats.partial_writes++;
	wssend_out(s, c);
	c->kept = len;
	s->stats.kept_bytes += len;
	ws_link_append(&s->ws->kept, &c->kept_link);
	lws_callback_on_writable(c->wsi);	/* to see when it is out */
	while (s->stats.kept_bytes > (uint64_t)s->opt.unsent_bytes) {
		struct conn *slow = (struct conn *)((char *)s->ws->kept.next - offsetof(struct conn, kept_link));

		wssend_out(s, slow);
		if (slow->client && !slow->closed) {
			s->stats.slow_closes++;
			hub_close(s->hub, slow->client, CLOSE_SLOW, "too slow: what waits for all together was beyond the limit");
		}
		lws_set_timeout(slow->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
	}
}

static enum hub_sent
op_write(void *conn, struct frame *f)
{
	struct lws *wsi = conn;
	struct server *s = lws_context_user(lws_get_context(wsi));

	if (lws_partial_buffered(wsi))
		return HUB_BLOCKED;
	if (lws_write(wsi, frame_bytes(f), f->len, LWS_WRITE_RAW) < 0) {
		s->stats.send_errors++;
		conn_of(wsi)->send_error = true;
		/* not here: the hub is in the middle of its list */
		lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
		return HUB_DEAD;
	}
	s->stats.sends++;
	s->stats.frames_sent += f->messages;
	s->stats.bytes_sent += f->len;
	if (lws_partial_buffered(wsi))
		taken_in_part(s, conn_of(wsi), f->len);
	return HUB_SENT;
}

static void
op_want_writable(void *conn)
{
	lws_callback_on_writable(conn);
}

void
wssend_close(struct conn *c)
{
	if (!c->closing)
		return;
	if (lws_partial_buffered(c->wsi)) {
		lws_callback_on_writable(c->wsi);
		return;
	}
	if (lws_write(c->wsi, frame_bytes(c->closing), c->closing->len, LWS_WRITE_RAW) < 0)
		lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
	frame_unref(c->closing);
	c->closing = NULL;
}

void
wssend_end(struct conn *c, int code, const char *reason)
{
	struct server *s = lws_context_user(lws_get_context(c->wsi));
	char peer[46];

	if (c->closed)
		return;
	c->closed = true;
	c->close_code = (uint16_t)code;
	log_debug("client %s: closed with %d: %s", server_peer(c->wsi, peer), code, reason);
	c->closing = frame_close(code, reason);
	wswait_begin(s->ws, c, c->denied ? WS_WAIT_DENIED : WS_WAIT_CLOSE);
	wssend_close(c);
}

static void
op_close(void *conn, int code, const char *reason)
{
	wssend_end(conn_of(conn), code, reason);
}

static enum frame_form
op_form(void *conn)
{
	const struct conn *c = conn_of(conn);

	return c->form;
}

const struct hub_ops wssend_ops = {op_write, op_want_writable, op_close, op_form};
