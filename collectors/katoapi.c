#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "collectors/katoapi.h"
#include "collectors/plain.h"
#include "lib/stamp.h"
#include "lib/xalloc.h"

enum { RETRY_AT_LEAST_MS = 50 };

struct katoapi_call {
	struct katoapi *api;
	struct http_transfer *transfer;
	char *path;
	long timeout_ms;
	int64_t began;	/* mono */
	bool again;	/* this is the second try */
	katoapi_done *done;
	void *arg;
};

static bool
bad_url(struct katoapi *a, const char *url, const char *why, struct strbuf *err)
{
	const char *at = strrchr(url, '@');

	strbuf_addf(err, "KATO's URL %s", at ? "***" : "");
	plain_text(at ? at : url, strlen(at ? at : url), err);
	strbuf_addf(err, ": %s", why);
	katoapi_free(a);
	return false;
}

/* "host", "host:port", "[v6]:port" of n bytes. NULL: fine; else what is wrong. */
static const char *
take_place(struct katoapi *a, const char *p, size_t n)
{
	const char *end = p + n, *colon, *close = n && *p == '[' ? memchr(p, ']', n) : NULL;
	size_t digits;

	if (n && *p == '[' && !close)
		return "an IPv6 address ends with ]";
	colon = memchr(close ? close : p, ':', (size_t)(end - (close ? close : p)));
	a->host = close ? xmemdup0(p + 1, (size_t)(close - p - 1)) : xmemdup0(p, (size_t)((colon ? colon : end) - p));
	if (!*a->host)
		return "it names no host";
	if (strcspn(a->host, " \t\r\n\"'<>\\^`{|}") != strlen(a->host) || (close && close + 1 != (colon ? colon : end)))
		return "its host is none";
	a->port = a->tls ? 443 : 80;
	if (!colon)
		return NULL;
	digits = (size_t)(end - colon - 1);
	a->port = strspn(colon + 1, "0123456789") >= digits && digits && digits < 6 ? (int)strtol(colon + 1, NULL, 10) : 0;
	return a->port < 1 || a->port > 65535 ? "its port is none" : NULL;
}

static const char *
take_url(struct katoapi *a, const char *url)
{
	const char *p = url, *slash, *at = NULL, *why;
	size_t n;

	a->tls = !strncasecmp(url, "https://", 8);
	if (!a->tls && strncasecmp(url, "http://", 7) != 0)
		return "want http://HOST:PORT or https://HOST:PORT";
	p += a->tls ? 8 : 7;
	if (strpbrk(p, "?#"))
		return "it may have a path, but no ? and no #";
	n = strcspn(p, "/");
	slash = p + n;
	for (const char *q = p; q < slash; q++)
		if (*q == '@')
			at = q;
	if (at) {
		a->userinfo = xmemdup0(p, (size_t)(at - p));
		p = at + 1;
	}
	if ((why = take_place(a, p, (size_t)(slash - p))))
		return why;
	n = strlen(slash);
	while (n && slash[n - 1] == '/')
		n--;
	a->path = xmemdup0(slash, n);
	if (strpbrk(a->path, " \t\r\n\""))
		return "its path has a blank in it";
	a->base = xmemdup0(url, (size_t)(slash - url) + n);
	return NULL;
}

bool
katoapi_init(struct katoapi *a, struct http *http, const char *url, long timeout_ms, struct strbuf *err)
{
	struct strbuf shown = {0};
	const char *why, *v6;

	*a = (struct katoapi){.http = http, .timeout_ms = timeout_ms};
	if ((why = take_url(a, url)))
		return bad_url(a, url, why, err);
	v6 = strchr(a->host, ':');
	strbuf_addf(&shown, "%s://%s%s%s", a->tls ? "https" : "http", v6 ? "[" : "", a->host, v6 ? "]" : "");
	if (a->port != (a->tls ? 443 : 80))
		strbuf_addf(&shown, ":%d", a->port);
	strbuf_adds(&shown, a->path);
	a->shown = shown.s;
	return true;
}

void
katoapi_free(struct katoapi *a)
{
	free(a->base);
	free(a->shown);
	free(a->host);
	free(a->path);
	free(a->userinfo);
	*a = (struct katoapi){0};
}

static void on_done(void *, const struct http_reply *);

static void
ask(struct katoapi_call *c, long timeout_ms)
{
	struct strbuf url = {0};

	strbuf_addf(&url, "%s%s", c->api->base, c->path);
	c->transfer = http_start(c->api->http, &(struct http_get){.url = url.s, .timeout_ms = timeout_ms,
	    .max_bytes = KATOAPI_MAX_BYTES, .fresh = c->again, .on_done = on_done, .arg = c});
	strbuf_free(&url);
}

static void
call_free(struct katoapi_call *c)
{
	free(c->path);
	free(c);
}

static void
on_done(void *arg, const struct http_reply *r)
{
	struct katoapi_call *c = arg;
	long left = c->timeout_ms - (long)(stamp_mono() - c->began);

	if (r->lost && r->reused && !c->again && left >= RETRY_AT_LEAST_MS) {
		c->again = true;
		ask(c, left);
		return;
	}
	c->done(c->arg, r);
	call_free(c);
}

struct katoapi_call *
katoapi_get(struct katoapi *a, const char *path, long timeout_ms, katoapi_done *done, void *arg)
{
	struct katoapi_call *c = xcalloc(1, sizeof *c);

	*c = (struct katoapi_call){.api = a, .path = xstrdup(path), .timeout_ms = timeout_ms, .began = stamp_mono(),
	    .done = done, .arg = arg};
	ask(c, timeout_ms);
	return c;
}

void
katoapi_cancel(struct katoapi_call *c)
{
	http_cancel(c->api->http, c->transfer);
	call_free(c);
}

void
katoapi_describe(const struct katoapi *a, const char *path, const struct http_reply *r, struct strbuf *out)
{
	struct strbuf said = {0};

	strbuf_addf(out, "%s%s: ", a->shown, path);
	if (!r->status) {
		strbuf_adds(out, r->error ? r->error : "no answer");
	} else if (r->status != 200) {
		strbuf_addf(out, "HTTP status %ld", r->status);
		plain_error(r->body, r->len, &said);
		if (said.len)
			strbuf_addf(out, ": %s", said.s);
	} else {
		strbuf_adds(out, "the answer is not KATO's");
	}
	strbuf_free(&said);
}
