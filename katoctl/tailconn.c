#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "katoctl/tailconn.h"
#include "katoctl/tailtls.h"
#include "lib/log.h"
#include "lib/sigs.h"

enum { CONNECT_S = 10, RECEIVE_BYTES = 64 << 10, REQUEST_BYTES = 8192 };

struct tailconn {
	lws_sorted_usec_list_t again, look;	/* timers */
	const struct tailurl *url;
	const struct tailconn_calls *calls;
	struct lws_context *lws;
	struct lws_vhost *vhost;
	struct lws *wsi;
	struct strbuf host;	/* as the Host header has it */
	struct strbuf text;	/* of a message that came in part */
	bool busy;		/* a try is on, or a connection */
	bool opened, binary, dropped, done;
	int code;
	const char *untrusted;	/* why the certificate of this try is; NULL: it is trusted, or none came */
	char why[124];		/* a close frame's reason has at most 123 bytes */
	lws_retry_bo_t idle;
};

static int callback(struct lws *, enum lws_callback_reasons, void *user, void *in, size_t len);

static const struct lws_protocols protocols[] = {
	{.name = "tail", .callback = callback, .rx_buffer_size = RECEIVE_BYTES},
	{.name = NULL},
};

static void
go(struct tailconn *t)
{
	t->done = true;
	lws_cancel_service(t->lws);
}

static void ended(struct tailconn *, unsigned http, const char *why);

static void
try(lws_sorted_usec_list_t *timer)
{
	struct tailconn *t = lws_container_of(timer, struct tailconn, again);
	struct lws_client_connect_info info = {
		.context = t->lws,
		.vhost = t->vhost,
		.address = t->url->host,
		.host = t->host.s,
		.port = t->url->port,
		.path = t->calls->path(t->calls->arg),
		.local_protocol_name = protocols[0].name,
		.alpn = "http/1.1",
		.ssl_connection = (t->url->tls ? LCCSCF_USE_SSL : 0) | LCCSCF_HTTP_NO_FOLLOW_REDIRECT,
		.pwsi = &t->wsi,
		.opaque_user_data = t,
		.retry_and_idle_policy = &t->idle,
	};

	t->busy = true;
	t->opened = false;
	t->code = 0;
	t->untrusted = NULL;
	t->why[0] = '\0';
	strbuf_reset(&t->text);
	if (!lws_client_connect_via_info(&info) && t->busy)
		ended(t, 0, "cannot connect");
}

/* Once for each try; what the caller says is done. */
static void
ended(struct tailconn *t, unsigned http, const char *why)
{
	struct tailconn_end end = {.opened = t->opened, .http = http, .code = t->code, .why = *t->why ? t->why : why,
	    .untrusted = t->untrusted != NULL};
	int wait;

	t->busy = false;
	if (t->done)
		return;
	if (t->untrusted)
		end.why = t->untrusted;
	wait = t->calls->ended(t->calls->arg, &end);
	if (wait < 0)
		go(t);
	else
		lws_sul_schedule(t->lws, 0, &t->again, try, (lws_usec_t)wait * LWS_US_PER_MS);
}

static void
look(lws_sorted_usec_list_t *timer)
{
	struct tailconn *t = lws_container_of(timer, struct tailconn, look);

	if (!t->calls->look(t->calls->arg))
		go(t);
	else
		lws_sul_schedule(t->lws, 0, &t->look, look, TAILCONN_LOOK_MS * LWS_US_PER_MS);
}

/*
 * Not by returning -1: libwebsockets 4.1.6 would await the answer to its close, and write the rest of the frame
 * behind the end of its buffer.
 */
static int
drop(struct tailconn *t)
{
	t->dropped = true;
	lws_set_timeout(t->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
	return 0;
}

static int
receive(struct tailconn *t, const char *p, size_t n)
{
	bool on = true;

	if (t->dropped)
		return 0;
	if (lws_is_first_fragment(t->wsi)) {
		t->binary = lws_frame_is_binary(t->wsi);
		strbuf_reset(&t->text);
	}
	if (t->text.len + n > TAILCONN_MESSAGE_MAX) {
		snprintf(t->why, sizeof t->why, "a message of more than %d bytes", TAILCONN_MESSAGE_MAX);
		return drop(t);
	}
	strbuf_add(&t->text, p, n);
	if (!lws_is_final_fragment(t->wsi) || lws_remaining_packet_payload(t->wsi))
		return 0;
	if (!t->binary)
		on = t->calls->message(t->calls->arg, t->text.s, t->text.len);
	strbuf_reset(&t->text);
	if (!on)
		go(t);
	return on ? 0 : drop(t);
}

static void
peer_closed(struct tailconn *t, const unsigned char *p, size_t n)
{
	if (n < 2)
		return;
	t->code = p[0] << 8 | p[1];
	snprintf(t->why, sizeof t->why, "%.*s", (int)(n - 2), (const char *)p + 2);
}

static unsigned
http_status(struct lws *wsi)
{
	char t[32];

	return lws_hdr_copy(wsi, t, sizeof t, WSI_TOKEN_HTTP) > 0 ? (unsigned)strtoul(t, NULL, 10) : 0;
}

static int
add_token(struct tailconn *t, struct lws *wsi, unsigned char **at, size_t room)
{
	const char *token = t->calls->token(t->calls->arg);
	struct strbuf value = {0};
	int failed;

	if (!token)
		return 0;
	strbuf_addf(&value, "Bearer %s", token);
	failed = lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_AUTHORIZATION, (unsigned char *)value.s, (int)value.len, at, *at + room);
	explicit_bzero(value.s, value.len);
	strbuf_free(&value);
	return failed ? -1 : 0;
}

static int
callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct tailconn *t = lws_context_user(lws_get_context(wsi));

	switch (reason) {
	case LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION:
		if (!len)	/* it did not pass so far */
			tailtls_forgive(user, t->url->host, &t->untrusted);
		return 0;
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		return add_token(t, wsi, in, len);
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		t->opened = true;
		t->dropped = false;
		t->calls->opened(t->calls->arg);
		return 0;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return t->done ? -1 : receive(t, in, len);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		peer_closed(t, in, len);
		return 0;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		ended(t, http_status(wsi), in ? in : "no connection");
		return 0;
	case LWS_CALLBACK_CLIENT_CLOSED:
	case LWS_CALLBACK_WSI_DESTROY:	/* the only word on some ends */
		if (t->busy && lws_get_opaque_user_data(wsi) == t)
			ended(t, 0, "");
		return 0;
	case LWS_CALLBACK_RAW_RX_FILE:
		if (!t->calls->look(t->calls->arg))
			go(t);
		return 0;
	default:
		return 0;
	}
}

static bool
begin(struct tailconn *t)
{
	struct lws_context_creation_info info = {
		.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | (t->url->tls ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0),
		.port = CONTEXT_PORT_NO_LISTEN,
		.protocols = protocols,
		.fd_limit_per_thread = 16,
		.pt_serv_buf_size = REQUEST_BYTES,
		.timeout_secs = CONNECT_S,
		.connect_timeout_secs = CONNECT_S,
		.retry_and_idle_policy = &t->idle,
		.user = t,
		.vhost_name = "tail",
		.client_ssl_ca_filepath = t->calls->cacert,
	};
	lws_sock_file_fd_type signals = {.filefd = sigs_fd()};

	lws_set_log_level(0, NULL);	/* what matters comes as a callback */
	t->lws = lws_create_context(&info);
	if (!t->lws)
		return false;
	t->vhost = lws_create_vhost(t->lws, &info);
	return t->vhost && lws_adopt_descriptor_vhost(t->vhost, LWS_ADOPT_RAW_FILE_DESC, signals, protocols[0].name, NULL);
}

bool
tailconn_run(const struct tailurl *url, int silence_s, const struct tailconn_calls *calls)
{
	struct tailconn t = {.url = url, .calls = calls};
	const char *v6 = strchr(url->host, ':');
	bool good;

	strbuf_addf(&t.host, "%s%s%s", v6 ? "[" : "", url->host, v6 ? "]" : "");
	if (url->port != (url->tls ? 443 : 80))
		strbuf_addf(&t.host, ":%d", url->port);
	t.idle.secs_since_valid_hangup = (uint16_t)silence_s;
	t.idle.secs_since_valid_ping = (uint16_t)((silence_s + 1) / 2);
	good = begin(&t);
	if (good) {
		try(&t.again);
		look(&t.look);
		while (!t.done && lws_service(t.lws, 0) >= 0)
			;
	}
	t.done = true;
	if (t.lws)
		lws_context_destroy(t.lws);
	strbuf_free(&t.host);
	strbuf_free(&t.text);
	return good;
}
