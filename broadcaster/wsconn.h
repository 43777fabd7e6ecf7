#ifndef BROADCASTER_WSCONN_H
#define BROADCASTER_WSCONN_H

/* A connection from inside, for the ws rooms only. */

#include <libwebsockets.h>

#include "broadcaster/limits.h"
#include "broadcaster/server.h"
#include "broadcaster/ws.h"
#include "lib/strbuf.h"

enum {
	WS_PING_SECONDS = 25,	/* every so often */
	WS_PONG_SECONDS = 10,	/* within */
	WS_CLOSE_SECONDS = 10,	/* from our close frame to a reset */
	WS_STOP_MS = 1500,	/* from the first 1012 to the end */
};

struct conn {
	struct lws *wsi;
	struct hub_client *client;	/* NULL before the upgrade, and when the hub has let go of it */
	const struct dialect *dialect;	/* of the path it asked for */
	struct request *query;		/* between the check of the request and the upgrade */
	struct strbuf message;		/* what came of a message in pieces so far */
	struct limits_talk talk;
	struct frame *closing;		/* the close frame, until it is written */
	struct conn *next_ping, **prev_ping;
	uint64_t acked;			/* TCP's count when the ping left */
	bool upgraded;
	bool pinged;			/* and no pong yet */
	bool closed;			/* by us: nothing more is sent but the close frame, nothing that comes is looked at */
	unsigned char peer[16];
};

struct ws {
	int clock;			/* timerfd */
	int64_t clock_ms;		/* what it is set to; -1: not */
	struct conn *wheel[WS_PING_SECONDS];	/* who is pinged in which second */
	size_t slot;			/* of the next newcomer */
	size_t ticks;			/* of the wheel so far */
	int64_t tick_ms;		/* the next */
	int64_t stop_ms;		/* -1: not stopping */
};

/* wsgate.c: may this request be upgraded to that? 0: yes, and conn has dialect and query; -1: it was answered. */
int wsgate_check(struct server *, struct lws *, struct conn *, char *upgrade);
/* wsturn.c: sets the clock to what is due next. */
void wsturn_clock(struct server *);
/* wsping.c */
void wsping_add(struct ws *, struct conn *);
void wsping_remove(struct conn *);
void wsping_tick(struct server *, int64_t now);

#endif
