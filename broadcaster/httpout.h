#ifndef BROADCASTER_HTTPOUT_H
#define BROADCASTER_HTTPOUT_H

/*
 * Answers on their way out. For http.c and the loop only.
 *
 * What the socket takes at once is sent at once. The rest is not given to libwebsockets: while it holds
 * a rest, or an answer waits for POLLOUT, a client that has sent more requests makes it turn round on
 * them without end, and flow control, which would stop that, stops POLLOUT too. So such a connection is
 * flow-controlled and its body, shared with others, is pushed from a clock until it is out. The clock is
 * a timerfd: with libev a libwebsockets timer may come late, after one that was set earlier for later.
 */

#include <libwebsockets.h>

#include "broadcaster/httpwatch.h"
#include "broadcaster/reply.h"
#include "broadcaster/server.h"

/* What becomes of the connection. */
enum httpout_end {
	HTTPOUT_KEEP,	/* for the next request */
	HTTPOUT_CLOSE,
	HTTPOUT_LINGER,	/* close, when the client has had its answer and seen the end of it */
};

struct http_session {	/* {0}: nothing to send */
	struct lws *wsi;
	struct http_session *next, **prev;	/* of those on the clock */
	struct strbuf head;
	struct body *body;
	size_t sent;		/* of head and body together */
	size_t total;
	int64_t try_ms, wait_ms;	/* next try, and how long after that if it is in vain */
	enum httpout_end end;
	struct httpwatch *watch;	/* NULL: none; what it is a part of ends with the connection */
	bool done;		/* all is out: the next POLLOUT ends the transaction */
};

/* Takes over head; body may be NULL. What http_callback returns. */
int httpout_begin(struct server *, struct lws *, struct http_session *, struct strbuf *head, struct body *,
    enum httpout_end);
int httpout_writable(struct server *, struct lws *, struct http_session *);
void httpout_release(struct server *, struct http_session *);	/* NULL is fine */
bool httpout_busy(void);	/* an answer has been begun and not all of it is out */
int httpout_clock_callback(struct lws *, enum lws_callback_reasons, void *user, void *in, size_t len);

#endif
