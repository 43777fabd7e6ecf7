#ifndef BROADCASTER_HTTPWATCH_H
#define BROADCASTER_HTTPWATCH_H

/*
 * Connections whose input is of no interest any more: a stream of events, and one that ends. libwebsockets would
 * turn round on bytes it has no use for, and while an answer is under way it does not see that the client has left.
 * So it is told to leave the input alone, which makes it leave the output alone, too; an epoll of our own throws
 * away what comes, and sees when the socket has room and when the client has gone.
 */

#include <libwebsockets.h>

#include "broadcaster/server.h"

struct httpwatch;

struct httpwatch_ops {
	void (*writable)(struct server *, struct httpwatch *);	/* once for each httpwatch_want */
	/* It has gone, or sent more than it may; is watched no more. */
	void (*over)(struct server *, struct httpwatch *);
	void (*release)(struct server *, struct httpwatch *);	/* the connection's end: frees it */
};

struct httpwatch {	/* stands first in whatever it is a part of */
	const struct httpwatch_ops *ops;
	struct lws *wsi;
	size_t spare;		/* bytes that may still come */
	bool watched, wanted;
};

/* False: that cannot be watched. */
bool httpwatch_begin(struct server *, struct httpwatch *, struct lws *, size_t most, const struct httpwatch_ops *);
/* Says when there is room. */
void httpwatch_want(struct server *, struct httpwatch *);
/* No more; then release. NULL is fine. */
void httpwatch_end(struct server *, struct httpwatch *);
int httpwatch_callback(struct lws *, enum lws_callback_reasons, void *user, void *in, size_t len);

/*
 * The answer is out and the connection ends with it, but the client may still be sending what was refused: it would
 * lose the answer if the socket were just closed. So it is told of the end, and what it sends is thrown away, until
 * it closes or has had its time. NULL: that cannot be; close it.
 */
struct httpwatch *httpwatch_linger(struct server *, struct lws *);

enum {
	HTTPWATCH_LINGER_SECONDS = 5,
	HTTPWATCH_LINGER_BYTES = 64 << 20,
};

#endif
