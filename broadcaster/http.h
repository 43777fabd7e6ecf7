#ifndef BROADCASTER_HTTP_H
#define BROADCASTER_HTTP_H

/* Plain HTTP on the same port: routes, fallback, static files. Called from the protocol callback for every HTTP reason. */

#include <libwebsockets.h>

#include "broadcaster/server.h"

struct http_session;	/* per connection; http_session_size() bytes in lws's per-session memory, zeroed */

enum {
	HTTP_BODIES_MAX = 256 << 20,	/* bytes of answers not yet sent, the page included; over it 503 */
	HTTP_PIECE = 128 << 10,		/* bytes of an answer… */
	HTTP_PIECE_SECONDS = 30,	/* …which a client must take within this time */
};

size_t http_session_size(void);
int http_callback(struct server *, struct lws *, enum lws_callback_reasons, struct http_session *, void *in, size_t len);
/* Reads the dashboard's files: at start, and again on HUP. */
void http_init(struct server *);

#endif
