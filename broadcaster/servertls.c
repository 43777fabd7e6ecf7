#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "broadcaster/certs.h"
#include "broadcaster/servertls.h"
#include "lib/log.h"
#include "lib/stamp.h"

enum {
	RECORD_BYTES = 16384,	/* RFC 8446 5.1 */
	SOON_DAYS = 14,		/* that a certificate runs out is said */
};

/* Of TLS 1.2 what has forward secrecy and authenticates what it encrypts; of 1.3 all is so. */
static const char ciphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";

static struct certs now;	/* what is shown from now on; ctx NULL: no TLS */

/* A connection takes its ciphers from the context that its certificate came from. */
static bool
load(const char *cert, const char *key, struct certs *out, struct strbuf *err)
{
	return certs_load(cert, key, out, err) && SSL_CTX_set_cipher_list(out->ctx, ciphers) == 1;
}

bool
servertls_is_on(void)
{
	return now.ctx != NULL;
}

static void
say_dates(const char *cert, const struct certs *c)
{
	int64_t at = stamp_now() / 1000, days = (c->not_after - at) / 86400;
	char text[STAMP_LEN + 1];

	if (c->not_before > at)
		log_warn("%s: this certificate is not valid before %s", cert, stamp_format(c->not_before * 1000, text));
	else if (c->not_after <= at)
		log_warn("%s: this certificate ran out on %s", cert, stamp_format(c->not_after * 1000, text));
	else if (days < SOON_DAYS)
		log_warn("%s: this certificate runs out on %s", cert, stamp_format(c->not_after * 1000, text));
	else
		log_debug("%s: valid until %s", cert, stamp_format(c->not_after * 1000, text));
}

static void
say(const char *cert, const char *key, const struct certs *c)
{
	say_dates(cert, c);
	if (c->key_is_open)
		log_warn("%s: everybody on this machine may read this private key", key);
}

static bool
is_set(const char *s)
{
	return s && *s;
}

void
servertls_open(struct server *s)
{
	const char *cert = s->opt.tls_cert, *key = s->opt.tls_key;
	struct strbuf err = {0};

	if (!is_set(cert) && !is_set(key))
		return;
	if (!is_set(key))
		die(2, "--tls-cert %s: --tls-key is missing", cert);
	if (!is_set(cert))
		die(2, "--tls-key %s: --tls-cert is missing", key);
	if (!load(cert, key, &now, &err))
		die(2, "TLS: %s", err.s);
	say(cert, key, &now);
}

void
servertls_reload(struct server *s)
{
	const char *cert = s->opt.tls_cert, *key = s->opt.tls_key;
	struct strbuf err = {0};
	struct certs fresh;

	if (!now.ctx)
		return;
	if (!is_set(cert) || !is_set(key)) {
		log_warn("TLS: no certificate or no key is named any more; the old one stays until a restart");
	} else if (!load(cert, key, &fresh, &err)) {
		log_warn("TLS: %s; the old certificate stays", err.s);
	} else {
		say(cert, key, &fresh);
		certs_free(&now);
		now = fresh;
	}
	strbuf_free(&err);
}

uint64_t
servertls_context_options(void)
{
	return now.ctx ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0;
}

void
servertls_vhost(struct lws_context_creation_info *info)
{
	if (!now.ctx)
		return;
	/* what comes without TLS is let in as far as to be told so */
	info->options |= LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX | LWS_SERVER_OPTION_ALLOW_NON_SSL_ON_SSL_PORT |
	    LWS_SERVER_OPTION_ALLOW_HTTP_ON_HTTPS_LISTENER;
	info->ssl_info_event_mask = SSL_CB_HANDSHAKE_DONE;
	info->alpn = "http/1.1";	/* h2 would be offered otherwise */
}

/* At each handshake that is not a resumed one. */
static int
show_certificate(SSL *ssl, void *arg)
{
	(void)arg;
	return SSL_set_SSL_CTX(ssl, now.ctx) != NULL;
}

int
servertls_take(void *ssl_ctx)
{
	SSL_CTX *ctx = ssl_ctx;

	SSL_CTX_set_cert_cb(ctx, show_certificate, NULL);
	SSL_CTX_set_tlsext_servername_callback(ctx, NULL);	/* one certificate for all names */
	/* tickets keep no state here; the cache would, for each client that ever was */
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ctx, 1);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_PRIORITIZE_CHACHA);
	return SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 && SSL_CTX_set_cipher_list(ctx, ciphers) == 1 ? 0 : -1;
}

bool
servertls_is_shaking(struct lws *wsi)
{
	SSL *ssl = lws_get_ssl(wsi);

	return ssl && SSL_in_init(ssl);
}

bool
servertls_is_missing(struct lws *wsi)
{
	return now.ctx && !lws_is_ssl(wsi);
}

static ssize_t
send_plain(int fd, const struct iovec *v, size_t n)
{
	struct msghdr m = {.msg_iov = (struct iovec *)v, .msg_iovlen = n};
	ssize_t sent;

	do
		sent = sendmsg(fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
	return sent;
}

/*
 * One record: a write that found the socket full has to come again as it was, and it does, since what is asked for
 * then begins with the same bytes and is not shorter. The buffer may have moved; libwebsockets allows for that.
 */
static ssize_t
send_record(SSL *ssl, const struct iovec *v, size_t n)
{
	static unsigned char record[RECORD_BYTES];
	size_t len = 0;
	int sent;

	for (size_t i = 0; i < n && len < sizeof record; i++) {
		size_t room = sizeof record - len, part = v[i].iov_len < room ? v[i].iov_len : room;

		memcpy(record + len, v[i].iov_base, part);
		len += part;
	}
	ERR_clear_error();
	sent = SSL_write(ssl, record, (int)len);
	if (sent > 0)
		return sent;
	switch (SSL_get_error(ssl, sent)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return 0;
	default:
		return -1;
	}
}

ssize_t
servertls_send(struct lws *wsi, const struct iovec *v, size_t n)
{
	SSL *ssl = lws_get_ssl(wsi);

	return ssl ? send_record(ssl, v, n) : send_plain(lws_get_socket_fd(wsi), v, n);
}

void
servertls_end(struct lws *wsi)
{
	SSL *ssl = lws_get_ssl(wsi);

	ERR_clear_error();
	if (ssl)
		SSL_shutdown(ssl);
	shutdown(lws_get_socket_fd(wsi), SHUT_WR);
}
