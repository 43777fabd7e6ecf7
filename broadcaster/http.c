#include <string.h>
#include <time.h>

#include "broadcaster/http.h"
#include "broadcaster/httpin.h"
#include "broadcaster/httpout.h"
#include "broadcaster/refusal.h"
#include "broadcaster/replycache.h"
#include "broadcaster/routes.h"
#include "broadcaster/serverauth.h"
#include "broadcaster/sse.h"
#include "broadcaster/static.h"
#include "lib/log.h"
#include "lib/share.h"
#include "lib/stamp.h"

static struct files *page;
static struct replycache cache;

size_t
http_session_size(void)
{
	return sizeof(struct http_session);
}

void
http_init(struct server *s)
{
	struct strbuf folder = {0}, connect = {0}, why = {0};

	static_del(page);
	page = NULL;
	if (s->opt.dashboard && *s->opt.dashboard) {
		strbuf_adds(&folder, s->opt.dashboard);
	} else if (!share_find("dashboard", &folder)) {
		log_warn("the dashboard's files were not found; --dashboard DIR says where they are");
		return;
	}
	if (strcmp(folder.s, "none") != 0) {
		pageconf_url(s->opt.page.url, NULL, &connect, &why);	/* was checked */
		page = static_load(folder.s, !(s->opt.dashboard && *s->opt.dashboard), connect.s ? connect.s : "");
		if (!page)
			log_warn("%s: cannot be read: no dashboard is served", folder.s);
	}
	strbuf_free(&folder);
	strbuf_free(&connect);
	strbuf_free(&why);
}

static void
put_time(struct strbuf *b, const char *name, time_t at)
{
	struct tm tm;
	char text[40];

	if (gmtime_r(&at, &tm) && strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &tm))
		strbuf_addf(b, "%s: %s\r\n", name, text);
}

/* A reading from the future was made now, as HTTP wants it. */
static void
put_times(struct strbuf *b, int64_t modified_ms)
{
	time_t now = time(NULL), modified = (time_t)(modified_ms / 1000);

	put_time(b, "Date", now);
	if (modified_ms)
		put_time(b, "Last-Modified", modified < now ? modified : now);
}

static void
put_head(const struct server *s, const struct httpin *in, const struct reply *r, struct strbuf *b)
{
	bool is_file = r->headers.s && strstr(r->headers.s, "ETag: ");

	strbuf_addf(b, "HTTP/1.1 %d %s\r\n", r->status, reply_reason(r->status));
	put_times(b, r->modified_ms);
	if (r->body)
		strbuf_addf(b, "Content-Type: %s\r\nContent-Length: %zu\r\n", r->type, r->body->len);
	if (!is_file)
		strbuf_adds(b, "Cache-Control: no-store\r\nContent-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n");
	strbuf_adds(b, "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n");
	if (r->status == 503)
		strbuf_adds(b, "Retry-After: 1\r\n");
	httpin_cors(s, in, b);
	if (r->headers.len)
		strbuf_add(b, r->headers.s, r->headers.len);
	strbuf_addf(b, "Connection: %s\r\n\r\n", in->close ? "close" : "keep-alive");
}

static int
send_reply(struct server *s, struct lws *wsi, struct http_session *c, const struct httpin *in, const struct reply *r)
{
	struct strbuf head = {0};

	s->stats.http_errors += r->status >= 400;
	put_head(s, in, r, &head);
	return httpout_begin(s, wsi, c, &head, in->request.method == METHOD_HEAD ? NULL : r->body,
	    !in->close ? HTTPOUT_KEEP : r->status >= 400 ? HTTPOUT_LINGER : HTTPOUT_CLOSE);
}

/* What an answer was made of, as one number. */
static uint64_t
stamp_of(const struct server *s, unsigned depends, int64_t now)
{
	uint64_t h = depends;

	if (depends & DEPENDS_STATE)
		h = h * 1000003 + state_version(s->state);
	if (depends & DEPENDS_HISTORY)
		h = h * 1000003 + history_newest(s->history);
	if (depends & DEPENDS_SERIES)
		h = h * 1000003 + series_version(s->series);
	if (depends & DEPENDS_SECOND)
		h = h * 1000003 + (uint64_t)(now / 1000);
	return h;
}

static void
answer(struct server *s, const struct httpin *in, struct reply *r)
{
	const struct http_request *q = &in->request;
	unsigned depends = routes_depends(q->path);
	int64_t now = stamp_now();
	uint64_t stamp = stamp_of(s, depends, now);
	struct strbuf key = {0};

	if (q->grant && q->grant->limited)
		depends = 0;	/* is his alone */
	strbuf_adds(&key, q->path);
	for (size_t i = 0; i < q->query.n; i++)
		strbuf_addf(&key, "%c%s", i ? '&' : '?', q->query.v[i]);
	if (body_bytes() > HTTP_BODIES_MAX) {
		reply_problem(r, 503, "too many answers are still being sent");
	} else if (!depends || !replycache_get(&cache, key.s, stamp, r)) {
		if (!routes_reply(s, q, now, r))
			static_reply(page, q, r);
		else if (depends)
			replycache_put(&cache, key.s, stamp, r);
	}
	strbuf_free(&key);
}

/* A stream of events where it may have one, else the answer why not. */
static int
stream(struct server *s, struct lws *wsi, struct http_session *c, struct httpin *in, const struct dialect *d, struct reply *r)
{
	struct strbuf head = {0};
	struct request query;
	int n;

	in->close = true;
	if (!sse_check(s, wsi, d, in, &query, r))
		return send_reply(s, wsi, c, in, r);
	r->status = 200;
	reply_header(r, "Content-Type", "text/event-stream");
	reply_header(r, "X-Accel-Buffering", "no");
	if (in->request.method == METHOD_HEAD) {
		n = send_reply(s, wsi, c, in, r);
	} else {
		put_head(s, in, r, &head);
		n = sse_begin(s, wsi, c, &head, d, &query, in->request.grant);
	}
	request_free(&query);
	return n;
}

/* False: reply asks for a token. */
static bool
authorised(struct server *s, struct lws *wsi, struct httpin *in, struct grant *grant, struct reply *r)
{
	struct serverauth why = {0};

	if (!s->auth || routes_open(in->request.path))
		return true;
	if (!serverauth_check(s, wsi, grant, &why)) {
		reply_problem(r, why.status, "%s", why.detail);
		reply_header(r, "WWW-Authenticate", why.challenge);
		return false;
	}
	in->request.grant = grant;
	return true;
}

static int
request(struct server *s, struct lws *wsi, struct http_session *c)
{
	static struct httpin in;
	struct grant grant = {.until_ms = GRANT_FOREVER};
	const struct dialect *d = NULL;
	struct reply r = {0};
	int n;

	httpout_release(s, c);
	s->stats.http_requests++;
	if (httpin_read(s, wsi, &in, &r) && httpin_check(s, &in, &r) && authorised(s, wsi, &in, &grant, &r)) {
		d = dialect_events_at(in.request.path, strlen(in.request.path));
		if (!d)
			answer(s, &in, &r);
	}
	if (r.status == 403)
		reply_header(&r, "WWW-Authenticate", serverauth_scope(s));
	if (r.status >= 400)
		refusal_reshape(dialect_of(in.request.path), &r);
	n = d ? stream(s, wsi, c, &in, d, &r) : send_reply(s, wsi, c, &in, &r);
	reply_free(&r);
	grant_free(&grant);
	in.request.grant = NULL;
	return n;
}

int
http_callback(struct server *s, struct lws *wsi, enum lws_callback_reasons reason, struct http_session *c, void *in, size_t len)
{
	(void)in, (void)len;
	switch (reason) {
	case LWS_CALLBACK_HTTP:
		return request(s, wsi, c);
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return c && !c->watch ? httpout_writable(s, wsi, c) : 0;
	case LWS_CALLBACK_CLOSED_HTTP:
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
		httpout_release(s, c);
		return 0;
	case LWS_CALLBACK_HTTP_BODY:		/* was refused */
		return c && (c->watch || c->wsi) ? 0 : -1;
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:	/* none of it is left that could swallow the answer */
		return c && c->watch ? -1 : 0;
	case LWS_CALLBACK_RAW_SKT_BIND_PROTOCOL:	/* of a CONNECT */
	case LWS_CALLBACK_RAW_ADOPT:
	case LWS_CALLBACK_RAW_CONNECTED:
	case LWS_CALLBACK_RAW_RX:
		return -1;
	default:
		return 0;
	}
}
