#include <sys/socket.h>

#include "broadcaster/servertls.h"
#include "broadcaster/wsconn.h"
#include "lib/stamp.h"

enum { MAY_STAY_MS = 1000 };	/* so long nobody is sent away, or of a crowd that comes at once none would get in */

static const int64_t patience_ms[WS_WAITS] = {[WS_WAIT_TLS] = WS_OPEN_SECONDS * 1000, [WS_WAIT_OPEN] = WS_OPEN_SECONDS * 1000,
    [WS_WAIT_CLOSE] = WS_CLOSE_SECONDS * 1000, [WS_WAIT_DENIED] = WS_DENIED_SECONDS * 1000};

void
ws_link_init(struct ws_link *l)
{
	l->next = l->prev = l;
}

void
ws_link_remove(struct ws_link *l)
{
	if (!l->next)
		return;
	l->next->prev = l->prev;
	l->prev->next = l->next;
	l->next = l->prev = NULL;
}

void
ws_link_append(struct ws_link *list, struct ws_link *l)
{
	ws_link_remove(l);
	l->prev = list->prev;
	l->next = list;
	list->prev->next = l;
	list->prev = l;
}

void
wswait_begin(struct ws *w, struct conn *c, enum ws_wait kind)
{
	c->due_ms = stamp_mono() + patience_ms[kind];
	ws_link_append(&w->waits[kind], &c->link);
}

static void
cut(struct conn *c)
{
	ws_link_remove(&c->link);
	lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

int64_t
wswait_due(const struct ws *w)
{
	int64_t due = -1;

	for (size_t i = 0; i < WS_WAITS; i++)
		if (w->waits[i].next != &w->waits[i]) {
			const struct conn *c = (const struct conn *)w->waits[i].next;

			if (due < 0 || c->due_ms < due)
				due = c->due_ms;
		}
	return due;
}

/* False: nobody has been waited for as long as that. */
static bool
cut_oldest(struct ws *w, enum ws_wait kind, int64_t stay_ms)
{
	struct ws_link *list = &w->waits[kind], *oldest = list->next;

	if (oldest == list || ((struct conn *)oldest)->due_ms - stamp_mono() > patience_ms[kind] - stay_ms)
		return false;
	ws_link_remove(oldest);
	/* a timer of libwebsockets may come too late for all who are accepted meanwhile; the end of file does not */
	shutdown(((struct conn *)oldest)->fd, SHUT_RDWR);
	return true;
}

bool
ws_make_room(struct server *s)
{
	return cut_oldest(s->ws, WS_WAIT_TLS, MAY_STAY_MS) || cut_oldest(s->ws, WS_WAIT_OPEN, MAY_STAY_MS);
}

void
wswait_tick(struct server *s, int64_t now)
{
	for (size_t i = 0; i < WS_WAITS; i++)
		for (struct ws_link *l; (l = s->ws->waits[i].next) != &s->ws->waits[i];) {
			struct conn *c = (struct conn *)l;

			if (c->due_ms > now)
				break;
			cut(c);
		}
}

/* libwebsockets has begun to wait for the request, too; each of its timers costs a walk along all of them. */
void
ws_conn_accepted(struct server *s, struct lws *wsi)
{
	struct conn *c = lws_get_opaque_user_data(wsi);

	lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
	c->wsi = wsi;
	wsraw_open(c);
	c->shaking = servertls_is_shaking(wsi);
	wswait_begin(s->ws, c, c->shaking ? WS_WAIT_TLS : WS_WAIT_OPEN);
	if (c->shaking && ++s->ws->shaking > WS_HANDSHAKES_MAX)
		cut_oldest(s->ws, WS_WAIT_TLS, 0);	/* their memory is bounded, whoever comes */
}

bool
wswait_shaken(struct ws *w, struct conn *c)
{
	if (!c->shaking)
		return false;
	c->shaking = false;
	w->shaking--;
	return true;
}

void
ws_conn_asked(struct lws *wsi)
{
	struct conn *c = lws_get_opaque_user_data(wsi);

	if (c && !c->upgraded)
		ws_link_remove(&c->link);
}
