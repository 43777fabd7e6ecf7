#ifndef BROADCASTER_WSROOM_H
#define BROADCASTER_WSROOM_H

/* Is there room for one more client, of whatever kind? WebSockets and streams of events count together. */

#include "broadcaster/server.h"

/* An attempt of this address, maybe told by a proxy, to connect. False: the HTTP status and the reason. */
bool wsroom_check(struct server *, const struct dialect *, const unsigned char peer[16], bool told, int *status, const char **detail);
void wsroom_join(struct server *, const struct dialect *, const unsigned char peer[16]);
/* since: when it joined, monotonic ms. True: it left soon, as is known of clients of this dialect. */
bool wsroom_leave(struct server *, const struct dialect *, const unsigned char peer[16], int64_t since);

enum { WSROOM_RETRY_SECONDS = 5 };	/* what is said to who was refused */

#endif
