#ifndef BROADCASTER_BEARER_H
#define BROADCASTER_BEARER_H

/*
 * Where a request carries its token: Authorization (RFC 6750 2.1), ?token=, and for pages, whose
 * WebSocket can send neither, a subprotocol "bearer.TOKEN" offered beside the real one. Several are fine
 * as long as they are the same. Pure.
 */

#include <stdbool.h>
#include <stddef.h>

#include "broadcaster/auth.h"

struct bearer {	/* {0}: none yet; it is the caller's to wipe */
	size_t len;		/* 0: none; AUTH_TOKEN_MAX + 1: one that is too long */
	bool several;		/* and they differ */
	char token[AUTH_TOKEN_MAX + 1];
};

/* The value of Authorization; several of that header joined by commas. Other schemes are left alone. */
void bearer_authorization(struct bearer *, const char *value, size_t len);
/* Sec-WebSocket-Protocol. */
void bearer_protocols(struct bearer *, const char *list, size_t len);
void bearer_text(struct bearer *, const char *token, size_t len);

enum bearer_offer {
	OFFER_NONE,	/* no protocol, or tokens alone */
	OFFER_OURS,
	OFFER_OTHER,
};

/* What a list of subprotocols asks for. */
enum bearer_offer bearer_offer(const char *list, size_t len, const char *ours);

#endif
