#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broadcaster/httpwatch.h"
#include "broadcaster/servertls.h"
#include "lib/xalloc.h"

enum {
	EVENTS_AT_ONCE = 64,
	DISCARD_AT_ONCE = 256 << 10,
};

static int set = -1;

static bool
open_set(struct server *s)
{
	if (set >= 0)
		return true;
	set = epoll_create1(EPOLL_CLOEXEC);
	if (set >= 0 && !server_watch(s, set, "httpwatch")) {
		close(set);
		set = -1;
	}
	return set >= 0;
}

static bool
control(struct httpwatch *w, int op)
{
	struct epoll_event e = {.events = EPOLLIN | EPOLLRDHUP | (w->wanted ? EPOLLOUT : 0), .data.ptr = w};

	return epoll_ctl(set, op, lws_get_socket_fd(w->wsi), &e) == 0;
}

bool
httpwatch_begin(struct server *s, struct httpwatch *w, struct lws *wsi, size_t most, const struct httpwatch_ops *ops)
{
	*w = (struct httpwatch){.ops = ops, .wsi = wsi, .spare = most};
	if (!open_set(s) || !control(w, EPOLL_CTL_ADD))
		return false;
	w->watched = true;
	lws_rx_flow_control(wsi, 0);
	return true;
}

static void
unwatch(struct httpwatch *w)
{
	if (w->watched)
		control(w, EPOLL_CTL_DEL);
	w->watched = false;
}

void
httpwatch_want(struct server *s, struct httpwatch *w)
{
	(void)s;
	if (!w->watched || w->wanted)
		return;
	w->wanted = true;
	control(w, EPOLL_CTL_MOD);
}

void
httpwatch_end(struct server *s, struct httpwatch *w)
{
	if (!w)
		return;
	unwatch(w);
	w->ops->release(s, w);
}

/* Throws away what came; false: it has gone, or it was too much. */
static bool
discard(struct httpwatch *w)
{
	ssize_t n = recv(lws_get_socket_fd(w->wsi), NULL, DISCARD_AT_ONCE, MSG_DONTWAIT | MSG_TRUNC);

	if (n < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
	if (!n || (size_t)n > w->spare)
		return false;
	w->spare -= (size_t)n;
	return true;
}

static void
happened(struct server *s, struct httpwatch *w, uint32_t events)
{
	bool over = events & (EPOLLERR | EPOLLHUP);

	if (!over && events & (EPOLLIN | EPOLLRDHUP))
		over = !discard(w);
	if (over) {
		unwatch(w);
		w->ops->over(s, w);
	} else if (events & EPOLLOUT) {
		w->wanted = false;
		control(w, EPOLL_CTL_MOD);
		w->ops->writable(s, w);
	}
}

int
httpwatch_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct epoll_event e[EVENTS_AT_ONCE];
	int n;

	(void)user, (void)in, (void)len;
	if (reason != LWS_CALLBACK_RAW_RX_FILE)
		return 0;
	n = epoll_wait(set, e, EVENTS_AT_ONCE, 0);
	for (int i = 0; i < n; i++)	/* none of them is freed meanwhile: connections end later, in the loop */
		happened(lws_context_user(lws_get_context(wsi)), e[i].data.ptr, e[i].events);
	return 0;
}

static void
linger_writable(struct server *s, struct httpwatch *w)
{
	(void)s, (void)w;
}

static void
linger_over(struct server *s, struct httpwatch *w)
{
	(void)s;
	lws_set_timeout(w->wsi, PENDING_TIMEOUT_HTTP_CONTENT, LWS_TO_KILL_ASYNC);
}

static void
linger_release(struct server *s, struct httpwatch *w)
{
	(void)s;
	free(w);
}

struct httpwatch *
httpwatch_linger(struct server *s, struct lws *wsi)
{
	static const struct httpwatch_ops ops = {linger_writable, linger_over, linger_release};
	struct httpwatch *w = xcalloc(1, sizeof *w);

	if (!httpwatch_begin(s, w, wsi, HTTPWATCH_LINGER_BYTES, &ops)) {
		free(w);
		return NULL;
	}
	lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, HTTPWATCH_LINGER_SECONDS);
	servertls_end(wsi);
	return w;
}
