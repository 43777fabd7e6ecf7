#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "broadcaster/refusal.h"
#include "broadcaster/serverauth.h"
#include "broadcaster/serverpeer.h"
#include "broadcaster/servertls.h"
#include "broadcaster/wsconn.h"
#include "broadcaster/wsroom.h"
#include "lib/log.h"
#include "lib/stamp.h"
#include "lib/xalloc.h"

enum {
	HEADER_MAX = 1024, OFFER_MAX = 8192,
	EXTENSIONS_MAX = 250,	/* libwebsockets hangs up on more */
};

struct status {
	int code;
	const char *more;	/* further header lines */
};

static const struct status
	bad_request = {400, ""},
	forbidden = {403, ""},
	not_found = {404, ""},
	bad_method = {405, "Allow: GET\r\n"},
	misdirected = {421, ""},
	upgrade_required = {426, "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"},
	too_many = {429, "Retry-After: 5\r\n"},
	unauthorized = {401, ""},
	unavailable = {503, "Retry-After: 5\r\n"};

/* Answers and has the connection closed. */
static int
refuse(struct lws *wsi, const struct status *st, const char *detail)
{
	const struct conn *c = lws_get_opaque_user_data(wsi);
	struct strbuf body = {0}, all = {0};
	const char *type = refusal_body(c->dialect, st->code, detail, strlen(detail), &body);
	char peer[46];

	strbuf_reserve(&all, LWS_PRE);
	all.len = LWS_PRE;
	strbuf_addf(&all, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
	    "Cache-Control: no-store\r\nConnection: close\r\n%s\r\n%s", st->code, reply_reason(st->code), type, body.len, st->more, body.s);
	lws_write(wsi, (unsigned char *)all.s + LWS_PRE, all.len - LWS_PRE, LWS_WRITE_RAW);
	log_debug("client %s refused: %d: %s", server_peer(wsi, peer), st->code, detail);
	strbuf_free(&body);
	strbuf_free(&all);
	return -1;
}

/* NULL: absent. One that is empty, or too long to be good, is "". */
static const char *
header(struct lws *wsi, enum lws_token_indexes token, char buf[HEADER_MAX])
{
	buf[0] = '\0';
	if (!lws_hdr_total_length(wsi, token) && lws_hdr_copy_fragment(wsi, buf, 1, token, 0) < 0)
		return NULL;
	if (lws_hdr_copy(wsi, buf, HEADER_MAX, token) < 0)
		buf[0] = '\0';
	return buf;
}

/* Is word one of the comma-separated ones in list? */
static bool
lists(const char *list, const char *word)
{
	size_t n;

	for (; *list; list += n) {
		list += strspn(list, ", \t");
		n = strcspn(list, ", \t");
		if (n == strlen(word) && !strncasecmp(list, word, n))
			return true;
	}
	return false;
}

/* 16 bytes in base64. */
static bool
key_ok(const char *key)
{
	size_t n = strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

	return n == 22 && !strcmp(key + n, "==");
}

/* RFC 6455 4.2.1; what libwebsockets does not look at, or hangs up on without a word. */
static int
check_handshake(struct lws *wsi, const char *upgrade)
{
	static char offer[OFFER_MAX];
	char buf[HEADER_MAX];
	const char *h;

	if (strcasecmp(upgrade, "websocket") != 0)
		return refuse(wsi, &bad_request, "Upgrade: only to websocket");
	h = header(wsi, WSI_TOKEN_HTTP, buf);
	if (!h || strcmp(h, "HTTP/1.1") != 0)
		return refuse(wsi, &bad_request, "HTTP/1.1 is wanted for a WebSocket");
	h = header(wsi, WSI_TOKEN_CONNECTION, buf);
	if (!h || !lists(h, "upgrade"))
		return refuse(wsi, &bad_request, "Connection: does not say upgrade");
	h = header(wsi, WSI_TOKEN_VERSION, buf);
	if (!h || strcmp(h, "13") != 0)
		return refuse(wsi, &upgrade_required, "Sec-WebSocket-Version: 13 is spoken here");
	h = header(wsi, WSI_TOKEN_KEY, buf);
	if (!h || !key_ok(h))
		return refuse(wsi, &bad_request, "Sec-WebSocket-Key: not 16 bytes in base64");
	if (bearer_offer(offer, serverauth_offered(wsi, offer, sizeof offer), WS_SUBPROTOCOL) == OFFER_OTHER)
		return refuse(wsi, &bad_request, "Sec-WebSocket-Protocol: " WS_SUBPROTOCOL " is spoken here, or none");
	if (lws_hdr_total_length(wsi, WSI_TOKEN_EXTENSIONS) > EXTENSIONS_MAX)
		return refuse(wsi, &bad_request, "Sec-WebSocket-Extensions: more than 250 bytes");
	return 0;
}

static int
check_access(struct server *s, struct lws *wsi, bool https)
{
	char host_buf[HEADER_MAX], origin_buf[HEADER_MAX];
	const char *host = header(wsi, WSI_TOKEN_HOST, host_buf), *origin = header(wsi, WSI_TOKEN_ORIGIN, origin_buf);

	if (!host || !access_host(&s->access, host)) {
		s->stats.refused_host++;
		return refuse(wsi, &misdirected, "Host: not a name of this server; --server-name adds one");
	}
	if (!access_origin_ok(access_origin(&s->access, origin, host, https))) {
		s->stats.refused_origin++;
		return refuse(wsi, &forbidden, "Origin: neither this server's own nor listed in CORS_ORIGINS");
	}
	return 0;
}

static int
check_token(struct server *s, struct lws *wsi, struct conn *c)
{
	struct serverauth why = {0};
	struct grant grant;
	struct status st;
	struct strbuf more = {0};

	if (serverauth_check(s, wsi, &grant, &why)) {
		if (c->grant)
			grant_free(c->grant);
		else
			c->grant = xmalloc(sizeof *c->grant);
		*c->grant = grant;
		return 0;
	}
	if (c->dialect->closes_denied) {
		c->denied = why.detail;
		return 0;
	}
	st = why.status == 400 ? bad_request : unauthorized;
	strbuf_addf(&more, "WWW-Authenticate: %s\r\n", why.challenge);
	st.more = more.s;
	refuse(wsi, &st, why.detail);
	strbuf_free(&more);
	return -1;
}

static int
check_room(struct server *s, struct lws *wsi, const struct conn *c)
{
	const char *detail;
	int status;

	if (!s->opt.flags.enabled && !s->stopping) {
		s->stats.refused_disabled++;
		return refuse(wsi, &unavailable, "WebSocket is switched off (WEBSOCKET_ENABLED); /events and the HTTP routes serve on");
	}
	if (!wsroom_check(s, c->dialect, c->peer, c->told, &status, &detail))
		return refuse(wsi, status == 429 ? &too_many : &unavailable, detail);
	return 0;
}

bool
wsgate_query(struct lws *wsi, const struct dialect *d, struct request *out)
{
	static char buf[OFFER_MAX];	/* a token may be long */
	char *equals;
	int n;

	*out = (struct request){0};
	for (int i = 0; lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_URI_ARGS, i) > 0; i++) {
		n = lws_hdr_copy_fragment(wsi, buf, sizeof buf - 1, WSI_TOKEN_HTTP_URI_ARGS, i);
		if (n < 0) {
			request_free(out);
			return false;
		}
		equals = memchr(buf, '=', (size_t)n);
		*(equals ? equals : buf + n) = '\0';
		if (strcmp(buf, "token") != 0)
			request_query(d, out, buf, equals ? equals + 1 : NULL, equals ? (size_t)n - (size_t)(equals + 1 - buf) : 0);
		explicit_bzero(buf, (size_t)n);
	}
	return true;
}

static int
read_query(struct server *s, struct lws *wsi, struct conn *c)
{
	struct request r;

	if (!wsgate_query(wsi, c->dialect, &r))
		return refuse(wsi, &bad_request, "a query parameter is too long");
	request_query_end(&r);
	if (r.refused) {
		s->stats.bad_requests++;
		refuse(wsi, &bad_request, r.message.s);
		request_free(&r);
		return -1;
	}
	if (c->query)
		request_free(c->query);
	else
		c->query = xmalloc(sizeof *c->query);
	*c->query = r;
	return 0;
}

int
wsgate_check(struct server *s, struct lws *wsi, struct conn *c, char *upgrade)
{
	char path[HEADER_MAX];
	struct serverpeer peer;
	int n = lws_hdr_copy(wsi, path, sizeof path, WSI_TOKEN_GET_URI);

	if (n <= 0)
		return refuse(wsi, n < 0 ? &bad_request : &bad_method, "a WebSocket begins with a GET");
	c->dialect = dialect_at(path, (size_t)n);
	if (!c->dialect && strcasecmp(upgrade, "websocket") != 0) {
		*upgrade = '-';	/* h2c is offered with any request: not known, it is ignored and HTTP/1.1 goes on */
		return 0;
	}
	if (!c->dialect)
		return refuse(wsi, &not_found, "there is no WebSocket at this path; /ws is one");
	if (servertls_is_missing(wsi))
		return refuse(wsi, &bad_request, "TLS is spoken here: wss:");
	serverpeer_of(s, wsi, &peer);
	memcpy(c->peer, peer.addr, sizeof c->peer);
	c->denied = NULL;
	c->told = peer.told;
	if (check_handshake(wsi, upgrade) || check_access(s, wsi, peer.https) || check_room(s, wsi, c) || check_token(s, wsi, c))
		return -1;
	if (c->denied)
		return 0;
	wsdeflate_offer(c, s->opt.compression ? header(wsi, WSI_TOKEN_EXTENSIONS, path) : NULL);
	return read_query(s, wsi, c);
}
