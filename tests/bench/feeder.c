#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/fdio.h"
#include "lib/stamp.h"
#include "lib/strbuf.h"
#include "tests/bench/crowd.h"
#include "tests/bench/feeder.h"

static int out = -1;
static bool http;
static char http_path[128];
static struct strbuf left;	/* not yet written, from at on */
static size_t at;

void
feeder_to_pipe(int fd)
{
	out = fd;
	fd_nonblock(fd, true);
}

static void
drop_answers(void)
{
	char buf[65536];

	while (recv(out, buf, sizeof buf, MSG_DONTWAIT) > 0)
		;
}

void
feeder_to_http(int port, const char *path)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int one = 1;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	out = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (out < 0 || connect(out, (struct sockaddr *)&to, sizeof to) < 0) {
		perror("load: the feed's connection");
		exit(1);
	}
	setsockopt(out, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	http = true;
	snprintf(http_path, sizeof http_path, "%s", path);
	feeder_to_pipe(out);
	crowd_watch(out, drop_answers);
}

static uint32_t
random32(void)
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (uint32_t)(x >> 32);
}

const char *
feeder_object(size_t bytes)
{
	static struct strbuf b;

	strbuf_reset(&b);
	strbuf_addc(&b, '{');
	for (size_t i = 0; b.len + 110 < bytes; i++)
		strbuf_addf(&b, "\"worker-%zu\":{\"cpu_percent\":%u.%02u,\"memory_mb\":%u.%u,\"restarts\":%u,\"state\":\"%s\"},", i,
		    random32() % 100, random32() % 100, random32() % 8000, random32() % 10, random32() % 3,
		    random32() % 8 ? "running" : "restarting");
	strbuf_adds(&b, "\"rest\":\"");
	while (b.len + 2 < bytes)
		strbuf_addc(&b, (char)('a' + random32() % 26));
	strbuf_adds(&b, "\"}");
	return b.s;
}

void
feeder_line(const char *p, size_t n)
{
	if (http)
		strbuf_addf(&left, "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %zu\r\n\r\n", http_path, n);
	strbuf_add(&left, p, n);
	if (!http)
		strbuf_addc(&left, '\n');
	feeder_flush();
}

/* The load: one of a few objects made beforehand, as making one costs more than sending it. */
static const char *
load_of(size_t bytes)
{
	enum { KINDS = 16 };
	static struct strbuf kind[KINDS];
	static size_t of, turn;

	if (bytes != of)
		for (int i = 0; i < KINDS; i++) {
			strbuf_reset(&kind[i]);
			strbuf_adds(&kind[i], feeder_object(bytes));
		}
	of = bytes;
	return kind[turn++ % KINDS].s;
}

void
feeder_event(uint64_t number, size_t bytes)
{
	static struct strbuf b;
	static char stamp[STAMP_LEN + 1];
	static int64_t stamped;
	int64_t now = stamp_now();

	if (now != stamped)
		stamp_format(stamped = now, stamp);
	strbuf_reset(&b);
	strbuf_addf(&b, "{\"type\":\"session_event\",\"timestamp\":\"%s\",\"n\":%llu,\"id\":\"b%llu\",\"data\":", stamp,
	    (unsigned long long)number, (unsigned long long)number);
	/* the number of digits may differ, the length may not */
	strbuf_adds(&b, load_of(bytes > b.len + 1 + 32 ? bytes - b.len - 1 : 32));
	strbuf_addc(&b, '}');
	feeder_line(b.s, b.len);
}

bool
feeder_flush(void)
{
	while (at < left.len) {
		ssize_t n = write(out, left.s + at, left.len - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0) {
			perror("load: the feed");
			strbuf_reset(&left);
			at = 0;
			return true;
		}
		at += (size_t)n;
	}
	if (at == left.len) {
		strbuf_reset(&left);
		at = 0;
	}
	return at == left.len;
}

size_t
feeder_left(void)
{
	return left.len - at;
}
