#ifndef BROADCASTER_SERVERAUTH_H
#define BROADCASTER_SERVERAUTH_H

/* The token of a request, found and checked: for WebSocket, HTTP and SSE alike. And the key's file. */

#include <libwebsockets.h>

#include "broadcaster/auth.h"
#include "broadcaster/bearer.h"
#include "broadcaster/server.h"

enum { SERVERAUTH_CHALLENGE = 256 };

struct serverauth {
	int status;		/* 401, or 400 where tokens differ */
	const char *detail;
	char challenge[SERVERAUTH_CHALLENGE];	/* the value of WWW-Authenticate (RFC 6750 3) */
};

/* What the request may have: everything where no key is set. False: it is refused, and counted; why says how. */
bool serverauth_check(struct server *, struct lws *, struct grant *, struct serverauth *why);
/* The challenge for a good token that does not reach (RFC 6750 3.1); counts it. */
const char *serverauth_scope(struct server *);

/* Reads the key, at start: dies with 2 where it cannot be used. */
void serverauth_open(struct server *);
/* And again: a key that cannot be used leaves the one there is. A new one closes who was let in by the old. */
void serverauth_reload(struct server *);

/* What the client offers, as it came. Behind list's bytes stands a NUL; returns their number. */
size_t serverauth_offered(struct lws *, char list[], size_t size);

#endif
