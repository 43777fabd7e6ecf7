#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/outlet.h"

/* A pipe is opened once more: non-blocking is then ours alone. Sockets and terminals can't be; files never block. */
void
outlet_init(struct outlet *o, int fd)
{
	char path[32];
	struct stat st;
	int own = -1;

	*o = (struct outlet){.fd = fd};
	if (fstat(fd, &st) < 0 || S_ISREG(st.st_mode) || (S_ISCHR(st.st_mode) && !isatty(fd)))
		return;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (S_ISFIFO(st.st_mode))
		own = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (own >= 0)
		o->fd = own;
	else
		o->asks = true;
}

/* Is there room? False: woken, or nothing for wait_ms. */
static bool
room(const struct outlet *o, int wake, int wait_ms)
{
	struct pollfd fds[2] = {{.fd = o->fd, .events = POLLOUT}, {.fd = wake, .events = POLLIN}};
	int n;

	do
		n = poll(fds, 2, wait_ms);
	while (n < 0 && errno == EINTR);
	return n < 0 || fds[0].revents;
}

ssize_t
outlet_write(struct outlet *o, const void *buf, size_t len, int wake, int wait_ms)
{
	const char *p = buf;
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		if (o->asks && !room(o, wake, wait_ms))
			break;
		/* after POLLOUT so much never blocks */
		n = write(o->fd, p + done, o->asks && len - done > PIPE_BUF ? PIPE_BUF : len - done);
		if (n >= 0)
			done += (size_t)n;
		else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			if (!room(o, wake, wait_ms))
				break;
		} else if (errno != EINTR)
			return -1;
	}
	return (ssize_t)done;
}
