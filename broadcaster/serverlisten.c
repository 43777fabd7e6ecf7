#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broadcaster/serverlisten.h"
#include "lib/xalloc.h"

enum {
	BACKLOG = 4096,
	SEND_BUFFER = 256 << 10,	/* the kernel makes it twice that: what a client that stops reading can hold */
};

bool
serverlisten_split(const char *text, char **addr, int *port)
{
	const char *colon = strrchr(text, ':'), *digits = colon ? colon + 1 : text;
	size_t n = colon ? (size_t)(colon - text) : 0;
	long value = 0;

	*addr = NULL;
	if (!*digits || strlen(digits) > 5)
		return false;
	for (const char *p = digits; *p; p++) {
		if (*p < '0' || *p > '9')
			return false;
		value = 10 * value + (*p - '0');
	}
	if (value > 65535)
		return false;
	*port = (int)value;
	if (!colon)
		return true;
	if (n > 2 && text[0] == '[' && text[n - 1] == ']')
		*addr = xmemdup0(text + 1, n - 2);
	else if (n && !memchr(text, ':', n))
		*addr = xmemdup0(text, n);
	return *addr != NULL;
}

/* What accepted sockets inherit is set here, once. */
static int
open_one(const struct addrinfo *ai)
{
	int one = 1, zero = 0, size = SEND_BUFFER;
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	if (ai->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero);
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	one = errno;
	close(fd);
	errno = one;
	return -1;
}

union name {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* False: not of the Internet. */
static bool
name_of(int fd, union name *out)
{
	socklen_t len = sizeof *out;

	*out = (union name){0};
	return getsockname(fd, &out->any, &len) == 0 && (out->any.sa_family == AF_INET || out->any.sa_family == AF_INET6);
}

static int
port_of(int fd)
{
	union name n;

	if (!name_of(fd, &n))
		return 0;
	return n.any.sa_family == AF_INET6 ? ntohs(n.v6.sin6_port) : ntohs(n.v4.sin_port);
}

int
serverlisten_open(const char *addr, int *port)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV}, *list, *ai;
	char text[8];
	int fd = -1, failed;

	snprintf(text, sizeof text, "%d", *port);
	failed = getaddrinfo(addr, text, &hints, &list);
	if (failed) {
		errno = failed == EAI_SYSTEM ? errno : EADDRNOTAVAIL;
		return -1;
	}
	/* of a name with several addresses the IPv4 one: what "localhost" means to most clients */
	for (ai = list; ai->ai_next && ai->ai_family != AF_INET; ai = ai->ai_next)
		;
	fd = open_one(ai->ai_family == AF_INET ? ai : list);
	failed = errno;
	freeaddrinfo(list);
	errno = failed;
	if (fd >= 0)
		*port = port_of(fd);
	return fd;
}

bool
serverlisten_is_loopback(int fd)
{
	union name n;

	if (!name_of(fd, &n))
		return false;
	return n.any.sa_family == AF_INET6 ? IN6_IS_ADDR_LOOPBACK(&n.v6.sin6_addr) : ntohl(n.v4.sin_addr.s_addr) >> 24 == 127;
}

void
serverlisten_url(const char *scheme, const char *addr, int port, struct strbuf *out)
{
	strbuf_addf(out, strchr(addr, ':') ? "%s://[%s]:%d" : "%s://%s:%d", scheme, addr, port);
}
