#include <ctype.h>
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/katoeventsconn.h"
#include "lib/log.h"
#include "lib/stamp.h"
#include "lib/strbuf.h"
#include "lib/xalloc.h"

#define PROTOCOL "kato-events"

enum {
	HANDSHAKE_POLL_MS = 5,	/* libwebsockets has no way to say that it wants to write: while it may, look often */
	TIMERS_MS = 1000,
	KEEPALIVE_S = 30,
};

static const struct lws_protocols protocols[] = {
	{.name = PROTOCOL, .callback = katoevents_call, .rx_buffer_size = 4096},
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

int
katoevents_slot(const struct katoevents_conn *c)
{
	return (int)(c - c->owner->conn);
}

void
katoevents_lost(struct katoevents_conn *c, const char *why)
{
	if (c->phase == FREE)
		return;
	c->phase = FREE;
	c->wsi = NULL;
	c->owner->calls.lost(c->owner->calls.arg, katoevents_slot(c), why);
}

/*
 * ws: the WebSocket; else the question before it. The WebSocket may be queued behind a question that is
 * done, and then goes over its connection: libwebsockets looks for one whose Host is our address. Without
 * LCCSCF_PIPELINE the question would ask KATO to close.
 */
void
katoevents_connect(struct katoevents_conn *c, bool ws, bool queued)
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
		katoevents_lost(c, "cannot connect");
}

void
katoevents_dial(struct katoevents *k, int slot, bool ask)
{
	katoevents_connect(&k->conn[slot], !ask, false);
}

void
katoevents_hang_up(struct katoevents *k, int slot)
{
	struct katoevents_conn *c = &k->conn[slot];

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

void
katoevents_give_up(struct katoevents_conn *c, const char *why)
{
	lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
	katoevents_lost(c, why);
}

/* A link that says nothing is asked, in KATO's way and then in WebSocket's own; one that stays mute is dead. */
static void
watch_silence(struct katoevents_conn *c, int64_t now)
{
	int64_t quiet = now - c->heard;

	if (quiet >= KATOEVENTS_SILENT_MS) {
		katoevents_give_up(c, "silent, and answers no ping");
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
			katoevents_give_up(&k->conn[i], "no answer to /health");
	if (lws_service(k->lws, -1) < 0)
		die(1, "libwebsockets: its loop failed");
}
