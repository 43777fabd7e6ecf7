#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "katoctl/out.h"
#include "lib/log.h"
#include "lib/sigs.h"
#include "lib/stamp.h"

void
out_init(struct out *o)
{
	struct stat st;

	o->fd = -1;
	if (fstat(1, &st) == 0 && S_ISFIFO(st.st_mode))
		o->fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (o->fd < 0)
		o->fd = 1;
}

void
out_close(struct out *o)
{
	if (o->fd != 1)
		close(o->fd);
	o->fd = -1;
}

/* OUT_DONE: it can be written to, or there is something to be found out by writing. */
static enum out_result
wait_for_room(int fd, int64_t until_ms)
{
	struct pollfd p[2] = {{.fd = fd, .events = POLLOUT}, {.fd = sigs_fd(), .events = POLLIN}};
	int64_t left = until_ms < 0 ? -1 : until_ms - stamp_mono();

	if (until_ms >= 0 && left <= 0)
		return OUT_LATE;
	if (poll(p, 2, left > 60000 ? 60000 : (int)left) < 0 && errno != EINTR)
		return OUT_FAILED;
	return p[1].revents ? OUT_SIGNAL : OUT_DONE;
}

enum out_result
out_write(struct out *o, const char *p, size_t n, size_t *done, int64_t until_ms)
{
	enum out_result r;
	ssize_t w;

	while (*done < n) {
		w = write(o->fd, p + *done, n - *done);
		if (w >= 0) {
			*done += (size_t)w;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			r = wait_for_room(o->fd, until_ms);
			if (r != OUT_DONE)
				return r;
		} else if (errno != EINTR) {
			return errno == EPIPE ? OUT_LEFT : OUT_FAILED;
		}
	}
	return OUT_DONE;
}

bool
out_all(struct out *o, const char *p, size_t n, int *code)
{
	int64_t until = -1;
	size_t done = 0;

	for (;;) {
		switch (out_write(o, p, n, &done, until)) {
		case OUT_DONE:
			return until < 0;
		case OUT_SIGNAL:
			if (sigs_take() & SIGS_TERM)
				until = stamp_mono() + OUT_FINISH_MS;
			break;
		case OUT_FAILED:
			log_error("standard output: %s", strerror(errno));
			*code = 1;
			return false;
		case OUT_LATE:
		case OUT_LEFT:
			return false;
		}
	}
}
