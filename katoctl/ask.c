#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "katoctl/ask.h"
#include "katoctl/place.h"
#include "katoctl/sock.h"
#include "lib/fdio.h"
#include "lib/log.h"
#include "lib/strbuf.h"

static int
find_supervisor(void)
{
	struct strbuf path = {0}, tried = {0};
	int fd = -1, denied = 0;

	for (int i = 0; fd < 0 && place_possible(i, &path); i++) {
		fd = sock_connect(path.s);
		if (fd < 0 && errno == EACCES)
			denied = 1;
		strbuf_addf(&tried, "%s%s", i ? ", " : "", path.s);
		strbuf_reset(&path);
	}
	if (fd < 0)
		die(1, "%s (asked at %s)", denied ? "katoctl run belongs to another user; try as that one, or as root" :
		    "no katoctl run is running", tried.s);
	strbuf_free(&path);
	strbuf_free(&tried);
	return fd;
}

void
ask_open(struct ask *a, const char *path, const char *request)
{
	struct strbuf b = {0};
	char *line;
	size_t len;

	a->fd = path ? sock_connect(path) : find_supervisor();
	if (a->fd < 0)
		die(1, "control socket %s: %s", path, strerror(errno));
	a->until = -1;
	linebuf_init(&a->in, LINE_MAX_BYTES + 1);
	strbuf_addf(&b, "%s\n", request);
	if (fd_write_all(a->fd, b.s, b.len) < 0 || !ask_line(a, &line, &len))
		die(1, "katoctl run does not answer");
	if (len != 2 || memcmp(line, "ok", 2) != 0) {
		line[len] = '\0';
		die(1, "%s", strncmp(line, "error: ", 7) ? line : line + 7);
	}
	strbuf_free(&b);
}

static bool
readable(const struct ask *a)
{
	struct pollfd p[] = {{.fd = a->fd, .events = POLLIN}, {.fd = a->until, .events = POLLIN}};

	while (poll(p, 2, -1) < 0)
		if (errno != EINTR)
			return false;
	return !p[1].revents;
}

bool
ask_line(struct ask *a, char **line, size_t *len)
{
	while (!linebuf_next(&a->in, line, len)) {
		size_t room;
		char *p = linebuf_space(&a->in, &room);
		ssize_t n = readable(a) ? fd_read(a->fd, p, room) : 0;

		if (n <= 0)
			return false;
		linebuf_filled(&a->in, (size_t)n);
	}
	return true;
}

void
ask_close(struct ask *a)
{
	close(a->fd);
	linebuf_free(&a->in);
}
