#ifndef BROADCASTER_WSCONN_H
#define BROADCASTER_WSCONN_H

/* A connection from inside, for the ws and sse rooms only. */

#include <libwebsockets.h>

#include "broadcaster/headin.h"
#include "broadcaster/limits.h"
#include "broadcaster/server.h"
#include "broadcaster/ws.h"
#include "broadcaster/wsin.h"
#include "lib/strbuf.h"

enum {
	WS_PING_SECONDS = 25,	/* every so often */
	WS_PONG_SECONDS = 10,	/* within */
	WS_OPEN_SECONDS = 5,	/* from the accept to a whole request; with TLS to the end of the handshake, and from there */
	WS_HANDSHAKES_MAX = 512,	/* of TLS, at once: each holds memory; for one more the oldest is cut off */
	WS_CLOSE_SECONDS = 10,	/* from our close frame to a reset */
	WS_DENIED_SECONDS = 1,	/* the same for who was let in only to be told why not */
	WS_STOP_MS = 1500,	/* from the first 1012 to the end */
};

/* A list that anyone in it leaves without knowing it: {itself, itself} is an empty one, {0} a link in no list. */
struct ws_link {
	struct ws_link *next, *prev;
};

/* What a connection is waited for. Each kind has one time for all, so its list is sorted by who is due first. */
enum ws_wait { WS_WAIT_TLS, WS_WAIT_OPEN, WS_WAIT_CLOSE, WS_WAIT_DENIED, WS_WAITS };

/* What comes from a socket, as it comes (wsraw.c). */
struct wsraw {
	enum wsraw_part { WSRAW_HEAD, WSRAW_FRAMES, WSRAW_ALL, WSRAW_NONE } part;	/* ALL: unlooked at; NONE: dropped */
	union {
		struct headin head;
		struct wsin in;
	};
	struct strbuf *pongs;	/* frames that wait for the socket; NULL: none */
	const char *fault;	/* NULL: none */
	size_t dropped;		/* bytes behind the end */
	uint16_t fault_code, peer_code;	/* peer_code: of the peer's close frame; 0: none came */
};

struct conn {
	struct ws_link link;		/* first: of who is waited for, or of the wheel of pings */
	int64_t due_ms;			/* while it is waited for */
	int64_t since;			/* of the upgrade, monotonic ms */
	struct lws *wsi;
	struct hub_client *client;	/* NULL before the upgrade, and when the hub has let go of it */
	const struct dialect *dialect;	/* of the path it asked for */
	struct request *query;		/* between the check of the request and the upgrade */
	struct grant *grant;		/* likewise */
	const char *denied;		/* it is upgraded only to be closed for this reason; NULL: it is not */
	struct strbuf message;		/* what came of a message in pieces so far */
	struct limits_talk talk;
	struct wsraw raw;
	int fd;
	struct frame *closing;		/* the close frame, until it is written */
	size_t kept;			/* of a frame taken in part: what libwebsockets has copied, at most */
	struct ws_link kept_link;	/* of those with such a frame */
	uint64_t acked;			/* TCP's count when the ping left */
	bool upgraded;
	bool shaking;			/* its TLS handshake is under way */
	bool pinged;			/* and no pong yet */
	bool closed;			/* by us: nothing more is sent but the close frame, nothing that comes is looked at */
	bool no_pong, send_error;	/* why it is cut off */
	uint16_t close_code;		/* of our close frame; 0: none */
	uint8_t form;			/* enum frame_form: what was agreed on */
	bool in_frame, in_message;	/* more of it is to come */
	bool deflated;			/* the message is */
	bool told;			/* peer is what a trusted proxy says */
	unsigned char peer[16];
};

struct ws {
	int clock;			/* timerfd */
	int64_t clock_ms;		/* what it is set to; -1: not */
	struct ws_link wheel[WS_PING_SECONDS];	/* who is pinged in which second */
	struct ws_link waits[WS_WAITS];
	struct ws_link kept;		/* whose frame was taken in part, the longest ago first */
	size_t shaking;			/* TLS handshakes under way */
	size_t slot;			/* of the next newcomer */
	size_t ticks;			/* of the wheel so far */
	int64_t tick_ms;		/* the next */
	int64_t stop_ms;		/* -1: not stopping */
};

/* wsgate.c: may this request be upgraded to that? 0: yes, and conn has dialect and query; -1: it was answered. */
int wsgate_check(struct server *, struct lws *, struct conn *, char *upgrade);
/* The parameters of the query, before request_query_end. False, and out is {0}: one is too long. */
bool wsgate_query(struct lws *, const struct dialect *, struct request *out);
/* wsraw.c: what a client sends is looked at before libwebsockets gets it, from accept to destroy. */
void wsraw_open(struct conn *);
void wsraw_close(struct conn *);
void wsraw_upgraded(struct conn *);	/* what came behind the handshake counts from now on */
void wsraw_pong(struct conn *);		/* sends the pongs that wait, if the socket takes something */
int wsraw_finish(struct conn *);	/* all is said: what its callback returns. No reset follows while the peer still sends */
/* wsturn.c: sets the clock to what is due next. */
void wsturn_clock(struct server *);
/* wsdeflate.c: chooses among what the client offers (NULL: nothing) in the handshake. */
void wsdeflate_offer(struct conn *, const char *header);
void wsdeflate_answer(struct conn *, struct lws_process_html_args *);	/* completes the answer's line */
void wsdeflate_piece(struct conn *);	/* a piece of a data frame has come: is its message compressed? */
/* wssend.c: how the hub reaches a WebSocket. */
extern const struct hub_ops wssend_ops;
/* What libwebsockets holds of a frame comes first; then the close frame; then the peer's answer, or the timeout. */
void wssend_close(struct conn *);
/* Closes with this code once what is begun is sent; nothing more goes out. */
void wssend_end(struct conn *, int code, const char *reason);
void wssend_out(struct server *, struct conn *);	/* nothing of a frame is kept any more */
/* wsroll.c: once a second, is it time to switch WebSocket off? */
void wsroll_tick(struct server *, int64_t now);
/* wsping.c */
void wsping_add(struct ws *, struct conn *);
void wsping_tick(struct server *, int64_t now);
/* wswait.c */
void ws_link_init(struct ws_link *);
void ws_link_append(struct ws_link *list, struct ws_link *);	/* leaves the one it was in */
void ws_link_remove(struct ws_link *);	/* in none: nothing */
void wswait_begin(struct ws *, struct conn *, enum ws_wait);	/* cut off unless it leaves the list in time */
bool wswait_shaken(struct ws *, struct conn *);	/* its TLS handshake is over, one way or the other; false: none was under way */
int64_t wswait_due(const struct ws *);	/* monotonic ms; -1: nobody is waited for */
void wswait_tick(struct server *, int64_t now);

#endif
