#ifndef BROADCASTER_HTTP_H
#define BROADCASTER_HTTP_H

/* Plain HTTP on the same port: routes, fallback, static files. Called from the protocol callback for every HTTP reason. */

#include <libwebsockets.h>

#include "broadcaster/server.h"

struct http_session;	/* per connection; http_session_size() bytes in lws's per-session memory, zeroed */

size_t http_session_size(void);
int http_callback(struct server *, struct lws *, enum lws_callback_reasons, struct http_session *, void *in, size_t len);
/* At start: remembers the dashboard folder. */
void http_init(struct server *);

#endif
