#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "lib/filterloop.h"
#include "lib/log.h"
#include "lib/sigs.h"

enum { PATIENCE_MS = 1000 };	/* after TERM, with a reader that takes nothing */

void
filterloop_init(struct filterloop *l)
{
	*l = (struct filterloop){0};
	sigs_init(SIGS_TERM | SIGS_HUP);
	outlet_init(&l->out, STDOUT_FILENO);
}

bool
filterloop_put(struct filterloop *l, const char *p, size_t len)
{
	bool ending = false;
	size_t done = 0;
	ssize_t n;

	while (done < len && !ending) {
		ending = l->sigs & SIGS_TERM;
		n = outlet_write(&l->out, p + done, len - done, ending ? -1 : sigs_fd(), ending ? PATIENCE_MS : -1);
		if (n < 0 && errno != EPIPE)
			die(1, "standard output: %s", strerror(errno));
		if (n < 0)
			return false;
		done += (size_t)n;
		if (done < len && !ending)
			l->sigs |= sigs_take();
	}
	if (done < len)
		log_warn("told to end, and the reader takes nothing: %zu bytes are not written", len - done);
	return done == len;
}

void
filterloop_serve(struct filterloop *l, bool (*turn)(void *), void (*reload)(void *), void *arg)
{
	struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = sigs_fd(), .events = POLLIN}};
	unsigned sigs;

	for (;;) {
		if (poll(fds, 2, l->sigs ? 0 : -1) < 0) {
			if (errno == EINTR)
				continue;
			die(1, "poll: %s", strerror(errno));
		}
		sigs = l->sigs | (fds[1].revents ? sigs_take() : 0);
		l->sigs = 0;
		if (sigs & SIGS_TERM)
			return;
		if (sigs & SIGS_HUP)
			reload(arg);
		if (fds[0].revents && !turn(arg))
			return;
	}
}
