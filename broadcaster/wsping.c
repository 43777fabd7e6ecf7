#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "broadcaster/wsconn.h"
#include "lib/log.h"

/*
 * One wheel for all: a slot of it is pinged each second, and ten seconds later those of that slot who
 * did not answer are cut off. Timers of libwebsockets' own would cost a walk along all clients each.
 */

static struct frame *ping;

void
wsping_add(struct ws *w, struct conn *c)
{
	ws_link_append(&w->wheel[w->slot++ % WS_PING_SECONDS], &c->link);
}

/* How far the peer's kernel got, and whether anything is still under way to it. */
static uint64_t
acked(struct lws *wsi, bool *under_way)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof info;
	int fd = lws_get_socket_fd(wsi), queued = 0;

	*under_way = ioctl(fd, SIOCOUTQ, &queued) == 0 && queued > 0;
	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 ? info.tcpi_bytes_acked : 0;
}

/* A client that cannot be written to now gets no ping; what it has taken in since tells as much. */
static void
send_ping(struct conn *c)
{
	bool under_way;

	if (c->closed)
		return;
	if (!ping)
		ping = frame_new(FRAME_PING, NULL, "kato", 4);	/* libwebsockets does not tell of an empty pong */
	c->pinged = true;
	c->acked = acked(c->wsi, &under_way);
	if (!lws_partial_buffered(c->wsi) && lws_write(c->wsi, frame_bytes(ping), ping->len, LWS_WRITE_RAW) < 0)
		lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

/* A slow reader that still takes in what we sent long ago has not seen the ping yet: it is spared. */
static void
check_pong(struct server *s, struct conn *c)
{
	bool under_way;
	char peer[46];

	if (!c->pinged || c->closed)
		return;
	if (acked(c->wsi, &under_way) != c->acked && under_way)
		return;
	log_debug("client %s: no pong in %d s", server_peer(c->wsi, peer), WS_PONG_SECONDS);
	s->stats.ping_timeouts++;
	c->no_pong = true;
	lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

void
wsping_tick(struct server *s, int64_t now)
{
	struct ws *w = s->ws;
	size_t second = w->ticks++;	/* none is left out, however late it is */

	struct ws_link *late = &w->wheel[(second + WS_PING_SECONDS - WS_PONG_SECONDS) % WS_PING_SECONDS];
	struct ws_link *now_due = &w->wheel[second % WS_PING_SECONDS];

	for (struct ws_link *l = late->next, *next; l != late; l = next) {
		next = l->next;
		check_pong(s, (struct conn *)l);
	}
	for (struct ws_link *l = now_due->next, *next; l != now_due; l = next) {
		next = l->next;
		send_ping((struct conn *)l);
	}
	if (s->stopping) {
		w->tick_ms = now + 20;
		return;
	}
	w->tick_ms += 1000;
	if (w->tick_ms <= now)	/* after a long sleep: not all at once */
		w->tick_ms = now + 1000;
}
