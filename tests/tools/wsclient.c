/*
 * A plain RFC 6455 client, written from the RFC and without libwebsockets, so that a mistake there is not
 * made at both ends. It connects N times, prints each message on a line, and can be as hostile as asked.
 *
 *	wsclient [options] PORT
 *	--path P		default /ws; %n in it is the client's number, with --sets K modulo K
 *	--clients N		connections, all of them at once (default 1)
 *	--header 'Name: v'	one more header; may be repeated. --origin O is one of them
 *	--send TEXT		after the handshake; may be repeated. @FILE: each line of it
 *	--send-hex HEX		raw bytes, as they are, after the handshake; may be repeated, in order with --send
 *	--raw-hex HEX		instead of a handshake: these bytes, then print what comes, as hex, or with --status as it is
 *	--stdin			send each line of standard input, as it comes, from the first client
 *	--number		print "CLIENT<tab>" in front; --stamp: "MICROSECONDS<tab>" (of the wall clock)
 *	--quiet			print no messages
 *	--count N		end when each client has received N messages (data frames)
 *	--until TEXT		end when each client has received a message that holds TEXT
 *	--seconds S		end after S seconds (default 10) : exit 1 if --count or --until is not reached
 *	--no-read		after the handshake read nothing (for --seconds)
 *	--no-pong		do not answer pings; --no-close: do not answer a close
 *	--rcvbuf N		SO_RCVBUF
 *	--tls			TLS, whatever the certificate
 *	--sip N			read at most N bytes every 5 ms
 *	--hold			print "open N" on standard error when all are open
 *	--status		print what came instead of 101: the status line and the body
 *	--closes		print "close CODE REASON", "eof" or "reset" as each connection ends
 *	--latency		messages hold "t":MICROSECONDS: print count and percentiles of arrival minus that, in ms
 *	--time-name NAME	instead of t
 *	--latency-of TEXT	only of messages that hold it
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
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
#include <time.h>
#include <unistd.h>

#include "lib/strbuf.h"
#include "lib/utf8.h"
#include "lib/xalloc.h"

enum { CONTINUATION, TEXT, BINARY, CLOSE = 8, PING, PONG };

struct client {
	int fd;
	SSL *ssl;		/* NULL: plain */
	size_t number;
	bool open, ended, met;
	struct strbuf in, message;
	int message_op;		/* 0: none begun */
	uint64_t received;
};

struct sending {
	bool raw;
	struct strbuf bytes;
};

static struct {
	int port;
	const char *path, *until, *time_name, *latency_of;
	size_t clients, nheaders, nsend, sets;
	char *header[64];
	struct sending send[4096];
	struct strbuf raw;
	bool has_raw, from_stdin, number, stamp, quiet, no_read, no_pong, no_close, hold, status, closes, latency, tls;
	uint64_t count;
	double seconds;
	int rcvbuf;
	size_t sip;
} opt = {.path = "/ws", .clients = 1, .seconds = 10};

static struct client *clients;
static size_t nopen, nended, nmet;
static bool failed;
static double *delay;
static size_t ndelay, capdelay;

static uint64_t
now_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void
give_up(const char *what)
{
	fprintf(stderr, "wsclient: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void
unhex(const char *s, struct strbuf *out)
{
	unsigned byte;

	for (; s[0] && s[1]; s += 2) {
		if (sscanf(s, "%2x", &byte) != 1) {
			fprintf(stderr, "wsclient: not hex: %s\n", s);
			exit(2);
		}
		strbuf_addc(out, (char)byte);
	}
}

static void
write_all(struct client *c, const char *p, size_t n)
{
	while (n) {
		ssize_t w = c->ssl ? SSL_write(c->ssl, p, (int)n) : send(c->fd, p, n, MSG_NOSIGNAL);
		struct pollfd pfd = {c->fd, POLLOUT, 0};

		if (w > 0) {
			p += w;
			n -= (size_t)w;
		} else if (w < 0 && (c->ssl ? SSL_want_write(c->ssl) : errno == EAGAIN)) {
			if (poll(&pfd, 1, 2000) <= 0)
				return;
		} else if (w < 0 && errno != EINTR) {
			return;	/* what came back says more */
		}
	}
}

/* Masked, final, as a client must. The mask is not random: nobody but our own server sees it. */
static void
send_frame(struct client *c, int op, const char *p, size_t n)
{
	static const unsigned char mask[4] = {0x37, 0xfa, 0x21, 0x3d};
	struct strbuf b = {0};

	strbuf_addc(&b, (char)(0x80 | op));
	if (n < 126) {
		strbuf_addc(&b, (char)(0x80 | n));
	} else if (n < 65536) {
		strbuf_addc(&b, (char)(0x80 | 126));
		strbuf_addc(&b, (char)(n >> 8));
		strbuf_addc(&b, (char)n);
	} else {
		strbuf_addc(&b, (char)(0x80 | 127));
		for (int i = 56; i >= 0; i -= 8)
			strbuf_addc(&b, (char)((uint64_t)n >> i));
	}
	strbuf_add(&b, mask, 4);
	for (size_t i = 0; i < n; i++)
		strbuf_addc(&b, (char)((unsigned char)p[i] ^ mask[i & 3]));
	write_all(c, b.s, b.len);
	strbuf_free(&b);
}

static void
ended(struct client *c, const char *how)
{
	if (c->ended)
		return;
	c->ended = true;
	nended++;
	close(c->fd);
	if (opt.closes) {
		if (opt.number)
			printf("%zu\t", c->number);
		printf("%s\n", how);
	}
	if (!c->met && (opt.count || opt.until))
		failed = true;
}

static void
met(struct client *c)
{
	if (!c->met) {
		c->met = true;
		nmet++;
	}
}

static void
note_latency(const char *text)
{
	const char *t = opt.latency_of && !strstr(text, opt.latency_of) ? NULL : strstr(text, opt.time_name ? opt.time_name : "\"t\":");

	if (!t || !(t = strchr(t, ':')))
		return;
	if (ndelay == capdelay) {
		capdelay = capdelay ? 2 * capdelay : 1024;
		delay = xreallocarray(delay, capdelay, sizeof *delay);
	}
	delay[ndelay++] = ((double)now_us(CLOCK_REALTIME) - strtod(t + 1, NULL)) / 1000;
}

static void
message(struct client *c, int op, const char *p, size_t n)
{
	c->received++;
	if (op == TEXT && !utf8_valid(p, n)) {
		fprintf(stderr, "wsclient: a text that is not UTF-8\n");
		failed = true;
	}
	if (opt.latency)
		note_latency(p);
	if (!opt.quiet) {
		if (opt.number)
			printf("%zu\t", c->number);
		if (opt.stamp)
			printf("%llu\t", (unsigned long long)now_us(CLOCK_REALTIME));
		fwrite(p, 1, n, stdout);
		putchar('\n');
	}
	if ((opt.count && c->received >= opt.count) || (opt.until && memmem(p, n, opt.until, strlen(opt.until))))
		met(c);
}

static void
protocol_error(struct client *c, const char *what)
{
	fprintf(stderr, "wsclient: the server broke the protocol: %s\n", what);
	failed = true;
	ended(c, "protocol error");
}

static void
control(struct client *c, int op, const char *p, size_t n)
{
	if (op == PING && !opt.no_pong) {
		send_frame(c, PONG, p, n);
	} else if (op == CLOSE) {
		char how[160];

		if (n == 1) {
			protocol_error(c, "a close frame of one byte");
			return;
		}
		if (n >= 2)
			snprintf(how, sizeof how, "close %u %.*s", (unsigned)(unsigned char)p[0] << 8 | (unsigned char)p[1], (int)n - 2,
			    p + 2);
		else
			snprintf(how, sizeof how, "close 1005");
		if (opt.no_close) {
			if (opt.closes)
				printf("%s\n", how);
			return;
		}
		send_frame(c, CLOSE, p, n);
		ended(c, how);
	}
}

static void
frame(struct client *c, int op, bool final, const char *p, size_t n)
{
	if (op >= CLOSE) {
		if (!final || n > 125)
			protocol_error(c, "a control frame in pieces, or too long");
		else
			control(c, op, p, n);
		return;
	}
	if ((op == CONTINUATION) != (c->message_op != 0)) {
		protocol_error(c, "a continuation of nothing, or a message inside a message");
		return;
	}
	if (op != CONTINUATION) {
		c->message_op = op;
		strbuf_reset(&c->message);
	}
	strbuf_add(&c->message, p, n);
	if (final) {
		op = c->message_op;
		c->message_op = 0;
		message(c, op, c->message.s ? c->message.s : "", c->message.len);
	}
}

/* One frame off the front of in. False: it is not whole yet. */
static bool
take_frame(struct client *c, size_t *at)
{
	const unsigned char *b = (const unsigned char *)c->in.s + *at;
	size_t have = c->in.len - *at, head = 2;
	uint64_t n;

	if (have < 2)
		return false;
	n = b[1] & 0x7f;
	if (n == 126) {
		head = 4;
		if (have < head)
			return false;
		n = (uint64_t)b[2] << 8 | b[3];
	} else if (n == 127) {
		head = 10;
		if (have < head)
			return false;
		n = 0;
		for (int i = 2; i < 10; i++)
			n = n << 8 | b[i];
	}
	if (b[0] & 0x70 || b[1] & 0x80) {
		protocol_error(c, "reserved bits, or a masked frame");
		return false;
	}
	if (have - head < n)
		return false;
	*at += head + n;
	frame(c, b[0] & 0x0f, b[0] & 0x80, (const char *)b + head, n);
	return !c->ended;
}

static void
send_all(struct client *c)
{
	for (size_t i = 0; i < opt.nsend; i++)
		if (opt.send[i].raw)
			write_all(c, opt.send[i].bytes.s, opt.send[i].bytes.len);
		else
			send_frame(c, TEXT, opt.send[i].bytes.s ? opt.send[i].bytes.s : "", opt.send[i].bytes.len);
}

static void
handshake_answer(struct client *c)
{
	char *end;

	if (!c->in.s || !(end = strstr(c->in.s, "\r\n\r\n")))
		return;
	if (strncmp(c->in.s, "HTTP/1.1 101 ", 13)) {
		if (opt.status)
			printf("%s\n", c->in.s);
		else
			fprintf(stderr, "wsclient: %.*s\n", (int)strcspn(c->in.s, "\r"), c->in.s);
		failed = failed || !opt.status;
		ended(c, "refused");
		return;
	}
	/* the accept value of the key sent, from RFC 6455 1.3 */
	if (!strcasestr(c->in.s, "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")) {
		protocol_error(c, "a wrong Sec-WebSocket-Accept");
		return;
	}
	if (opt.status)
		printf("%.*s\n", (int)(end - c->in.s), c->in.s);
	c->open = true;
	nopen++;
	end += 4;
	c->in.len -= (size_t)(end - c->in.s);
	memmove(c->in.s, end, c->in.len + 1);
	send_all(c);
}

static void
take_bytes(struct client *c)
{
	size_t at = 0;

	if (opt.has_raw) {
		for (size_t i = 0; i < c->in.len; i++)
			printf(opt.status ? "%c" : "%02x", (unsigned char)c->in.s[i]);
		putchar('\n');
		strbuf_reset(&c->in);
		return;
	}
	if (!c->open)
		handshake_answer(c);
	while (c->open && !c->ended && take_frame(c, &at))
		;
	if (at && !c->ended) {
		memmove(c->in.s, c->in.s + at, c->in.len - at + 1);
		c->in.len -= at;
	}
}

static void
readable(struct client *c)
{
	static char buf[1 << 18];
	size_t most = opt.sip ? opt.sip : sizeof buf;
	ssize_t n = c->ssl ? SSL_read(c->ssl, buf, (int)most) : recv(c->fd, buf, most, 0);

	if (c->ssl && n <= 0) {
		if (SSL_get_error(c->ssl, (int)n) == SSL_ERROR_SSL)
			protocol_error(c, "TLS records that cannot be read");
		if (c->ended || SSL_want_read(c->ssl))
			return;
		n = SSL_get_shutdown(c->ssl) ? 0 : n;
	}
	if (n > 0) {
		strbuf_add(&c->in, buf, (size_t)n);
		take_bytes(c);
		if (c->ssl && !c->ended && !opt.sip && SSL_pending(c->ssl))
			readable(c);
	} else if (n == 0) {
		if (!c->open && c->in.len && opt.status)
			printf("%s\n", c->in.s);
		ended(c, "eof");
	} else if (errno != EAGAIN && errno != EINTR) {
		ended(c, "reset");
	}
}

static void
add_path(const struct client *c, struct strbuf *b)
{
	const char *p = opt.path, *n;

	while ((n = strstr(p, "%n"))) {
		strbuf_add(b, p, (size_t)(n - p));
		strbuf_addf(b, "%zu", opt.sets ? c->number % opt.sets : c->number);
		p = n + 2;
	}
	strbuf_adds(b, p);
}

static void
begin_tls(struct client *c)
{
	static SSL_CTX *ctx;

	if (!ctx)
		ctx = SSL_CTX_new(TLS_client_method());
	c->ssl = SSL_new(ctx);
	SSL_set_mode(c->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_set_fd(c->ssl, c->fd);
	if (SSL_connect(c->ssl) != 1)
		give_up("TLS");
}

static void
connect_one(struct client *c, int epoll)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons((uint16_t)opt.port)};
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = c};
	struct strbuf b = {0};
	int one = 1;
	bool host = false;

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		give_up("socket");
	if (opt.rcvbuf)
		setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &opt.rcvbuf, sizeof opt.rcvbuf);
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (connect(c->fd, (struct sockaddr *)&sa, sizeof sa) < 0)
		give_up("connect");
	if (opt.tls)
		begin_tls(c);
	fcntl(c->fd, F_SETFL, O_NONBLOCK);
	epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &ev);
	if (opt.has_raw) {
		write_all(c, opt.raw.s ? opt.raw.s : "", opt.raw.len);
		return;
	}
	for (size_t i = 0; i < opt.nheaders; i++)
		host = host || !strncasecmp(opt.header[i], "host:", 5);
	strbuf_adds(&b, "GET ");
	add_path(c, &b);
	strbuf_adds(&b, " HTTP/1.1\r\n");
	if (!host)
		strbuf_addf(&b, "Host: 127.0.0.1:%d\r\n", opt.port);
	strbuf_adds(&b, "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	    "Sec-WebSocket-Version: 13\r\n");
	for (size_t i = 0; i < opt.nheaders; i++)
		strbuf_addf(&b, "%s\r\n", opt.header[i]);
	strbuf_adds(&b, "\r\n");
	write_all(c, b.s, b.len);
	strbuf_free(&b);
}

static void
stdin_lines(int epoll)
{
	static struct strbuf in;
	char buf[65536], *nl;
	ssize_t n = read(0, buf, sizeof buf);

	if (n <= 0) {
		epoll_ctl(epoll, EPOLL_CTL_DEL, 0, NULL);
		return;
	}
	strbuf_add(&in, buf, (size_t)n);
	while (in.len && (nl = memchr(in.s, '\n', in.len))) {
		size_t len = (size_t)(nl - in.s);

		if (!clients[0].ended)
			send_frame(&clients[0], TEXT, in.s, len);
		in.len -= len + 1;
		memmove(in.s, nl + 1, in.len + 1);
	}
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void
print_latency(void)
{
	if (!ndelay) {
		printf("0 messages\n");
		return;
	}
	qsort(delay, ndelay, sizeof *delay, by_value);
	printf("%zu messages: p50 %.3f p90 %.3f p99 %.3f max %.3f ms\n", ndelay, delay[ndelay / 2], delay[ndelay * 9 / 10],
	    delay[ndelay * 99 / 100], delay[ndelay - 1]);
}

static bool
done(void)
{
	return nended == opt.clients || ((opt.count || opt.until) && nmet + nended >= opt.clients);
}

static void
add_sending(const char *text, bool raw)
{
	struct sending *s = &opt.send[opt.nsend];
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	FILE *f;

	if (opt.nsend == sizeof opt.send / sizeof opt.send[0])
		give_up("too many --send");
	if (!raw && *text == '@') {
		if (!(f = fopen(text + 1, "r")))
			give_up(text + 1);
		while ((n = getline(&line, &cap, f)) > 0 && opt.nsend < sizeof opt.send / sizeof opt.send[0])
			strbuf_add(&opt.send[opt.nsend++].bytes, line, (size_t)n - (line[n - 1] == '\n'));
		free(line);
		fclose(f);
		return;
	}
	s->raw = raw;
	if (raw)
		unhex(text, &s->bytes);
	else
		strbuf_adds(&s->bytes, text);
	opt.nsend++;
}

static void
add_header(const char *format, const char *text)
{
	struct strbuf b = {0};

	strbuf_adds(&b, format);
	strbuf_adds(&b, text);
	opt.header[opt.nheaders++ % 64] = b.s;
}

/* Long: a flat switch. */
static void
read_options(int argc, char **argv)
{
	static const struct option longs[] = {
		{"path", 1, 0, 'p'}, {"clients", 1, 0, 'n'}, {"header", 1, 0, 'H'}, {"origin", 1, 0, 'o'}, {"send", 1, 0, 's'},
		{"send-hex", 1, 0, 'x'}, {"raw-hex", 1, 0, 'r'}, {"stdin", 0, 0, 'i'}, {"number", 0, 0, 'N'}, {"stamp", 0, 0, 't'},
		{"quiet", 0, 0, 'q'}, {"count", 1, 0, 'c'}, {"until", 1, 0, 'u'}, {"seconds", 1, 0, 'S'}, {"no-read", 0, 0, 'R'},
		{"no-pong", 0, 0, 'P'}, {"no-close", 0, 0, 'C'}, {"rcvbuf", 1, 0, 'b'}, {"hold", 0, 0, 'h'}, {"status", 0, 0, 'a'},
		{"tls", 0, 0, 'T'}, {"sip", 1, 0, 'y'}, {"closes", 0, 0, 'e'}, {"latency", 0, 0, 'l'}, {"sets", 1, 0, 'k'},
		{"time-name", 1, 0, 'm'}, {"latency-of", 1, 0, 'f'}, {0, 0, 0, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1)
		switch (c) {
		case 'p': opt.path = optarg; break;
		case 'n': opt.clients = strtoul(optarg, NULL, 10); break;
		case 'H': add_header("", optarg); break;
		case 'o': add_header("Origin: ", optarg); break;
		case 's': add_sending(optarg, false); break;
		case 'x': add_sending(optarg, true); break;
		case 'r': opt.has_raw = true; unhex(optarg, &opt.raw); break;
		case 'i': opt.from_stdin = true; break;
		case 'N': opt.number = true; break;
		case 't': opt.stamp = true; break;
		case 'q': opt.quiet = true; break;
		case 'c': opt.count = strtoull(optarg, NULL, 10); break;
		case 'u': opt.until = optarg; break;
		case 'S': opt.seconds = strtod(optarg, NULL); break;
		case 'R': opt.no_read = true; break;
		case 'P': opt.no_pong = true; break;
		case 'C': opt.no_close = true; break;
		case 'b': opt.rcvbuf = (int)strtol(optarg, NULL, 10); break;
		case 'T': opt.tls = true; break;
		case 'y': opt.sip = strtoul(optarg, NULL, 10); break;
		case 'h': opt.hold = true; break;
		case 'a': opt.status = true; break;
		case 'k': opt.sets = strtoul(optarg, NULL, 10); break;
		case 'e': opt.closes = true; break;
		case 'm': opt.time_name = optarg; break;
		case 'f': opt.latency_of = optarg; break;
		case 'l': opt.latency = opt.quiet = true; break;
		default: exit(2);
		}
	if (optind + 1 != argc || !(opt.port = (int)strtol(argv[optind], NULL, 10))) {
		fprintf(stderr, "usage: wsclient [options] PORT\n");
		exit(2);
	}
}

/* What TLS has in hand, epoll does not know of. */
static void
sip(void)
{
	for (size_t i = 0; i < opt.clients; i++)
		if (clients[i].fd > 0 && !clients[i].ended)
			readable(&clients[i]);
	usleep(5000);
}

static void
turn(int epoll, int wait_ms)
{
	struct epoll_event ev[256];
	int n = epoll_wait(epoll, ev, 256, wait_ms);

	if (opt.sip) {
		sip();
		n = 0;
	}
	for (int i = 0; i < n; i++) {
		struct client *c = ev[i].data.ptr;

		if (!c)
			stdin_lines(epoll);
		else if (!c->ended && !(c->open && opt.no_read))
			readable(c);
		else if (opt.no_read)
			epoll_ctl(epoll, EPOLL_CTL_DEL, c->fd, NULL);
	}
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	struct epoll_event ev = {.events = EPOLLIN};
	struct rlimit limit;
	uint64_t end;
	bool said = false;
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	signal(SIGPIPE, SIG_IGN);
	read_options(argc, argv);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	clients = xcalloc(opt.clients, sizeof *clients);
	end = now_us(CLOCK_MONOTONIC) + (uint64_t)(opt.seconds * 1e6);
	for (size_t i = 0; i < opt.clients; i++) {
		clients[i].number = i;
		connect_one(&clients[i], epoll);
		turn(epoll, 0);
	}
	if (opt.from_stdin && epoll_ctl(epoll, EPOLL_CTL_ADD, 0, &ev) < 0)
		stdin_lines(epoll);
	while (!done() && now_us(CLOCK_MONOTONIC) < end) {
		uint64_t left = (end - now_us(CLOCK_MONOTONIC)) / 1000 + 1;

		if (opt.hold && !said && nopen + nended >= opt.clients) {
			fprintf(stderr, "open %zu\n", nopen);
			said = true;
		}
		turn(epoll, left > 100 ? 100 : (int)left);
	}
	if ((opt.count || opt.until) && nmet < opt.clients)
		failed = true;
	if (opt.latency)
		print_latency();
	return failed;
}
