#ifndef BROADCASTER_SERVERPEER_H
#define BROADCASTER_SERVERPEER_H

/* Where a request came from, as far as --trusted-proxy lets its headers say so. */

#include <libwebsockets.h>
#include <stdbool.h>

#include "broadcaster/server.h"

struct serverpeer {
	unsigned char addr[16];	/* of the client, as limits.h has them */
	bool told;		/* by a proxy that is believed, and not the socket's */
	bool forwarded;		/* by whomever, or maybe: no right of this machine's own clients applies */
	bool https;		/* the browser speaks TLS, for certain */
};

/* Of the request whose headers libwebsockets holds. */
void serverpeer_of(const struct server *, struct lws *, struct serverpeer *out);

#endif
