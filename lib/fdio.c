#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "lib/fdio.h"

int
fd_write_all(int fd, const void *buf, size_t len)
{
	const char *p = buf;
	ssize_t n;

	while (len) {
		n = write(fd, p, len);
		if (n >= 0) {
			p += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			struct pollfd pfd = {.fd = fd, .events = POLLOUT};

			if (poll(&pfd, 1, -1) < 0 && errno != EINTR)
				return -1;
		} else if (errno != EINTR) {
			return -1;
		}
	}
	return 0;
}

ssize_t
fd_read(int fd, void *buf, size_t len)
{
	ssize_t n;

	do
		n = read(fd, buf, len);
	while (n < 0 && errno == EINTR);
	return n;
}

static int
set_flag(int fd, int get, int set, int flag, bool on)
{
	int flags = fcntl(fd, get);

	if (flags < 0)
		return -1;
	return fcntl(fd, set, on ? flags | flag : flags & ~flag) < 0 ? -1 : 0;
}

int
fd_nonblock(int fd, bool on)
{
	return set_flag(fd, F_GETFL, F_SETFL, O_NONBLOCK, on);
}

int
fd_cloexec(int fd, bool on)
{
	return set_flag(fd, F_GETFD, F_SETFD, FD_CLOEXEC, on);
}

int
fd_pipe(int fds[2])
{
	return pipe2(fds, O_CLOEXEC);
}

bool
fd_is_open(int fd)
{
	return fd >= 0 && fcntl(fd, F_GETFD) >= 0;
}

bool
fd_reader_left(int fd)
{
	struct pollfd out = {.fd = fd};

	return poll(&out, 1, 0) == 1 && out.revents & POLLERR;
}

void
fd_standard(bool writes)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (!fd_is_open(fd) && open("/dev/null", fd == STDIN_FILENO || (fd == STDOUT_FILENO && writes) ? O_RDONLY : O_WRONLY) < 0)
			_exit(1);
}

int
fd_slurp(const char *path, size_t max, struct strbuf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), saved;
	size_t had = out->len;
	ssize_t n;

	if (fd < 0)
		return -1;
	for (;;) {
		strbuf_reserve(out, 65536);
		n = fd_read(fd, out->s + out->len, 65536);
		if (n <= 0)
			break;
		out->len += (size_t)n;
		if (out->len - had > max) {
			errno = EFBIG;
			n = -1;
			break;
		}
	}
	saved = errno;
	close(fd);
	out->s[out->len] = '\0';
	errno = saved;
	return n < 0 ? -1 : 0;
}
