#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/sdnotify.h"

/* A path, or "@name" in the abstract name space, whose first byte is 0. */
static socklen_t
address(const char *name, struct sockaddr_un *a)
{
	size_t n = strlen(name);

	*a = (struct sockaddr_un){.sun_family = AF_UNIX};
	if ((*name != '/' && *name != '@') || n < 2 || n >= sizeof a->sun_path)
		return 0;
	memcpy(a->sun_path, name, n);
	if (*name == '@')
		a->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + (*name == '/'));
}

/* WATCHDOG_PID, where it is given, names the one process that is meant. */
static int64_t
watchdog(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");

	if (!usec || (pid && strtoll(pid, NULL, 10) != getpid()))
		return 0;
	return strtoll(usec, NULL, 10) / 1000;
}

void
sdnotify_open(struct sdnotify *n)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un a;
	socklen_t len = name ? address(name, &a) : 0;

	*n = (struct sdnotify){.fd = len ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) : -1};
	if (n->fd >= 0 && connect(n->fd, (struct sockaddr *)&a, len) < 0)
		sdnotify_close(n);
	if (n->fd >= 0)
		n->watchdog_ms = watchdog();
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

void
sdnotify_close(struct sdnotify *n)
{
	if (n->fd >= 0)
		close(n->fd);
	n->fd = -1;
}

void
sdnotify_say(const struct sdnotify *n, const char *lines)
{
	if (n->fd >= 0)
		send(n->fd, lines, strlen(lines), MSG_NOSIGNAL);
}

void
sdnotify_store(const struct sdnotify *n, const char *name, int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	char text[300];
	struct iovec v = {text, 0};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.room};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	if (n->fd < 0)
		return;
	v.iov_len = (size_t)snprintf(text, sizeof text, "FDSTORE=1\nFDNAME=%.255s", name);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	sendmsg(n->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void
sdnotify_unstore(const struct sdnotify *n, const char *name)
{
	char text[300];

	snprintf(text, sizeof text, "FDSTOREREMOVE=1\nFDNAME=%.255s", name);
	sdnotify_say(n, text);
}
