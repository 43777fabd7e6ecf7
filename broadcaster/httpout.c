#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "broadcaster/http.h"
#include "broadcaster/httpout.h"
#include "broadcaster/servertls.h"
#include "lib/stamp.h"

enum {
	TICK_MS = 5,
	TICK_BYTES = 4 << 20,		/* of all answers in one tick: events go out between two */
	WAIT_MS = 5, WAIT_MOST_MS = 160,	/* to the next try on a full socket; doubles */
};

static struct http_session *waiting;
static int timer = -1;

static void
unlink_session(struct http_session *c)
{
	if (!c->prev)
		return;
	*c->prev = c->next;
	if (c->next)
		c->next->prev = c->prev;
	c->prev = NULL;
}

static void
link_session(struct http_session *c)
{
	c->next = waiting;
	if (waiting)
		waiting->prev = &c->next;
	waiting = c;
	c->prev = &waiting;
}

void
httpout_release(struct server *s, struct http_session *c)
{
	if (!c)
		return;
	unlink_session(c);
	httpwatch_end(s, c->watch);
	body_unref(c->body);
	strbuf_free(&c->head);
	*c = (struct http_session){0};
}

/* Sends at most max bytes: how many went, 0: the socket is full, -1: it is broken. */
static ssize_t
push(struct http_session *c, size_t max)
{
	size_t head = c->sent < c->head.len ? c->head.len - c->sent : 0, at = c->sent > c->head.len ? c->sent - c->head.len : 0;
	size_t body = c->total - c->sent - head;
	struct iovec v[2];
	size_t parts = 0;
	ssize_t n;

	if (head)
		v[parts++] = (struct iovec){c->head.s + c->sent, head};
	if (body > max)
		body = max;
	if (body)
		v[parts++] = (struct iovec){c->body->data + at, body};
	n = servertls_send(c->wsi, v, parts);
	if (n <= 0)
		return n;
	if (c->sent / HTTP_PIECE != (c->sent + (size_t)n) / HTTP_PIECE)
		lws_set_timeout(c->wsi, PENDING_TIMEOUT_HTTP_CONTENT, HTTP_PIECE_SECONDS);
	c->sent += (size_t)n;
	return n;
}

static void
step(struct server *s, struct http_session *c, int64_t now, size_t *budget)
{
	ssize_t n;

	while (c->sent < c->total && *budget) {
		n = push(c, HTTP_PIECE);
		if (n < 0) {
			s->stats.send_errors++;
			unlink_session(c);
			lws_set_timeout(c->wsi, PENDING_TIMEOUT_HTTP_CONTENT, LWS_TO_KILL_ASYNC);
			return;
		}
		if (!n) {
			c->try_ms = now + c->wait_ms;
			c->wait_ms = c->wait_ms * 2 > WAIT_MOST_MS ? WAIT_MOST_MS : c->wait_ms * 2;
			return;
		}
		c->wait_ms = WAIT_MS;
		*budget -= (size_t)n < *budget ? (size_t)n : *budget;
	}
	if (c->sent < c->total)
		return;
	unlink_session(c);
	c->done = true;
	lws_rx_flow_control(c->wsi, 1);
	lws_callback_on_writable(c->wsi);
}

static bool
set_clock(struct server *s)
{
	struct itimerspec t = {.it_value.tv_nsec = TICK_MS * 1000000};

	if (timer < 0) {
		timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
		if (timer >= 0 && !server_watch(s, timer, "httpout")) {
			close(timer);
			timer = -1;
		}
	}
	return timer >= 0 && timerfd_settime(timer, 0, &t, NULL) == 0;
}

/* Who had a turn waits behind who had none, so that a small budget reaches all. */
static void
tick(struct server *s)
{
	size_t budget = TICK_BYTES;
	int64_t now = stamp_mono();
	struct http_session *todo = waiting, *c;

	waiting = NULL;
	if (todo)
		todo->prev = &todo;
	while ((c = todo)) {
		unlink_session(c);
		link_session(c);
		if (c->try_ms <= now && budget)
			step(s, c, now, &budget);
	}
	if (waiting)
		set_clock(s);
}

bool
httpout_busy(void)
{
	return waiting != NULL;
}

int
httpout_clock_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	uint64_t times;

	(void)user, (void)in, (void)len;
	if (reason == LWS_CALLBACK_RAW_RX_FILE && read(timer, &times, sizeof times) > 0)
		tick(lws_context_user(lws_get_context(wsi)));
	return 0;
}

int
httpout_begin(struct server *s, struct lws *wsi, struct http_session *c, struct strbuf *head, struct body *body,
    enum httpout_end end)
{
	ssize_t n;

	*c = (struct http_session){.wsi = wsi, .head = *head, .end = end, .wait_ms = WAIT_MS};
	*head = (struct strbuf){0};
	c->body = body ? body_ref(body) : NULL;
	c->total = c->head.len + (body ? body->len : 0);
	n = push(c, HTTP_PIECE);
	if (n < 0) {
		s->stats.send_errors++;
		return -1;
	}
	if (c->sent == c->total)
		return httpout_writable(s, wsi, c);
	if (!waiting && !set_clock(s))
		return -1;
	link_session(c);
	lws_rx_flow_control(wsi, 0);
	lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, HTTP_PIECE_SECONDS);
	return 0;
}

int
httpout_writable(struct server *s, struct lws *wsi, struct http_session *c)
{
	enum httpout_end end = c->end;
	bool over = c->done || (c->total && c->sent == c->total);

	if (!over)
		return 0;
	httpout_release(s, c);
	if (end == HTTPOUT_LINGER && (c->watch = httpwatch_linger(s, wsi)))
		return 0;
	if (end != HTTPOUT_KEEP)
		return -1;
	return lws_http_transaction_completed(wsi) ? -1 : 0;
}
