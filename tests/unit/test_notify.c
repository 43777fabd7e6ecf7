#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "lib/fdio.h"
#include "lib/notify.h"

static void
ready(void)
{
	char t[8];
	int p[2], fd;

	CHECK(pipe(p) == 0);
	fd = p[1];
	CHECK(notify_take(fd, false) && (fcntl(fd, F_GETFD) & FD_CLOEXEC) && !(fcntl(fd, F_GETFL) & O_NONBLOCK));
	notify_ready(&fd);
	CHECK(fd == -1 && !fd_is_open(p[1]));
	CHECK(read(p[0], t, sizeof t) == 1 && *t == '\n');
	notify_ready(&fd);
	CHECK(read(p[0], t, sizeof t) == 0);
	close(p[0]);
}

/* Counts arrive whole, also those written to a pipe that is full most of the time. */
static void
acks(void)
{
	char t[65536], *line, *rest = t;
	unsigned long long last = 0, n;
	int p[2], lines = 0;
	ssize_t got;

	CHECK(pipe(p) == 0);
	CHECK(notify_take(p[1], true) && (fcntl(p[1], F_GETFL) & O_NONBLOCK));
	notify_ack(p[1], 7);
	CHECK(read(p[0], t, sizeof t) == 2 && !memcmp(t, "7\n", 2));
	notify_ack(p[1], UINT64_MAX);
	CHECK(read(p[0], t, sizeof t) == 21 && !memcmp(t, "18446744073709551615\n", 21));
	for (uint64_t i = 100; i < 200000; i++)
		notify_ack(p[1], i);
	got = read(p[0], t, sizeof t - 1);
	CHECK(got > 60000);
	t[got > 0 ? got : 0] = '\0';
	CHECK(got > 0 && t[got - 1] == '\n');
	while ((line = strsep(&rest, "\n")) && *line) {
		n = strtoull(line, NULL, 10);
		CHECK(n > last);
		last = n;
		lines++;
	}
	CHECK(lines > 1000);
	notify_ack(p[1], 200001);
	CHECK(read(p[0], t, sizeof t) == 7 && !memcmp(t, "200001\n", 7));
	close(p[0]);
	notify_ack(p[1], 200002);	/* nobody reads: no harm */
	close(p[1]);
}

int
main(void)
{
	int none = -1;

	signal(SIGPIPE, SIG_IGN);
	CHECK(notify_take(-1, true));
	notify_ready(&none);
	notify_ack(-1, 1);
	CHECK(!notify_take(987, true));
	ready();
	acks();
	return check_done();
}
