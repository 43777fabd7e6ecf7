/*
 * Keeps a token that came as a subprotocol away from libwebsockets: 4.1.6 gives up on lists over 127
 * bytes, and has no hook to change one. Its own calls of these two functions go through the dynamic
 * linker, where a program's definition comes first; all but the list of subprotocols is handed on.
 */

#include <dlfcn.h>
#include <libwebsockets.h>
#include <string.h>

#include "broadcaster/serverauth.h"
#include "broadcaster/ws.h"

enum { LIST_MAX = 8192 };

static const char *
shown(struct lws *wsi)
{
	static char list[LIST_MAX];
	size_t n = serverauth_offered(wsi, list, sizeof list);

	return bearer_offer(list, n, WS_SUBPROTOCOL) == OFFER_OURS ? WS_SUBPROTOCOL : "";
}

int
lws_hdr_total_length(struct lws *wsi, enum lws_token_indexes h)
{
	static int (*next)(struct lws *, enum lws_token_indexes);

	if (h == WSI_TOKEN_PROTOCOL)
		return (int)strlen(shown(wsi));
	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "lws_hdr_total_length");
	return next(wsi, h);
}

int
lws_hdr_copy(struct lws *wsi, char *dest, int len, enum lws_token_indexes h)
{
	static int (*next)(struct lws *, char *, int, enum lws_token_indexes);
	const char *text;
	size_t n;

	if (h == WSI_TOKEN_PROTOCOL) {
		text = shown(wsi);
		n = strlen(text);
		if (len <= (int)n)
			return -1;
		memcpy(dest, text, n + 1);
		return (int)n;
	}
	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "lws_hdr_copy");
	return next(wsi, dest, len, h);
}
