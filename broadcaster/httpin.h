#ifndef BROADCASTER_HTTPIN_H
#define BROADCASTER_HTTPIN_H

/* A request out of libwebsockets' hands: read and judged. For http.c only. */

#include <libwebsockets.h>

#include "broadcaster/reply.h"
#include "broadcaster/server.h"

enum { HTTPIN_TEXT_MAX = 8192 };	/* of path, parameters and headers together; libwebsockets takes 4096 */

struct httpin {
	struct http_request request;
	bool close;		/* the connection ends with the answer */
	bool has_body;
	bool https;		/* for certain */
	bool clear;		/* and should have come through TLS */
	const char *host, *origin, *asked_headers;	/* NULL: none */
	size_t used;
	char text[HTTPIN_TEXT_MAX];
};

/* False: it cannot be used, reply says why. */
bool httpin_read(const struct server *, struct lws *, struct httpin *, struct reply *);
/* Methods, Host; OPTIONS is answered here. True: go on to the routes. */
bool httpin_check(struct server *, struct httpin *, struct reply *);
/* The CORS headers of an answer to this request. */
void httpin_cors(const struct server *, const struct httpin *, struct strbuf *headers);

#endif
