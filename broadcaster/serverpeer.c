#include <string.h>
#include <strings.h>

#include "broadcaster/serverpeer.h"
#include "broadcaster/ws.h"

enum { HEADER_MAX = 8192 };	/* more than libwebsockets takes of all headers together */

static bool
has(struct lws *wsi, const char *name)
{
	return lws_hdr_custom_length(wsi, name, (int)strlen(name)) >= 0;
}

/* What proxies add, each in its own way. */
static bool
is_forwarded(struct lws *wsi)
{
	return lws_hdr_total_length(wsi, WSI_TOKEN_X_FORWARDED_FOR) > 0 || lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_VIA) > 0 ||
	    lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_X_REAL_IP) > 0 || has(wsi, "forwarded:") || has(wsi, "x-forwarded-proto:") || has(wsi, "x-forwarded-host:");
}

/* The first of several is what the browser spoke. */
static bool
says_https(struct lws *wsi)
{
	static const char name[] = "x-forwarded-proto:";
	char value[64];

	if (lws_hdr_custom_copy(wsi, value, sizeof value, name, sizeof name - 1) <= 0)
		return false;
	return strcspn(value, ", \t") == 5 && !strncasecmp(value, "https", 5);
}

void
serverpeer_of(const struct server *s, struct lws *wsi, struct serverpeer *out)
{
	static char value[HEADER_MAX];
	const unsigned char *peer = ws_peer(wsi);
	bool trusted = proxies_trusts(&s->proxies, peer);

	*out = (struct serverpeer){.forwarded = trusted || is_forwarded(wsi)};
	memcpy(out->addr, peer, sizeof out->addr);
	if (trusted && lws_hdr_copy(wsi, value, sizeof value, WSI_TOKEN_X_FORWARDED_FOR) > 0)
		out->told = proxies_client(&s->proxies, peer, value, out->addr);
	out->https = lws_is_ssl(wsi) || (trusted && says_https(wsi));
}
