#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "katoctl/tailurl.h"
#include "lib/xalloc.h"

static const struct {
	const char *scheme;
	int port;
	bool tls;
} schemes[] = {{"ws://", 80, false}, {"http://", 80, false}, {"wss://", 443, true}, {"https://", 443, true}, {"", 8080, false}};

static bool
parse_port(const char *p, size_t n, int *port)
{
	int v = 0;

	if (!n || n > 5)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!isdigit((unsigned char)p[i]))
			return false;
		v = v * 10 + (p[i] - '0');
	}
	*port = v;
	return v > 0 && v < 65536;
}

/* HOST[:PORT] or [V6][:PORT], n bytes. */
static bool
parse_host(const char *p, size_t n, struct tailurl *u, struct strbuf *why)
{
	const char *end = p + n, *stop = *p == '[' ? memchr(p, ']', n) : memchr(p, ':', n);
	const char *host = *p == '[' ? p + 1 : p, *rest;

	if (*p == '[' && !stop) {
		strbuf_adds(why, "a ] is missing");
		return false;
	}
	rest = !stop ? end : *p == '[' ? stop + 1 : stop;
	stop = stop ? stop : end;
	if (rest < end && (*rest != ':' || !parse_port(rest + 1, (size_t)(end - rest - 1), &u->port))) {
		strbuf_addf(why, "%.*s is not a port", (int)(end - rest), rest);
		return false;
	}
	if (stop == host) {
		strbuf_adds(why, "no host");
		return false;
	}
	u->host = xmemdup0(host, (size_t)(stop - host));
	return true;
}

bool
tailurl_parse(const char *s, struct tailurl *out, struct strbuf *why)
{
	const char *path;
	size_t i = 0, n;

	for (n = strlen(schemes[i].scheme); strncasecmp(s, schemes[i].scheme, n) != 0; n = strlen(schemes[++i].scheme))
		;
	*out = (struct tailurl){.port = schemes[i].port, .tls = schemes[i].tls};
	s += n;
	for (const char *p = s; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f || *p == '#') {
			strbuf_adds(why, "holds a space, a control character or a #");
			return false;
		}
	n = strcspn(s, "/?");
	if (!n || memchr(s, '@', n) || strstr(s, "://")) {
		strbuf_adds(why, n && memchr(s, '@', n) ? "a user name is of no use here" : "not a ws:// or http:// URL");
		return false;
	}
	if (!parse_host(s, n, out, why))
		return false;
	path = s[n] == '/' ? s + n : NULL;
	if (path && path[1] && path[1] != '?') {
		out->path = xstrdup(path);
	} else {
		struct strbuf b = {0};

		strbuf_addf(&b, "/ws%s", path ? path + 1 : s + n);
		out->path = b.s;
	}
	return true;
}

void
tailurl_free(struct tailurl *u)
{
	free(u->host);
	free(u->path);
	*u = (struct tailurl){0};
}

void
tailurl_add(struct strbuf *path, const char *part)
{
	strbuf_addf(path, "%c%s", strchr(path->s, '?') ? '&' : '?', part);
}

void
tailurl_show(const struct tailurl *u, struct strbuf *out)
{
	bool v6 = strchr(u->host, ':') != NULL;

	strbuf_addf(out, "%s://%s%s%s:%d%.*s", u->tls ? "wss" : "ws", v6 ? "[" : "", u->host, v6 ? "]" : "", u->port,
	    (int)strcspn(u->path, "?"), u->path);
}
