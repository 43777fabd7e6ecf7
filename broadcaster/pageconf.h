#ifndef BROADCASTER_PAGECONF_H
#define BROADCASTER_PAGECONF_H

/* What the page reads at run time (/config.json), as the settings file has it under the plan's VITE_WS_ names. Pure. */

#include <stdbool.h>

#include "lib/strbuf.h"

struct pageconf {
	char *url;	/* as it was set; NULL or empty: the page's own host */
	bool enabled, container_stats, session_events, alerts, selective;
};

/*
 * Takes a VITE_WS_URL: ws://HOST[:PORT][/PATH], also with wss, http or https, or a /PATH of the page's own host.
 * url gets it as a browser's WebSocket wants it, with /ws where no path is said; connect what a page's
 * connect-src needs beside 'self' for it, each after a space, nothing for its own host. False: why says what is
 * wrong, and neither has grown. Either may be NULL.
 */
bool pageconf_url(const char *text, struct strbuf *url, struct strbuf *connect, struct strbuf *why);
/* "url":…,"enabled":… without braces. The url must have passed pageconf_url. */
void pageconf_json(const struct pageconf *, struct strbuf *out);

#endif
