#ifndef KATOCTL_TAILURL_H
#define KATOCTL_TAILURL_H

/* A WebSocket's address. Pure. */

#include <stdbool.h>

#include "lib/strbuf.h"

struct tailurl {
	char *host;
	int port;
	bool tls;
	char *path;	/* with its query, "/ws" where the URL has none */
};

/*
 * ws:, wss:, http: or https: URLs, or HOST[:PORT][/PATH] without a scheme; default port 80 or 443, 8080 without
 * a scheme. False: *why says what is wrong, nothing is to be freed.
 */
bool tailurl_parse(const char *, struct tailurl *out, struct strbuf *why);
void tailurl_free(struct tailurl *);
/* Appends the path with one more part of its query. */
void tailurl_add(struct strbuf *path, const char *part);
/* "http://HOST:PORT/PATH" without the query, for messages: a query may hold a secret. */
void tailurl_show(const struct tailurl *, struct strbuf *out);

#endif
