#ifndef COLLECTORS_KATOEVENTSCONN_H
#define COLLECTORS_KATOEVENTSCONN_H

/* One connection, shared by katoevents.c (when to dial, ask, give up) and katoeventscall.c (what libwebsockets says); nobody else's business. */

#include <libwebsockets.h>

#include "collectors/katoevents.h"
#include "lib/strbuf.h"

enum katoevents_phase { FREE, ASKING, OPENING, UP };

struct katoevents_conn {
	struct katoevents *owner;
	struct lws_vhost *vhost;	/* its own: what is queued behind a question finds no other connection than that one's */
	struct lws *wsi;	/* callbacks of any other are those of one we gave up */
	enum katoevents_phase phase;
	bool kept;		/* the answer leaves the connection open */
	unsigned status;
	int64_t heard;		/* mono: when something came last; while asking, when it was asked */
	int pings;		/* said since */
	bool ping_due;
	struct strbuf text;	/* an answer or message so far */
};

struct katoevents {
	struct lws_context *lws;
	struct katoevents_calls calls;
	char *host, *place, *events_path, *health_path, *basic;
	int port;
	bool tls;
	unsigned n;
	struct katoevents_conn conn[];
};

/* libwebsockets' callback for all of them; a connection is its wsi's opaque user data. */
int katoevents_call(struct lws *, enum lws_callback_reasons, void *user, void *in, size_t len);
int katoevents_slot(const struct katoevents_conn *);
/* The WebSocket (or the question before it) is under way from now on. queued: behind the question, over its connection. */
void katoevents_connect(struct katoevents_conn *, bool ws, bool queued);
/* It is over: its caller is told, unless it was free. */
void katoevents_lost(struct katoevents_conn *, const char *why);
/* The same for one that is open; libwebsockets drops it at its next turn. */
void katoevents_give_up(struct katoevents_conn *, const char *why);

#endif
