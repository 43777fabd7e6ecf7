#ifndef BROADCASTER_SSE_H
#define BROADCASTER_SSE_H

/*
 * Streams of events (text/event-stream; WHATWG HTML, server-sent events): clients of the hub that are plain HTTP
 * answers without an end. The connection's end is the stream's, so that HTTP/1.0 clients and 1.1 clients get the
 * same bytes.
 */

#include <libwebsockets.h>

#include "broadcaster/httpin.h"
#include "broadcaster/httpout.h"
#include "broadcaster/reply.h"
#include "broadcaster/request.h"
#include "broadcaster/server.h"

enum {
	SSE_BEAT_SECONDS = 15,		/* a comment to each client, so that proxies and clients know it is alive */
	SSE_DEAD_SECONDS = 20,		/* a peer whose system confirms nothing for so long is gone */
	SSE_CLOSE_SECONDS = 10,		/* from the last words to a reset */
	SSE_INPUT_BYTES = 64 << 10,	/* that a client may send behind its request, for nothing */
	SSE_RETRY_MS = 1000, SSE_RETRY_MOST_MS = 5000,	/* when a client comes back: anywhen between */
};

void sse_open(struct server *);
/* May this request have a stream? False: reply says why not. True: query is what it asks for, the caller's to free. */
bool sse_check(struct server *, struct lws *, const struct dialect *, const struct httpin *, struct request *query, struct reply *);
/* Takes over head, the head of the answer; the stream holds what grant (NULL: everything) allows. What http_callback returns. */
int sse_begin(struct server *, struct lws *, struct http_session *, struct strbuf *head, const struct dialect *,
    const struct request *query, const struct grant *);
/* Once a second. */
void sse_tick(struct server *);

#endif
