/*
 * The least a server can do: what the kernel asks for, and nothing else. Every line of standard input is framed once and
 * sent to each client with one send(); a handshake is accept, one read, SHA-1, one send; a message is read, unmasked and,
 * if it is text, answered. No limits, no queues, no pings: a client that does not read stops all.
 *
 *	floor [--batch] [--silent]
 *	--batch		the frames of all lines read at once in one send()
 *	--silent	messages are read, not answered
 *
 * Prints its port. A line "@K text" goes to those clients whose path ends in "set=K".
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/linebuf.h"
#include "lib/strbuf.h"
#include "lib/xalloc.h"
#include "tests/bench/sha1.h"

enum { FDS = 1 << 20, EVENTS = 512, REQUEST_MAX = 4096, ALL = -1 };

static struct {
	bool batch, silent;
	int epoll, listen;
	int *clients, *place;	/* the descriptors; where each stands among them, -1: it has not shaken hands */
	int *set;
	size_t n;
	struct linebuf lines;
	struct strbuf frames;
} f;

static void
give_up(const char *what)
{
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
watch(int fd)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.fd = fd};

	if (epoll_ctl(f.epoll, EPOLL_CTL_ADD, fd, &ev) < 0)
		give_up("epoll_ctl");
}

static void
leave(int fd)
{
	int at = f.place[fd];

	if (at >= 0) {
		f.clients[at] = f.clients[--f.n];
		f.place[f.clients[at]] = at;
		f.place[fd] = -1;
	}
	close(fd);
}

/* Waits where the socket is full; false: it is broken. */
static bool
send_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t w = send(fd, p, n, MSG_NOSIGNAL);

		if (w < 0 && errno == EAGAIN) {
			struct pollfd wait = {fd, POLLOUT, 0};

			poll(&wait, 1, -1);
			continue;
		}
		if (w < 0)
			return false;
		p += w;
		n -= (size_t)w;
	}
	return true;
}

static void
add_frame(struct strbuf *b, const char *text, size_t len)
{
	strbuf_addc(b, (char)0x81);
	if (len < 126) {
		strbuf_addc(b, (char)len);
	} else if (len < 65536) {
		strbuf_addc(b, 126);
	} else {
		strbuf_addc(b, 127);
		for (int i = 56; i >= 16; i -= 8)
			strbuf_addc(b, (char)((uint64_t)len >> i));
	}
	if (len >= 126) {
		strbuf_addc(b, (char)(len >> 8));
		strbuf_addc(b, (char)len);
	}
	strbuf_add(b, text, len);
}

static void
fan_out(int set)
{
	for (size_t i = f.n; i-- > 0;)
		if ((set == ALL || f.set[f.clients[i]] == set) && !send_all(f.clients[i], f.frames.s, f.frames.len))
			leave(f.clients[i]);
	strbuf_reset(&f.frames);
}

static void
feed(void)
{
	size_t room, len;
	char *p = linebuf_space(&f.lines, &room), *line;
	ssize_t n = read(STDIN_FILENO, p, room);

	if (n <= 0) {
		if (n == 0)
			exit(0);
		return;
	}
	linebuf_filled(&f.lines, (size_t)n);
	while (linebuf_next(&f.lines, &line, &len)) {
		char *end = line;
		int set = *line == '@' ? (int)strtol(line + 1, &end, 10) : ALL;

		end += end != line;
		add_frame(&f.frames, end, len - (size_t)(end - line));
		if (!f.batch || set != ALL)
			fan_out(set);
	}
	if (f.frames.len)
		fan_out(ALL);
}

static void
take_clients(void)
{
	int one = 1, fd;

	while ((fd = accept4(f.listen, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		if (fd >= FDS) {
			close(fd);
			continue;
		}
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		f.place[fd] = -1;
		watch(fd);
	}
}

/* A request is expected to come whole: the load client sends it in one piece. */
static void
shake_hands(int fd)
{
	char in[REQUEST_MAX + 1], out[256], accept[ACCEPT_LEN + 1], *key, *set;
	ssize_t n = recv(fd, in, REQUEST_MAX, 0);
	size_t len;

	if (n <= 0) {
		leave(fd);
		return;
	}
	in[n] = '\0';
	if (!(key = strcasestr(in, "\r\nSec-WebSocket-Key:")) || !strstr(in, "\r\n\r\n")) {
		leave(fd);
		return;
	}
	key += 20;
	key += strspn(key, " ");
	sha1_accept(key, strcspn(key, " \r"), accept);
	set = memmem(in, strcspn(in, "\r"), "set=", 4);
	f.set[fd] = set ? (int)strtol(set + 4, NULL, 10) : ALL;
	len = (size_t)snprintf(out, sizeof out,
	    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);
	f.place[fd] = (int)f.n;
	f.clients[f.n++] = fd;
	if (!send_all(fd, out, len))
		leave(fd);
}

static bool
answer(int fd, unsigned char *p, size_t n)
{
	static const char pong[] = "\x81\x14{\"type\":\"heartbeat\"}";

	for (size_t i = 0; i < n; i++)
		p[4 + i] ^= p[i & 3];
	return f.silent || send_all(fd, pong, sizeof pong - 1);
}

/* Small frames, each whole: all that the load client sends. */
static void
listen_to(int fd)
{
	unsigned char in[REQUEST_MAX];
	ssize_t n = recv(fd, in, sizeof in, 0);

	if (n <= 0) {
		if (n == 0 || errno != EAGAIN)
			leave(fd);
		return;
	}
	for (size_t at = 0, len; at + 6 <= (size_t)n; at += 6 + len) {
		len = in[at + 1] & 0x7f;
		if (len > 125 || at + 6 + len > (size_t)n || (in[at] & 0xf) == 8) {
			leave(fd);
			return;
		}
		if ((in[at] & 0xf) == 1 && !answer(fd, in + at + 2, len)) {
			leave(fd);
			return;
		}
	}
}

static void
open_all(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t len = sizeof a;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	f.clients = xcalloc(FDS, sizeof *f.clients);
	f.place = xcalloc(FDS, sizeof *f.place);
	f.set = xcalloc(FDS, sizeof *f.set);
	linebuf_init(&f.lines, LINE_MAX_BYTES);
	f.epoll = epoll_create1(EPOLL_CLOEXEC);
	f.listen = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (f.listen < 0 || bind(f.listen, (struct sockaddr *)&a, len) < 0 || listen(f.listen, SOMAXCONN) < 0 ||
	    getsockname(f.listen, (struct sockaddr *)&a, &len) < 0)
		give_up("listen");
	watch(f.listen);
	watch(STDIN_FILENO);
	printf("%d\n", ntohs(a.sin_port));
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	struct epoll_event ev[EVENTS];

	for (int i = 1; i < argc; i++) {
		f.batch = f.batch || !strcmp(argv[i], "--batch");
		f.silent = f.silent || !strcmp(argv[i], "--silent");
	}
	signal(SIGPIPE, SIG_IGN);
	open_all();
	for (;;) {
		int n = epoll_wait(f.epoll, ev, EVENTS, -1);

		for (int i = 0; i < n; i++)
			if (ev[i].data.fd == STDIN_FILENO)
				feed();
			else if (ev[i].data.fd == f.listen)
				take_clients();
			else if (f.place[ev[i].data.fd] < 0)
				shake_hands(ev[i].data.fd);
			else
				listen_to(ev[i].data.fd);
	}
}
