#ifndef BROADCASTER_ROUTES_H
#define BROADCASTER_ROUTES_H

/* The HTTP routes (kato-wire(7), HTTP): what is asked for, from what the server knows. No libwebsockets here. */

#include "broadcaster/reply.h"
#include "broadcaster/server.h"

/* What an answer is made of: it may be given again while none of these has changed. 0: of more. */
enum { DEPENDS_STATE = 1, DEPENDS_HISTORY = 2, DEPENDS_SERIES = 4, DEPENDS_SECOND = 8 };

unsigned routes_depends(const char *path);
/* Is this for everybody, also where a key is set: health for a balancer, the page's files and settings? */
bool routes_open(const char *path);
/*
 * Answers a GET or HEAD. False: no route of ours, the path may be a file's. Under /api/ everything is
 * a route of ours. 403: the token does not reach.
 */
bool routes_reply(struct server *, const struct http_request *, int64_t now_ms, struct reply *);

/* The handlers of the other rooms. */
void routes_metrics(struct server *, const struct http_request *, int64_t now_ms, struct reply *);
void routes_containers(struct server *, const struct http_request *, int64_t now_ms, struct reply *);
void routes_container(struct server *, const struct grant *, const char *name, struct reply *);
void routes_sessions_count(struct server *, const struct http_request *, int64_t now_ms, struct reply *);
void routes_state(struct server *, const struct http_request *, int64_t now_ms, struct reply *);
void routes_events(struct server *, const struct http_request *, int64_t now_ms, struct reply *);
void routes_alerts(struct server *, const struct http_request *, int64_t now_ms, struct reply *);
void routes_subscriptions(struct server *, const struct http_request *, int64_t now_ms, struct reply *);
void routes_ws_stats(struct server *, const struct http_request *, int64_t now_ms, struct reply *);

struct alias;

/* At the rows of a dialect (alias.h). */
void routes_dialect(struct server *, const struct alias *, const struct http_request *, int64_t now_ms, struct reply *);
unsigned routes_dialect_depends(const struct alias *);

/* 403, and of the others what is theirs: topic is what the token does not allow. */
void routes_forbid(struct reply *, const char *topic);
/* ,"name":NUMBER with the bytes of the source; false, and nothing, where it is no number. The comma not behind a brace. */
bool routes_put_number(struct strbuf *, const char *name, struct span value);

#endif
