#include <string.h>
#include <strings.h>

#include "broadcaster/access.h"
#include "broadcaster/pageconf.h"

enum { URL_MAX = 2000 };

static bool
wrong(struct strbuf *why, const char *what)
{
	strbuf_adds(why, what);
	return false;
}

/* What may stand in a URL behind its host, without a fragment: a WebSocket's has none. */
static bool
is_path(const char *p)
{
	for (; *p; p++)
		if (*p <= ' ' || *p > '~' || strchr("\"#<>\\^`{|}", *p))
			return false;
	return true;
}

/* Behind "ws:" or "http:", and how secure that is; NULL: neither. */
static const char *
after_scheme(const char *text, bool *tls)
{
	static const struct { const char *name; bool tls; } schemes[] = {
		{"ws://", false}, {"wss://", true}, {"http://", false}, {"https://", true},
	};

	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
		if (!strncasecmp(text, schemes[i].name, strlen(schemes[i].name))) {
			*tls = schemes[i].tls;
			return text + strlen(schemes[i].name);
		}
	return NULL;
}

bool
pageconf_url(const char *text, struct strbuf *url, struct strbuf *connect, struct strbuf *why)
{
	const char *host, *path;
	struct access_authority a;
	bool tls;
	int n;

	if (!text || !*text)
		return true;
	if (strlen(text) > URL_MAX)
		return wrong(why, "longer than a URL may be");
	if (*text == '/' && text[1] != '/') {
		if (!is_path(text))
			return wrong(why, "holds what no path does");
		if (url)
			strbuf_adds(url, text);
		return true;
	}
	if (!(host = after_scheme(text, &tls)))
		return wrong(why, "must be ws://HOST[:PORT][/PATH], wss://… or a /PATH");
	n = (int)strcspn(host, "/?");
	path = host + n;
	if (!access_authority(host, (size_t)n, &a))
		return wrong(why, "what stands behind // is not a HOST or HOST:PORT");
	if (*host == '[')	/* has no form for it */
		return wrong(why, "a page's policy cannot name an IPv6 address: give that host a name");
	if (!is_path(path))
		return wrong(why, "holds what no path does");
	if (url)
		strbuf_addf(url, "ws%s://%.*s%s%s", tls ? "s" : "", n, host, *path == '/' && path[1] ? "" : "/ws",
		    path + (!strcmp(path, "/")));
	if (connect)
		strbuf_addf(connect, " ws%s://%.*s http%s://%.*s", tls ? "s" : "", n, host, tls ? "s" : "", n, host);
	return true;
}

void
pageconf_json(const struct pageconf *c, struct strbuf *out)
{
	const struct { const char *name; bool on; } all[] = {
		{"enabled", c->enabled}, {"containerStats", c->container_stats}, {"sessionEvents", c->session_events},
		{"alerts", c->alerts}, {"selectiveSubscriptions", c->selective},
	};
	struct strbuf url = {0}, why = {0};

	pageconf_url(c->url, &url, NULL, &why);
	strbuf_adds(out, "\"url\":");
	strbuf_addjson(out, url.s ? url.s : "", url.len);
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		strbuf_addf(out, ",\"%s\":%s", all[i].name, all[i].on ? "true" : "false");
	strbuf_free(&url);
	strbuf_free(&why);
}
