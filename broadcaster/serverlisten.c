#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
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
static void
set_inherited(int fd)
{
	int one = 1, size = SEND_BUFFER;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

static int
open_one(const struct addrinfo *ai)
{
	int one = 1, zero = 0;
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	set_inherited(fd);
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
	struct sockaddr_un local;
};

/* False: not of the Internet. */
static bool
name_of(int fd, union name *out)
{
	socklen_t len = sizeof *out;

	*out = (union name){0};
	return getsockname(fd, &out->any, &len) == 0 && (out->any.sa_family == AF_INET || out->any.sa_family == AF_INET6);
}

int
serverlisten_port(int fd)
{
	union name n;

	if (!name_of(fd, &n))
		return 0;
	return n.any.sa_family == AF_INET6 ? ntohs(n.v6.sin6_port) : ntohs(n.v4.sin_port);
}

/* Of a name with several addresses the IPv4 one: what "localhost" means to most clients. NULL: errno says why; else free *list. */
static const struct addrinfo *
resolve(const char *addr, int port, struct addrinfo **list)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV}, *ai;
	char text[8];
	int failed;

	snprintf(text, sizeof text, "%d", port);
	failed = getaddrinfo(addr, text, &hints, list);
	if (failed) {
		errno = failed == EAI_SYSTEM ? errno : EADDRNOTAVAIL;
		return NULL;
	}
	for (ai = *list; ai->ai_next && ai->ai_family != AF_INET; ai = ai->ai_next)
		;
	return ai->ai_family == AF_INET ? ai : *list;
}

bool
serverlisten_is_at(int fd, const char *addr, int port)
{
	struct addrinfo *list;
	const struct addrinfo *ai = resolve(addr, port, &list);
	union name n;
	bool same;

	if (!ai)
		return false;
	same = name_of(fd, &n) && n.any.sa_family == ai->ai_family && (!port || serverlisten_port(fd) == port) &&
	    (ai->ai_family == AF_INET6 ?
	    !memcmp(&n.v6.sin6_addr, &((const struct sockaddr_in6 *)ai->ai_addr)->sin6_addr, sizeof n.v6.sin6_addr) :
	    !memcmp(&n.v4.sin_addr, &((const struct sockaddr_in *)ai->ai_addr)->sin_addr, sizeof n.v4.sin_addr));
	freeaddrinfo(list);
	return same;
}

const char *
serverlisten_adopt(int fd)
{
	int type = 0, listens = 0, family = 0;
	socklen_t len = sizeof type;

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0)
		return errno == EBADF ? "is not open" : "is no socket";
	if (type != SOCK_STREAM)
		return "is no stream socket";
	len = sizeof family;
	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &len) < 0 ||
	    (family != AF_INET && family != AF_INET6 && family != AF_UNIX))
		return "is neither of the Internet nor a Unix socket";
	len = sizeof listens;
	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) < 0 || !listens)
		return "does not listen";
	set_inherited(fd);
	return NULL;
}

int
serverlisten_open(const char *addr, int *port)
{
	struct addrinfo *list;
	const struct addrinfo *ai = resolve(addr, *port, &list);
	int fd, failed;

	if (!ai)
		return -1;
	fd = open_one(ai);
	failed = errno;
	freeaddrinfo(list);
	errno = failed;
	if (fd >= 0)
		*port = serverlisten_port(fd);
	return fd;
}

bool
serverlisten_is_loopback(int fd)
{
	union name n;

	if (!name_of(fd, &n))
		return n.any.sa_family == AF_UNIX;
	return n.any.sa_family == AF_INET6 ? IN6_IS_ADDR_LOOPBACK(&n.v6.sin6_addr) : ntohl(n.v4.sin_addr.s_addr) >> 24 == 127;
}

void
serverlisten_url(const char *scheme, const char *addr, int fd, struct strbuf *out)
{
	char text[INET6_ADDRSTRLEN];
	union name n;

	if (!name_of(fd, &n)) {
		strbuf_addf(out, "unix:%.*s", (int)sizeof n.local.sun_path, n.local.sun_path);
		return;
	}
	if (!addr && n.any.sa_family == AF_INET6)
		addr = inet_ntop(AF_INET6, &n.v6.sin6_addr, text, sizeof text);
	else if (!addr)
		addr = inet_ntop(AF_INET, &n.v4.sin_addr, text, sizeof text);
	strbuf_addf(out, strchr(addr, ':') ? "%s://[%s]:%d" : "%s://%s:%d", scheme, addr, serverlisten_port(fd));
}
