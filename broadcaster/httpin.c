#include <string.h>
#include <strings.h>

#include "broadcaster/httpin.h"
#include "broadcaster/limits.h"
#include "broadcaster/serverpeer.h"
#include "broadcaster/servertls.h"
#include "broadcaster/ws.h"

/* Room for n more bytes and a NUL; NULL: there is none. */
static char *
room(struct httpin *in, size_t n)
{
	char *p = in->text + in->used;

	if (n >= sizeof in->text - in->used)
		return NULL;
	in->used += n + 1;
	return p;
}

/* *out NULL: absent. One that came empty is "". False: no room. */
static bool
header(struct lws *wsi, enum lws_token_indexes token, struct httpin *in, const char **out)
{
	int n = lws_hdr_total_length(wsi, token);
	char empty[1], *p;

	*out = NULL;
	if (n <= 0 && lws_hdr_copy_fragment(wsi, empty, 1, token, 0) < 0)
		return true;
	p = room(in, (size_t)n);
	if (!p || lws_hdr_copy(wsi, p, n + 1, token) < 0)
		return false;
	*out = p;
	return true;
}

static bool
read_path(struct lws *wsi, struct httpin *in, struct reply *r)
{
	static const struct { enum lws_token_indexes token; enum method method; } methods[] = {
		{WSI_TOKEN_GET_URI, METHOD_GET}, {WSI_TOKEN_HEAD_URI, METHOD_HEAD}, {WSI_TOKEN_OPTIONS_URI, METHOD_OPTIONS},
		{WSI_TOKEN_POST_URI, METHOD_OTHER}, {WSI_TOKEN_PUT_URI, METHOD_OTHER}, {WSI_TOKEN_PATCH_URI, METHOD_OTHER},
		{WSI_TOKEN_DELETE_URI, METHOD_OTHER},
	};
	const char *path;

	in->request.method = METHOD_OTHER;
	in->request.path = "/";
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		int n = lws_hdr_total_length(wsi, methods[i].token);

		if (n <= 0)
			continue;
		in->request.method = methods[i].method;
		if (header(wsi, methods[i].token, in, &path) && path && strlen(path) == (size_t)n) {
			in->request.path = path;
		} else {
			reply_problem(r, 400, "the path holds a NUL byte, or is too long");
			return false;
		}
	}
	return true;
}

static bool
read_query(struct lws *wsi, struct httpin *in, struct reply *r)
{
	char *p;
	int n;

	for (int i = 0; (n = lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_URI_ARGS, i)) > 0 || i == 0; i++) {
		if (n <= 0)
			break;
		p = room(in, (size_t)n);
		if (!p || in->request.query.n == QUERY_MAX ||
		    lws_hdr_copy_fragment(wsi, p, n + 1, WSI_TOKEN_HTTP_URI_ARGS, i) < 0) {
			reply_problem(r, 400, "more than %d query parameters, or too long ones", QUERY_MAX);
			return false;
		}
		if (!strncmp(p, "token=", 6)) {	/* has been looked at: no route, no cache and no message sees it */
			explicit_bzero(p, (size_t)n);
			in->used -= (size_t)n + 1;
			continue;
		}
		in->request.query.v[in->request.query.n++] = p;
	}
	return true;
}

/* Is word one of the comma-separated ones, and not ruled out by ;q=0? */
static bool
accepts(const char *list, const char *word)
{
	size_t n, len = strlen(word);

	for (; list && *list; list += n) {
		list += strspn(list, ", \t");
		n = strcspn(list, ",");
		if (n >= len && !strncasecmp(list, word, len) && strcspn(list, ",; \t") == len) {
			const char *q = memmem(list, n, "q=0", 3);

			return !q || q[3 + strspn(q + 3, ".0")] >= '1';
		}
	}
	return false;
}

static bool
read_headers(struct lws *wsi, struct httpin *in)
{
	const char *version, *connection, *encoding, *length, *transfer;
	bool old, ok = header(wsi, WSI_TOKEN_HTTP, in, &version) && header(wsi, WSI_TOKEN_CONNECTION, in, &connection) &&
	    header(wsi, WSI_TOKEN_HTTP_ACCEPT_ENCODING, in, &encoding) &&
	    header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, in, &length) &&
	    header(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING, in, &transfer) && header(wsi, WSI_TOKEN_HOST, in, &in->host) &&
	    header(wsi, WSI_TOKEN_ORIGIN, in, &in->origin) &&
	    header(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH, in, &in->request.if_none_match) &&
	    header(wsi, WSI_TOKEN_HTTP_AC_REQUEST_HEADERS, in, &in->asked_headers);

	if (!ok)
		return false;
	old = !version || strcmp(version, "HTTP/1.1") != 0;
	in->close = connection && accepts(connection, "close");
	if (old && !(connection && accepts(connection, "keep-alive")))
		in->close = true;
	if (!old && !in->host)
		in->host = "";
	in->has_body = transfer || (length && strspn(length, "0 ") != strlen(length));
	in->request.gzip = accepts(encoding, "gzip");
	return true;
}

bool
httpin_read(const struct server *s, struct lws *wsi, struct httpin *in, struct reply *r)
{
	struct serverpeer peer;

	memset(in, 0, offsetof(struct httpin, text));
	serverpeer_of(s, wsi, &peer);
	/* what a proxy passes on may come from anywhere */
	in->request.loopback = limits_is_loopback(peer.addr) && !peer.forwarded;
	in->https = peer.https;
	in->clear = servertls_is_missing(wsi);
	if (!read_path(wsi, in, r) || !read_query(wsi, in, r)) {
		in->close = true;
		return false;
	}
	if (!read_headers(wsi, in)) {
		in->close = true;
		reply_problem(r, 431, "the headers are too long");
		return false;
	}
	return true;
}

static void
preflight(const struct httpin *in, struct reply *r)
{
	static const char token[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_, ";
	const char *asked = in->asked_headers;

	r->status = 204;
	reply_header(r, "Allow", "GET, HEAD, OPTIONS");
	if (!in->origin)
		return;
	reply_header(r, "Access-Control-Allow-Methods", "GET, HEAD, OPTIONS");
	reply_header(r, "Access-Control-Allow-Headers",
	    asked && *asked && strspn(asked, token) == strlen(asked) ? asked : "Authorization, Content-Type, If-None-Match");
	reply_header(r, "Access-Control-Max-Age", "600");
}

bool
httpin_check(struct server *s, struct httpin *in, struct reply *r)
{
	if (in->clear) {
		reply_problem(r, 400, "TLS is spoken here: https:, or wss:");
		in->close = true;
	} else if (in->host && !access_host(&s->access, in->host)) {
		s->stats.refused_host++;
		if (*in->host)
			reply_problem(r, 421, "Host: not a name of this server; --server-name adds one");
		else
			reply_problem(r, 400, "Host: HTTP/1.1 wants one");
	} else if (in->request.method == METHOD_OTHER) {
		reply_problem(r, 405, "only GET, HEAD and OPTIONS are understood here");
		reply_header(r, "Allow", "GET, HEAD, OPTIONS");
		in->close = true;
	} else if (in->has_body) {
		reply_problem(r, 413, "a request here has no body");
		in->close = true;
	} else if (in->request.method == METHOD_OPTIONS) {
		preflight(in, r);
	} else {
		return true;
	}
	return false;
}

void
httpin_cors(const struct server *s, const struct httpin *in, struct strbuf *headers)
{
	if (!s->access.cors || !*s->access.cors)
		return;
	strbuf_adds(headers, "Vary: Origin\r\n");
	if (access_origin(&s->access, in->origin, in->host, in->https) != ORIGIN_LISTED)
		return;
	strbuf_addf(headers, "Access-Control-Allow-Origin: %s\r\nAccess-Control-Expose-Headers: Date, ETag, Retry-After\r\n", in->origin);
	if (!strchr(s->access.cors, '*'))
		strbuf_adds(headers, "Access-Control-Allow-Credentials: true\r\n");
}
