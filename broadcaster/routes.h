#ifndef BROADCASTER_ROUTES_H
#define BROADCASTER_ROUTES_H

/* The HTTP routes (kato-wire(7), HTTP): what is asked for, from what the server knows. No libwebsockets here. */

#include "broadcaster/reply.h"
#include "broadcaster/server.h"

/* What an answer is made of: it may be given again while none of these has changed. 0: of more, or of the time. */
enum { DEPENDS_STATE = 1, DEPENDS_HISTORY = 2, DEPENDS_SERIES = 4 };

unsigned routes_depends(const char *path);
/*
 * Answers a GET or HEAD. False: no route of ours, the path may be a file's. Under /api/ everything is
 * a route of ours.
 */
bool routes_reply(struct server *, const struct http_request *, int64_t now_ms, struct reply *);

/* The handlers of the other rooms. */
void routes_events(struct server *, const struct http_request *, int64_t now_ms, struct reply *);
void routes_alerts(struct server *, const struct http_request *, int64_t now_ms, struct reply *);
void routes_subscriptions(struct server *, const struct http_request *, int64_t now_ms, struct reply *);
void routes_ws_stats(struct server *, const struct http_request *, int64_t now_ms, struct reply *);

#endif
