#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/xalloc.h"
#include "tests/bench/crowdin.h"

enum { IN_BYTES = 1 << 18, EVENTS = 512, HEAD = 256, TAIL = 64, MESSAGE_MAX = 1 << 21 };
enum { TEXT = 1, CLOSE = 8, PING = 9, PONG = 10 };

struct crowd crowd;
struct crowd_count crowd_count;
static void (*watched[64])(void);

uint64_t
crowd_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

int
crowd_epoll(void)
{
	if (!crowd.in) {
		crowd.epoll = epoll_create1(EPOLL_CLOEXEC);
		crowd.in = xmalloc(IN_BYTES + MESSAGE_MAX);
	}
	return crowd.epoll;
}

/* Told from clients by the number, which is that of no client. */
void
crowd_watch(int fd, void (*ready)(void))
{
	static size_t n;
	struct epoll_event ev = {.events = EPOLLIN, .data.u64 = UINT64_MAX - n};

	watched[n++] = ready;
	epoll_ctl(crowd_epoll(), EPOLL_CTL_ADD, fd, &ev);
}

void
crowd_lose(struct crowd_client *c)
{
	if (c->phase == CROWD_GONE)
		return;
	if (c->phase == CROWD_OPEN) {
		crowd.open--;
		crowd_count.ended++;
	} else {
		crowd.asking--;
		crowd_count.refused++;
	}
	c->phase = CROWD_GONE;
	close(c->fd);
	free(c->rest);
	c->rest = NULL;
	c->rest_len = 0;
	if (c->inflate) {
		inflateEnd(c->inflate);
		free(c->inflate);
		c->inflate = NULL;
	}
}

static bool
send_frame(struct crowd_client *c, int op, const char *p, size_t n)
{
	static const unsigned char mask[4] = {0x5a, 0x17, 0xc3, 0x3e};
	unsigned char out[8 + 125] = {(unsigned char)(0x80 | op), (unsigned char)(0x80 | n)};

	if (n > 125)
		return false;
	memcpy(out + 2, mask, 4);
	for (size_t i = 0; i < n; i++)
		out[6 + i] = (unsigned char)p[i] ^ mask[i & 3];
	return send(c->fd, out, 6 + n, MSG_NOSIGNAL) == (ssize_t)(6 + n);
}

bool
crowd_say(size_t client, const char *text, size_t len)
{
	return crowd.v[client].phase == CROWD_OPEN && send_frame(&crowd.v[client], TEXT, text, len);
}

/* The value of a member of a flat piece of JSON, as a number; false: it is not there. */
static bool
member(const char *p, size_t n, const char *name, uint64_t *value)
{
	size_t len = strlen(name);
	const char *at = memmem(p, n, name, len);

	if (!at)
		return false;
	*value = 0;
	for (at += len; at < p + n && *at >= '0' && *at <= '9'; at++)
		*value = *value * 10 + (uint64_t)(*at - '0');
	return true;
}

static void
came(struct crowd_client *c, uint64_t number)
{
	if (number < c->next) {
		crowd_count.doubled++;
		return;
	}
	crowd_count.missing += number - c->next;
	c->next = number + 1;
	if (crowd.ledger)
		ledger_got(crowd.ledger, number, crowd.now);
}

static void
greeted(const char *p, size_t n)
{
	const char *at = memmem(p, n, "\"epoch\":\"", 9);
	size_t len = 0;

	if (at)
		for (at += 9; at + len < p + n && at[len] != '"' && len + 1 < sizeof crowd.epoch;)
			len++;
	if (len) {
		memcpy(crowd.epoch, at, len);
		crowd.epoch[len] = '\0';
	}
	crowd_count.recovered += memmem(p, n, "\"recovered\":true", 16) != NULL;
	crowd_count.not_recovered += memmem(p, n, "\"recovered\":false", 17) != NULL;
}

/* The text of a message, or as much of it as tells what it is. */
static void
message(struct crowd_client *c, const char *p, size_t n)
{
	size_t head = n < HEAD ? n : HEAD, tail = n < TAIL ? n : TAIL;
	uint64_t number;

	if (member(p, head, "\"n\":", &number)) {
		came(c, number);
		if (crowd.offsets)
			member(p + n - tail, tail, "\"offset\":", &c->offset);
		return;
	}
	crowd_count.answers++;
	if (crowd.offsets && !memcmp(p, "{\"type\":\"", n < 9 ? n : 9)) {
		greeted(p, n);
		if (!c->offset)
			member(p, n, "\"offset\":", &c->offset);
	}
}

/* Of who does not inflate: it is the next one. */
static void
compressed(struct crowd_client *c, char *p, size_t n)
{
	static char text[MESSAGE_MAX];
	static const char end[4] = {0, 0, (char)0xff, (char)0xff};
	z_stream *z = c->inflate;
	int e;

	crowd_count.compressed++;
	if (!z) {
		if (crowd.ledger)
			came(c, c->next);
		return;
	}
	z->next_out = (unsigned char *)text;
	z->avail_out = sizeof text;
	z->next_in = (unsigned char *)p;
	z->avail_in = (unsigned)n;
	e = inflate(z, Z_NO_FLUSH);
	z->next_in = (unsigned char *)(uintptr_t)end;
	z->avail_in = sizeof end;
	if ((e != Z_OK && e != Z_BUF_ERROR) || ((e = inflate(z, Z_SYNC_FLUSH)) != Z_OK && e != Z_BUF_ERROR) || z->avail_in) {
		crowd_count.wrong++;
		return;
	}
	crowd_count.inflated++;
	message(c, text, sizeof text - z->avail_out);
}

/* False: the client is gone. */
static bool
control(struct crowd_client *c, int op, const char *p, size_t n)
{
	if (op == PING) {
		crowd_count.pings++;
		send_frame(c, PONG, p, n);
	} else if (op == CLOSE) {
		if (crowd_count.closes < CROWD_CLOSES_MAX)
			crowd_count.close[crowd_count.closes++] = n >= 2 ? (unsigned char)p[0] << 8 | (unsigned char)p[1] : 1005;
		send_frame(c, CLOSE, p, n < 2 ? 0 : 2);
		crowd_lose(c);
		return false;
	}
	return true;
}

static bool
frame(struct crowd_client *c, unsigned first, char *p, size_t n)
{
	int op = first & 0xf;

	if (op >= CLOSE)
		return control(c, op, p, n);
	crowd_count.bytes += n + (n < 126 ? 2 : n < 65536 ? 4 : 10);
	if (c->set < CROWD_SETS_MAX) {
		crowd_count.set_messages[c->set]++;
		crowd_count.set_bytes[c->set] += n + (n < 126 ? 2 : n < 65536 ? 4 : 10);
	}
	if (op == 0 || !(first & 0x80)) {	/* in pieces: counted whole, not looked into */
		c->in_pieces = !(first & 0x80);
		if (op == 0 && !c->in_pieces) {
			crowd_count.messages++;
			came(c, c->next);
		}
		return true;
	}
	crowd_count.messages++;
	if (first & 0x40)
		compressed(c, p, n);
	else if (first & 0x30)
		crowd_count.wrong++;
	else
		message(c, p, n);
	return true;
}

size_t
crowd_take(struct crowd_client *c, char *p, size_t n)
{
	size_t at = 0;

	while (n - at >= 2) {
		const unsigned char *b = (unsigned char *)p + at;
		size_t head = 2, len = b[1] & 0x7f;

		if (b[1] & 0x80)
			crowd_count.wrong++;
		if (len >= 126) {
			size_t more = len == 126 ? 2 : 8;

			head += more;
			if (n - at < head)
				break;
			len = 0;
			for (size_t i = 0; i < more; i++)
				len = len << 8 | b[2 + i];
		}
		if (n - at - head < len)
			break;
		if (!frame(c, b[0], p + at + head, len))
			return n;
		at += head + len;
	}
	return at;
}

void
crowd_keep(struct crowd_client *c, const char *p, size_t n)
{
	if (n > MESSAGE_MAX) {
		crowd_count.wrong++;
		crowd_lose(c);
		return;
	}
	c->rest_len = (uint32_t)n;
	c->rest = n ? xmalloc(n) : NULL;
	if (n)
		memcpy(c->rest, p, n);
}

static void
readable(struct crowd_client *c)
{
	size_t had = c->rest_len, used;
	ssize_t n;

	if (had) {
		memcpy(crowd.in, c->rest, had);
		free(c->rest);
		c->rest = NULL;
		c->rest_len = 0;
	}
	n = recv(c->fd, crowd.in + had, IN_BYTES, 0);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		crowd_lose(c);
		return;
	}
	had += n > 0 ? (size_t)n : 0;
	crowd.said += n > 0 ? (uint64_t)n : 0;
	if (c->phase != CROWD_OPEN) {
		crowd_answered(c, crowd.in, had);
		return;
	}
	used = crowd_take(c, crowd.in, had);
	if (c->phase == CROWD_OPEN && used < had)
		crowd_keep(c, crowd.in + used, had - used);
}

void
crowd_turn(int wait_ms)
{
	struct epoll_event ev[EVENTS];
	int n = epoll_wait(crowd_epoll(), ev, EVENTS, wait_ms);

	for (int i = 0; i < n; i++) {
		struct crowd_client *c;

		if (ev[i].data.u64 > UINT64_MAX - 64) {
			watched[UINT64_MAX - ev[i].data.u64]();
			continue;
		}
		if (ev[i].data.u64 >= crowd.n)
			continue;
		c = &crowd.v[ev[i].data.u64];
		crowd.now = crowd_now();
		if (c->phase == CROWD_CONNECTING)
			crowd_ask(c);
		else if (c->phase != CROWD_GONE && !c->deaf)
			readable(c);
	}
}

bool
crowd_quiet(int quiet_ms)
{
	uint64_t began = crowd_now(), since = began, said = crowd.said;

	while (crowd_now() - since < (uint64_t)quiet_ms * 1000) {
		crowd_turn(quiet_ms < 20 ? quiet_ms : 20);
		if (crowd.said != said) {
			said = crowd.said;
			since = crowd_now();
		}
		if (since - began > 30000000)
			return false;
	}
	return true;
}

void
crowd_expect(uint64_t number, struct ledger *l)
{
	crowd.ledger = l;
	for (size_t i = 0; number && i < crowd.n; i++)
		crowd.v[i].next = number;
}

static bool
reads(const struct crowd_client *c)
{
	return c->phase == CROWD_OPEN && !c->deaf;
}

void
crowd_settle(uint64_t number)
{
	for (size_t i = 0; i < crowd.n; i++) {
		struct crowd_client *c = &crowd.v[i];

		if (!c->deaf && c->next <= number) {
			crowd_count.missing += number + 1 - c->next;
			c->next = number + 1;
		}
	}
}

size_t
crowd_readers(void)
{
	size_t n = 0;

	for (size_t i = 0; i < crowd.n; i++)
		n += reads(&crowd.v[i]);
	return n;
}

size_t
crowd_clients(void)
{
	return crowd.open;
}

void
crowd_stop_reading(size_t clients)
{
	for (size_t i = 0; i < crowd.n && i < clients; i++)
		if (crowd.v[i].phase == CROWD_OPEN && !crowd.v[i].deaf) {
			crowd.v[i].deaf = true;
			epoll_ctl(crowd.epoll, EPOLL_CTL_DEL, crowd.v[i].fd, NULL);
		}
}
