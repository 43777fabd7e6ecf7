#ifndef BROADCASTER_ACCESS_H
#define BROADCASTER_ACCESS_H

/*
 * Who may talk to us: by Host, against DNS rebinding, and by Origin, against foreign pages. Pure; the
 * texts are those of the request's headers, NULL where there was none. A header that came twice is
 * given joined by a comma, as libwebsockets does, and is refused for it.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/settings.h"

struct access_rules {
	const char *cors;	/* origins, comma-separated, "*": any; NULL: none */
	const struct strlist *server_names;	/* more names of ours */
	struct strlist host_names;	/* this host's own */
};

/* A host name, or an IP literal (brackets included), and perhaps a port. */
struct access_authority {
	const char *host;
	size_t len;		/* a trailing dot is not counted */
	int port;		/* -1: none */
	bool literal;		/* an IP address */
};

bool access_authority(const char *text, size_t len, struct access_authority *out);
/* Is this Host us: an IP literal, localhost, a name in the rules? Any port. */
bool access_host(const struct access_rules *, const char *host);

enum access_origin {
	ORIGIN_NONE,		/* no Origin: a program, or a page's own GET */
	ORIGIN_OWN,		/* the same host and port as in Host, which access_host must have passed, and https: where that is known */
	ORIGIN_LISTED,
	ORIGIN_FOREIGN,
	ORIGIN_MALFORMED,	/* empty, doubled, "null", not an origin */
};

/* https: the browser speaks TLS for certain, so that our own pages are https: ones. */
enum access_origin access_origin(const struct access_rules *, const char *origin, const char *host, bool https);
/* May a connection with this Origin be upgraded? */
bool access_origin_ok(enum access_origin);

#endif
