#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/strbuf.h"
#include "lib/xalloc.h"
#include "tests/bench/crowdin.h"

enum { SOURCES = 16, INFLATERS = 8 };	/* addresses to come from; clients that inflate what they get */

static struct crowd_options o;
static bool churning, with_reset;
static size_t churned;

static void
request(struct crowd_client *c, struct strbuf *b)
{
	const char *p = o.path, *n;
	size_t number = (size_t)(c - crowd.v);

	strbuf_adds(b, "GET ");
	for (; (n = strstr(p, "%n")); p = n + 2) {
		strbuf_add(b, p, (size_t)(n - p));
		strbuf_addf(b, "%zu", o.sets ? number % o.sets : number);
	}
	strbuf_adds(b, p);
	if (o.resume)
		strbuf_addf(b, "%cepoch=%s&offset=%llu", strchr(o.path, '?') ? '&' : '?', crowd.epoch, (unsigned long long)c->offset);
	strbuf_addf(b, " HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s\r\n", o.port,
	    o.deflate ? "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover\r\n" : "");
}

static void
watch(struct crowd_client *c, int how, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data.u64 = (uint64_t)(c - crowd.v)};

	epoll_ctl(crowd.epoll, how, c->fd, &ev);
}

void
crowd_ask(struct crowd_client *c)
{
	static struct strbuf b;
	int error = 0;
	socklen_t len = sizeof error;

	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 || error) {
		crowd_lose(c);
		return;
	}
	strbuf_reset(&b);
	request(c, &b);
	if (send(c->fd, b.s, b.len, MSG_NOSIGNAL) != (ssize_t)b.len) {
		crowd_lose(c);
		return;
	}
	c->phase = CROWD_ASKED;
	watch(c, EPOLL_CTL_MOD, EPOLLIN);
}

static bool
start(struct crowd_client *c)
{
	struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)o.port)};
	static uint32_t source;
	int one = 1;

	c->phase = CROWD_CONNECTING;
	c->deaf = false;
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0) {
		perror("load: socket");
		exit(1);
	}
	from.sin_addr.s_addr = htonl(o.source ? INADDR_LOOPBACK - 1 + o.source : INADDR_LOOPBACK + source++ % SOURCES);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	crowd.asking++;
	if (bind(c->fd, (struct sockaddr *)&from, sizeof from) < 0 ||
	    (connect(c->fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS)) {
		crowd_lose(c);
		return false;
	}
	watch(c, EPOLL_CTL_ADD, EPOLLOUT);
	return true;
}

static void
begin_inflating(struct crowd_client *c)
{
	c->inflate = xcalloc(1, sizeof *c->inflate);
	if (inflateInit2(c->inflate, -15) != Z_OK)
		exit(1);
}

static void
welcome(struct crowd_client *c, const char *head)
{
	crowd.asking--;
	if (churning) {
		struct linger now = {1, 0};

		churned++;
		if (with_reset)
			setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
		c->phase = CROWD_GONE;
		close(c->fd);
		return;
	}
	c->phase = CROWD_OPEN;
	crowd.open++;
	crowd_count.opened++;
	if (strcasestr(head, "permessage-deflate") && (size_t)(c - crowd.v) < INFLATERS)
		begin_inflating(c);
}

/* The accept value is that of the key sent, from RFC 6455 1.3. */
void
crowd_answered(struct crowd_client *c, char *p, size_t n)
{
	char *end = memmem(p, n, "\r\n\r\n", 4);
	size_t at, used;

	if (!end) {
		crowd_keep(c, p, n);
		return;
	}
	*end = '\0';
	if (strncmp(p, "HTTP/1.1 101 ", 13) || !strcasestr(p, "\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")) {
		static unsigned shown;

		crowd_count.too_many += !strncmp(p, "HTTP/1.1 429 ", 13);
		if (shown++ < 3)
			fprintf(stderr, "load: refused: %.*s\n", (int)strcspn(p, "\r"), p);
		crowd_lose(c);
		return;
	}
	welcome(c, p);
	if (c->phase != CROWD_OPEN)
		return;
	at = (size_t)(end - p) + 4;
	used = crowd_take(c, p + at, n - at);
	if (c->phase == CROWD_OPEN && at + used < n)
		crowd_keep(c, p + at + used, n - at - used);
}

bool
crowd_open(const struct crowd_options *options, double seconds)
{
	uint64_t end = crowd_now() + (uint64_t)(seconds * 1e6);
	size_t begun = 0, was_open = crowd.open, first = 0;

	o = *options;
	churning = false;
	crowd.asking = 0;
	crowd.offsets = o.offsets || o.resume;
	if (!o.resume) {
		first = crowd.n;
		crowd.v = xreallocarray(crowd.v, crowd.n + o.clients, sizeof *crowd.v);
		memset(crowd.v + crowd.n, 0, o.clients * sizeof *crowd.v);
		for (size_t i = crowd.n; i < crowd.n + o.clients; i++)
			crowd.v[i].set = o.set;
		crowd.n += o.clients;
	}
	crowd_epoll();
	while ((begun < o.clients || crowd.asking) && crowd_now() < end) {
		while (begun < o.clients && crowd.asking < o.at_once)
			start(&crowd.v[first + begun++]);
		crowd_turn(100);
	}
	return crowd.open == was_open + o.clients;
}

static bool
is_due(size_t begun, uint64_t began)
{
	return o.per_second <= 0 || (double)begun * 1e6 <= o.per_second * (double)(crowd_now() - began);
}

/* The places of those who come and go are behind all others. */
size_t
crowd_churn(const struct crowd_options *options, size_t times, bool reset)
{
	size_t begun = 0, first = crowd.n;
	uint64_t began = crowd_now();

	o = *options;
	churning = true;
	with_reset = reset;
	crowd.asking = churned = 0;
	crowd.v = xreallocarray(crowd.v, crowd.n + o.at_once, sizeof *crowd.v);
	memset(crowd.v + first, 0, o.at_once * sizeof *crowd.v);
	crowd.n += o.at_once;
	crowd_epoll();
	while (begun < times || crowd.asking) {
		for (size_t i = first; i < crowd.n && begun < times && crowd.asking < o.at_once && is_due(begun, began); i++)
			if (crowd.v[i].phase == CROWD_GONE) {
				start(&crowd.v[i]);
				begun++;
			}
		crowd_turn(o.per_second > 0 ? 1 : 100);
	}
	crowd.n = first;
	churning = false;
	return churned;
}

/* Without a FIN's long goodbye: there are too many, and the server is done with. */
void
crowd_drop(void)
{
	struct linger now = {1, 0};

	for (size_t i = 0; i < crowd.n; i++) {
		if (crowd.v[i].phase == CROWD_GONE)
			continue;
		setsockopt(crowd.v[i].fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
		crowd_lose(&crowd.v[i]);
	}
}

void
crowd_close(void)
{
	crowd_drop();
	free(crowd.v);
	crowd.v = NULL;
	crowd.n = crowd.open = 0;
}
