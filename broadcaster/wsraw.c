#include <errno.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "broadcaster/deflate.h"
#include "broadcaster/reply.h"
#include "broadcaster/wsconn.h"
#include "lib/log.h"
#include "lib/stamp.h"
#include "lib/xalloc.h"

/*
 * libwebsockets 4.1.6 offers no look at what it reads before it has parsed it, and its parsers let through
 * what RFC 6455 and RFC 9112 forbid (headin.h, wsin.h). It reads by recv(2) and SSL_read(3), and here are
 * functions of these names: the linker takes a program's own before a library's. Each calls the real one,
 * by another name, and hands on what was read, without what ends here. For other descriptors nothing changes.
 */

enum {
	PONGS_MAX = 16 * (2 + WSIN_CONTROL_MAX),	/* bytes that wait; over it only the newest pong is kept, as RFC 6455 5.5.3 allows */
	CODE_POLICY = 1008,
	DROPPED_MAX = 4 << 20,	/* bytes behind the end that are read so that no reset swallows our last word */
	ROUNDS_MAX = 64,	/* of TLS records that hold nothing to hand on */
};

static struct conn **by_fd;
static size_t fds;

void
wsraw_open(struct conn *c)
{
	c->fd = lws_get_socket_fd(c->wsi);
	if (c->fd < 0)
		return;
	if ((size_t)c->fd >= fds) {
		size_t n = (size_t)c->fd * 2 + 64;

		by_fd = xreallocarray(by_fd, n, sizeof(struct conn *));
		memset(by_fd + fds, 0, (n - fds) * sizeof(struct conn *));
		fds = n;
	}
	by_fd[c->fd] = c;
}

static void
drop_pongs(struct conn *c)
{
	if (c->raw.pongs)
		strbuf_free(c->raw.pongs);
	free(c->raw.pongs);
	c->raw.pongs = NULL;
}

void
wsraw_close(struct conn *c)
{
	if (c->fd >= 0 && (size_t)c->fd < fds && by_fd[c->fd] == c)
		by_fd[c->fd] = NULL;
	drop_pongs(c);
	if (c->raw.part == WSRAW_FRAMES)
		wsin_free(&c->raw.in);
}

static struct conn *
conn_at(int fd)
{
	return fd >= 0 && (size_t)fd < fds ? by_fd[fd] : NULL;
}

static struct server *
server_of(const struct conn *c)
{
	return lws_context_user(lws_get_context(c->wsi));
}

void
wsraw_pong(struct conn *c)
{
	struct strbuf *b = c->raw.pongs;

	if (!b || !c->upgraded || lws_partial_buffered(c->wsi))
		return;
	if (!c->closed && lws_write(c->wsi, (unsigned char *)b->s + LWS_PRE, b->len - LWS_PRE, LWS_WRITE_RAW) < 0)
		lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
	drop_pongs(c);
}

/* Each costs what a message costs that changes nothing. */
static bool
may_ping(struct server *s, struct conn *c)
{
	switch (limits_message(&c->talk, s->opt.message_rate, s->opt.message_burst, stamp_mono())) {
	case LIMITS_OK:
		limits_forgive(&c->talk);
		return true;
	case LIMITS_CLOSE:
		c->raw.in.ended = true;
		c->raw.fault = "too many pings";
		c->raw.fault_code = CODE_POLICY;
		/* fallthrough */
	default:
		s->stats.rate_limited++;
		return false;
	}
}

static void
on_ping(void *arg, const unsigned char *payload, size_t len)
{
	struct conn *c = arg;
	struct strbuf *b;
	unsigned char header[2] = {0x80 | FRAME_PONG, (unsigned char)len};

	if (c->closed || !may_ping(server_of(c), c))
		return;
	if (!c->raw.pongs)
		c->raw.pongs = xcalloc(1, sizeof *c->raw.pongs);
	b = c->raw.pongs;
	if (b->len + sizeof header + len > LWS_PRE + PONGS_MAX)
		strbuf_reset(b);
	if (!b->len) {
		strbuf_reserve(b, LWS_PRE);
		memset(b->s, 0, LWS_PRE);
		b->len = LWS_PRE;
	}
	strbuf_add(b, (const char *)header, sizeof header);
	strbuf_add(b, (const char *)payload, len);
}

static void
on_pong(void *arg)
{
	struct conn *c = arg;

	c->pinged = false;
}

static void
on_close(void *arg, int code)
{
	struct conn *c = arg;

	c->raw.peer_code = (uint16_t)code;
}

static void
on_fault(void *arg, int code, const char *what)
{
	struct conn *c = arg;

	c->raw.fault = what;
	c->raw.fault_code = (uint16_t)code;
}


/* The end is dealt with when libwebsockets has had what came before it. */
static void
settle(struct conn *c)
{
	if (!c->upgraded)
		return;
	if (c->raw.pongs) {
		wsraw_pong(c);
		if (c->raw.pongs)
			lws_callback_on_writable(c->wsi);
	}
	if (c->raw.in.ended)
		lws_callback_on_writable(c->wsi);
}

void
wsraw_upgraded(struct conn *c)
{
	if (c->raw.part != WSRAW_FRAMES)
		c->raw = (struct wsraw){.part = WSRAW_FRAMES};
	settle(c);
}

int
wsraw_finish(struct conn *c)
{
	if (c->raw.part == WSRAW_NONE)
		return 0;
	wsin_free(&c->raw.in);
	c->raw.part = WSRAW_NONE;
	if (lws_is_ssl(c->wsi))
		return -1;
	shutdown(c->fd, SHUT_WR);
	return 0;
}

static size_t
take_frames(struct conn *c, unsigned char *buf, size_t len)
{
	size_t most = (size_t)server_of(c)->opt.message_bytes, n;
	const struct wsin_ops ops = {c->form == FRAME_PLAIN ? most : deflate_bound(most), on_ping, on_pong, on_close, on_fault};

	c->raw.in.compressed = c->form != FRAME_PLAIN;
	n = wsin_take(&c->raw.in, buf, len, &ops, c);

	settle(c);
	return n;
}

/* The connection ends with the answer; what still comes is read and dropped, or a reset would swallow it. */
static void
refuse(struct conn *c, const struct headin_fault *f)
{
	struct server *s = server_of(c);
	struct strbuf b = {0};
	char peer[46];

	s->stats.http_requests++;
	s->stats.http_errors++;
	strbuf_reserve(&b, LWS_PRE);
	b.len = LWS_PRE;
	strbuf_addf(&b, "HTTP/1.1 %d %s\r\nContent-Type: application/problem+json\r\nContent-Length: %zu\r\n"
	    "Cache-Control: no-store\r\nConnection: close\r\n\r\n", f->status, reply_reason(f->status),
	    strlen("{'type':'about:blank','title':'','status':400,'detail':''}") + strlen(reply_reason(f->status)) + strlen(f->detail));
	strbuf_addf(&b, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\"}", reply_reason(f->status),
	    f->status, f->detail);
	lws_write(c->wsi, (unsigned char *)b.s + LWS_PRE, b.len - LWS_PRE, LWS_WRITE_RAW);
	strbuf_free(&b);
	log_debug("client %s refused: %d: %s", server_peer(c->wsi, peer), f->status, f->detail);
	c->raw = (struct wsraw){.part = WSRAW_NONE};
	shutdown(c->fd, SHUT_WR);
	if (!c->link.next)
		wswait_begin(s->ws, c, WS_WAIT_OPEN);
}

/* How much of it is heads. They may come back to back; behind one with a body nothing more is answered. */
static size_t
take_heads(struct conn *c, unsigned char *buf, size_t len)
{
	struct headin_fault fault;
	size_t at = 0, used;

	while (at < len && c->raw.part == WSRAW_HEAD) {
		switch (headin_take(&c->raw.head, (const char *)buf + at, len - at, &used, &fault)) {
		case HEADIN_BAD:
			if (at)	/* those before have not been answered yet, and the wait for a request ends it */
				c->raw.part = WSRAW_NONE;
			else
				refuse(c, &fault);
			return at;
		case HEADIN_WHOLE:
			if (c->raw.head.has_upgrade && c->raw.head.has_key)
				c->raw = (struct wsraw){.part = WSRAW_FRAMES};
			else if (c->raw.head.has_body)
				c->raw.part = WSRAW_ALL;
			break;
		case HEADIN_MORE:
			break;
		}
		at += used;
	}
	return c->raw.part == WSRAW_ALL ? len : at;
}

static size_t
take(struct conn *c, unsigned char *buf, size_t len)
{
	switch (c->raw.part) {
	case WSRAW_HEAD:
		return take_heads(c, buf, len);
	case WSRAW_FRAMES:
		return take_frames(c, buf, len);
	case WSRAW_NONE:
		c->raw.dropped += len;
		return 0;
	default:
		return len;
	}
}

/* What recv(2) says of n bytes; of none, that nothing came, unless enough was dropped. */
static ssize_t
hand_on(const struct conn *c, size_t n)
{
	if (n || c->raw.dropped > DROPPED_MAX)
		return (ssize_t)n;
	errno = EAGAIN;
	return -1;
}

/*
 * Looks before it takes: libwebsockets makes its answer to a handshake in the buffer that the handshake
 * came in, so that what came behind it must come by a read of its own.
 */
static ssize_t
recv_heads(struct conn *c, void *buf, size_t len)
{
	ssize_t n = recvfrom(c->fd, buf, len, MSG_PEEK, NULL, NULL);
	size_t good;

	if (n <= 0)
		return n;
	good = take_heads(c, buf, (size_t)n);
	n = recvfrom(c->fd, buf, c->raw.part == WSRAW_NONE ? (size_t)n : good, 0, NULL, NULL);
	return n > 0 ? hand_on(c, good) : n;
}

ssize_t
recv(int fd, void *buf, size_t len, int flags)
{
	struct conn *c = conn_at(fd);
	ssize_t n;

	if (!c || flags)
		return recvfrom(fd, buf, len, flags, NULL, NULL);
	if (c->raw.part == WSRAW_HEAD) {
		n = recv_heads(c, buf, len);
	} else {
		n = recvfrom(fd, buf, len, 0, NULL, NULL);
		if (n > 0)
			n = hand_on(c, take(c, buf, (size_t)n));
	}
	return n;
}

/* As take; of what comes together with a handshake nothing can be left for the next read. */
static size_t
take_record(struct conn *c, unsigned char *buf, size_t len)
{
	bool head = c->raw.part == WSRAW_HEAD;
	size_t n = take(c, buf, len);

	if (head && c->raw.part == WSRAW_FRAMES && n < len) {
		c->raw.in.ended = true;
		on_fault(c, WSIN_PROTOCOL, "data ahead of the answer to the handshake");
	}
	return n;
}

/*
 * libwebsockets takes an answer shorter than it asked for as a sign that TLS holds nothing more: so it is
 * filled up, and what the last real call said is what an empty answer says.
 */
int
SSL_read(SSL *ssl, void *buf, int len)
{
	struct conn *c = conn_at(SSL_get_fd(ssl));
	unsigned char *p = buf;
	size_t have = 0, n;
	int got;

	for (int rounds = 0; have < (size_t)len && rounds < ROUNDS_MAX; rounds++) {
		got = SSL_read_ex(ssl, p + have, (size_t)len - have, &n);
		if (!got)
			return have ? (int)have : got;
		if (!c)
			return (int)n;
		have += take_record(c, p + have, n);
		if (c->raw.part == WSRAW_FRAMES && !c->upgraded)
			break;
	}
	return have ? (int)have : -1;
}
