#include <ctype.h>
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "collectors/hint.h"
#include "collectors/katoevents.h"
#include "lib/json.h"
#include "lib/log.h"
#include "lib/stamp.h"
#include "lib/strbuf.h"
#include "lib/xalloc.h"

#define PROTOCOL "kato-events"

enum {
	HEALTH_MAX = 16 << 10,
	HANDSHAKE_POLL_MS = 5,	/* libwebsockets has no way to say that it wants to write: while it may, look often */
	TIMERS_MS = 1000,
	KEEPALIVE_S = 30,
};

enum phase { FREE, ASKING, OPENING, UP };

struct conn {
	struct katoevents *owner;
	struct lws_vhost *vhost;	/* its own: what is queued behind a question finds no other connection than that one's */
	struct lws *wsi;	/* callbacks of any other are those of one we gave up */
	enum phase phase;
	bool kept;		/* the answer leaves the connection open */
	unsigned status;
	int64_t heard;		/* mono: when something came last; while asking, when it was asked */
	int pings;		/* said since */
	bool ping_due;
	struct strbuf text;	/* an answer or message so far */
};

struct katoevents {
	struct lws_context *lws;
	struct katoevents_calls calls;
	char *host, *place, *events_path, *health_path, *basic;
	int port;
	bool tls;
	unsigned n;
	struct conn conn[];
};

static int callback(struct lws *, enum lws_callback_reasons, void *user, void *in, size_t len);

static const struct lws_protocols protocols[] = {
	{.name = PROTOCOL, .callback = callback, .rx_buffer_size = 4096},
	{.name = NULL},
};

static const lws_retry_bo_t no_idle_policy;	/* silence is our own business */

static int
hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* "Basic " and the user and password in base64, their percent signs decoded. */
static char *
basic_auth(const char *userinfo)
{
	size_t n = 0, room = strlen(userinfo) * 4 / 3 + 16;
	char *plain = xstrdup(userinfo), *out = xmalloc(room + 6);

	for (const char *p = userinfo; *p; p++)
		if (*p == '%' && isxdigit((unsigned char)p[1]) && isxdigit((unsigned char)p[2])) {
			plain[n++] = (char)(hex(p[1]) * 16 + hex(p[2]));
			p += 2;
		} else {
			plain[n++] = *p;
		}
	memcpy(out, "Basic ", 6);
	if (lws_b64_encode_string(plain, (int)n, out + 6, (int)room) < 0)
		die(1, "base64 of the password: no room");
	free(plain);
	return out;
}

static char *
join(const char *a, const char *b)
{
	struct strbuf s = {0};

	strbuf_addf(&s, "%s%s", a, b);
	return s.s;
}

static void
make_lws(struct katoevents *k)
{
	struct lws_context_creation_info info = {
		.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | (k->tls ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0),
		.fd_limit_per_thread = k->n * 2 + 16,
		.port = CONTEXT_PORT_NO_LISTEN,
		.protocols = protocols,
		.retry_and_idle_policy = &no_idle_policy,
		.timeout_secs = KATOEVENTS_CONNECT_S,
		.connect_timeout_secs = KATOEVENTS_CONNECT_S,
		.ka_time = KEEPALIVE_S,
		.ka_interval = KEEPALIVE_S / 3,
		.ka_probes = 3,
	};
	char name[16];

	lws_set_log_level(0, NULL);	/* what matters comes as a callback */
	k->lws = lws_create_context(&info);
	if (!k->lws)
		die(1, "libwebsockets does not start");
	for (unsigned i = 0; i < k->n; i++) {
		snprintf(name, sizeof name, "slot%u", i);
		info.vhost_name = name;
		k->conn[i].owner = k;
		k->conn[i].vhost = lws_create_vhost(k->lws, &info);
		if (!k->conn[i].vhost)
			die(1, "libwebsockets makes no client");
	}
}

struct katoevents *
katoevents_new(const struct katoevents_to *to, unsigned slots, const struct katoevents_calls *calls)
{
	struct katoevents *k = xcalloc(1, sizeof *k + slots * sizeof k->conn[0]);
	const char *v6 = strchr(to->host, ':');
	struct strbuf place = {0};

	k->calls = *calls;
	k->n = slots;
	k->tls = to->tls;
	k->port = to->port;
	k->host = xstrdup(to->host);
	strbuf_addf(&place, "%s%s%s:%d", v6 ? "[" : "", to->host, v6 ? "]" : "", to->port);
	k->place = place.s;
	k->events_path = join(to->path, "/ws/events");
	k->health_path = join(to->path, "/health");
	if (to->userinfo)
		k->basic = basic_auth(to->userinfo);
	make_lws(k);
	return k;
}

void
katoevents_del(struct katoevents *k)
{
	for (unsigned i = 0; i < k->n; i++)
		k->conn[i].wsi = NULL;
	lws_context_destroy(k->lws);
	for (unsigned i = 0; i < k->n; i++)
		strbuf_free(&k->conn[i].text);
	free(k->host);
	free(k->place);
	free(k->events_path);
	free(k->health_path);
	free(k->basic);
	free(k);
}

static int
slot_of(const struct conn *c)
{
	return (int)(c - c->owner->conn);
}

static void
lost(struct conn *c, const char *why)
{
	if (c->phase == FREE)
		return;
	c->phase = FREE;
	c->wsi = NULL;
	c->owner->calls.lost(c->owner->calls.arg, slot_of(c), why);
}

/*
 * ws: the WebSocket; else the question before it. The WebSocket may be queued behind a question that is
 * done, and then goes over its connection: libwebsockets looks for one whose Host is our address. Without
 * LCCSCF_PIPELINE the question would ask KATO to close.
 */
static void
connect_to(struct conn *c, bool ws, bool queued)
{
	struct katoevents *k = c->owner;
	struct lws *made;
	struct lws_client_connect_info info = {
		.context = k->lws,
		.vhost = c->vhost,
		.address = queued ? k->place : k->host,
		.host = k->place,
		.port = k->port,
		.path = ws ? k->events_path : k->health_path,
		.method = ws ? NULL : "GET",
		.local_protocol_name = PROTOCOL,
		.alpn = "http/1.1",
		.ssl_connection = (k->tls ? LCCSCF_USE_SSL : 0) | (queued || !ws ? LCCSCF_PIPELINE : 0) |
		    LCCSCF_HTTP_NO_FOLLOW_REDIRECT,
		.opaque_user_data = c,
		.pwsi = &c->wsi,
		.retry_and_idle_policy = &no_idle_policy,
	};

	c->phase = ws ? OPENING : ASKING;
	c->heard = stamp_mono();
	c->kept = false;
	c->status = 0;
	strbuf_reset(&c->text);
	made = lws_client_connect_via_info(&info);
	if (!made && c->phase != FREE)
		lost(c, "cannot connect");
}

void
katoevents_dial(struct katoevents *k, int slot, bool ask)
{
	connect_to(&k->conn[slot], !ask, false);
}

void
katoevents_hang_up(struct katoevents *k, int slot)
{
	struct conn *c = &k->conn[slot];

	if (c->wsi)
		lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
	c->wsi = NULL;
	c->phase = FREE;
}

size_t
katoevents_fds(const struct katoevents *k, struct pollfd *out)
{
	size_t n = 0;

	for (unsigned i = 0; i < k->n; i++) {
		int fd = k->conn[i].wsi ? (int)lws_get_socket_fd(k->conn[i].wsi) : -1;

		if (fd >= 0)
			out[n++] = (struct pollfd){.fd = fd, .events = POLLIN};
	}
	return n;
}

int
katoevents_wait(const struct katoevents *k)
{
	int ms = TIMERS_MS;

	for (unsigned i = 0; i < k->n; i++)
		if (k->conn[i].phase == ASKING || k->conn[i].phase == OPENING || k->conn[i].ping_due)
			ms = HANDSHAKE_POLL_MS;
	return lws_service_adjust_timeout(k->lws, ms, 0);
}

static void
give_up(struct conn *c, const char *why)
{
	lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
	lost(c, why);
}

/* A link that says nothing is asked, in KATO's way and then in WebSocket's own; one that stays mute is dead. */
static void
watch_silence(struct conn *c, int64_t now)
{
	int64_t quiet = now - c->heard;

	if (quiet >= KATOEVENTS_SILENT_MS) {
		give_up(c, "silent, and answers no ping");
	} else if (quiet >= KATOEVENTS_PING_MS + c->pings * (KATOEVENTS_SILENT_MS - KATOEVENTS_PING_MS) / 2 && c->pings < 2) {
		c->pings++;
		c->ping_due = true;
		lws_callback_on_writable(c->wsi);
	}
}

void
katoevents_run(struct katoevents *k, int64_t now)
{
	for (unsigned i = 0; i < k->n; i++)
		if (k->conn[i].phase == UP)
			watch_silence(&k->conn[i], now);
		else if (k->conn[i].phase == ASKING && now - k->conn[i].heard >= KATOEVENTS_ASK_MS)
			give_up(&k->conn[i], "no answer to /health");
	if (lws_service(k->lws, -1) < 0)
		die(1, "libwebsockets: its loop failed");
}

static int
say_ping(struct conn *c)
{
	unsigned char buf[LWS_PRE + 4];

	if (!c->ping_due)
		return 0;
	c->ping_due = false;
	memcpy(buf + LWS_PRE, "ping", 4);
	return lws_write(c->wsi, buf + LWS_PRE, 4, c->pings == 1 ? LWS_WRITE_TEXT : LWS_WRITE_PING) < 0 ? -1 : 0;
}

/* Will the connection still be there when the answer is over? */
static bool
is_kept(struct lws *wsi)
{
	char value[32];

	if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP1_0) > 0)
		return false;
	if (lws_hdr_copy(wsi, value, sizeof value, WSI_TOKEN_CONNECTION) > 0 && !strncasecmp(value, "close", 5))
		return false;
	return lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0 ||
	    lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0;
}

static uint64_t
worker_of(const struct conn *c)
{
	struct span began;
	size_t at;

	if (c->status != 200 || !c->text.len || json_check(c->text.s, c->text.len, &at))
		return 0;
	began = json_member(json_trim(c->text.s, c->text.len), "last_collection");
	return json_is(began, '0') ? hint_hash(began.p, began.len) : 0;
}

/* The question was answered: on to the WebSocket, over the same connection. */
static int
answered(struct conn *c)
{
	struct katoevents *k = c->owner;

	if (!c->kept) {
		lost(c, "KATO closes connections after an answer");
		return -1;
	}
	if (!k->calls.landed(k->calls.arg, slot_of(c), worker_of(c))) {
		c->phase = FREE;
		c->wsi = NULL;
		return -1;
	}
	connect_to(c, true, true);
	return c->phase == FREE ? -1 : 0;
}

/* A part of the answer; libwebsockets hands it on through LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ. */
static int
read_answer(struct lws *wsi)
{
	char buf[LWS_PRE + 2048], *p = buf + LWS_PRE;
	int n = sizeof buf - LWS_PRE;

	return lws_http_client_read(wsi, &p, &n) < 0 ? -1 : 0;
}

static int
message(struct conn *c, const char *p, size_t len)
{
	struct katoevents *k = c->owner;

	c->heard = stamp_mono();
	c->pings = 0;
	if (lws_is_first_fragment(c->wsi))
		strbuf_reset(&c->text);
	if (c->text.len + len > KATOEVENTS_MESSAGE_MAX) {
		/* not -1: libwebsockets 4.1.6 would await the answer to its close, and write the rest of the frame
		   behind the end of its buffer */
		give_up(c, "a message over 65536 bytes");
		return 0;
	}
	strbuf_add(&c->text, p, len);
	if (lws_is_final_fragment(c->wsi)) {
		k->calls.message(k->calls.arg, slot_of(c), c->text.s, c->text.len);
		strbuf_reset(&c->text);
	}
	return 0;
}

static void
opened(struct conn *c)
{
	c->phase = UP;
	c->heard = stamp_mono();
	c->pings = 0;
	c->ping_due = false;
	strbuf_reset(&c->text);
	c->owner->calls.up(c->owner->calls.arg, slot_of(c));
}

static void
failed(struct conn *c, const char *in, size_t len)
{
	char why[128];

	if (c->status && c->status != 101)
		snprintf(why, sizeof why, "HTTP status %u", c->status);
	else
		snprintf(why, sizeof why, "%.*s", (int)len, in && len ? in : "");
	lost(c, *why ? why : "no connection");
}

static int
add_headers(struct conn *c, unsigned char **p, size_t len)
{
	const char *basic = c->owner->basic;

	if (!basic)
		return 0;
	return lws_add_http_header_by_token(c->wsi, WSI_TOKEN_HTTP_AUTHORIZATION, (const unsigned char *)basic, (int)strlen(basic),
	    p, *p + len) ? -1 : 0;
}

/* Long: one line for each of libwebsockets' reasons. */
static int
callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct conn *c = wsi ? lws_get_opaque_user_data(wsi) : NULL;

	(void)user;
	if (!c || c->wsi != wsi)
		return 0;	/* not a connection, or one we gave up */
	switch (reason) {
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		return add_headers(c, in, len);
	case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
		c->status = lws_http_client_http_response(wsi);
		c->kept = is_kept(wsi);
		return 0;
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
		return read_answer(wsi);
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
		if (c->text.len + len <= HEALTH_MAX)
			strbuf_add(&c->text, in, len);
		else
			c->status = 0;	/* no health of KATO's */
		return 0;
	case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
		return answered(c);
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		opened(c);
		return c->wsi == wsi ? 0 : -1;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return message(c, in, len);
	case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
		c->heard = stamp_mono();
		c->pings = 0;
		return 0;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return say_ping(c);
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		failed(c, in, len);
		return 0;
	case LWS_CALLBACK_CLIENT_CLOSED:
	case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
	case LWS_CALLBACK_WSI_DESTROY:
		lost(c, "closed by KATO");
		return 0;
	default:
		return 0;
	}
}
