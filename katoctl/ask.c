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

/* -1: *why. */
static int
find_supervisor(struct strbuf *why)
{
	struct strbuf path = {0}, tried = {0};
	int fd = -1;
	bool denied = false, full = false;

	for (int i = 0; fd < 0 && place_possible(i, &path); i++) {
		fd = sock_connect(path.s);
		denied |= fd < 0 && errno == EACCES;
		full |= fd < 0 && errno == EAGAIN;
		strbuf_addf(&tried, "%s%s", i ? ", " : "", path.s);
		strbuf_reset(&path);
	}
	if (fd < 0)
		strbuf_addf(why, "%s (asked at %s)", full ? "katoctl run does not answer" :
		    denied ? "katoctl run belongs to another user; try as that one, or as root" : "no katoctl run is running", tried.s);
	strbuf_free(&path);
	strbuf_free(&tried);
	return fd;
}

static bool
connect_to(struct ask *a, const char *path, struct strbuf *why)
{
	a->fd = path ? sock_connect(path) : find_supervisor(why);
	if (a->fd < 0 && path)
		strbuf_addf(why, "%s (control socket %s: %s)",
		    errno == EAGAIN ? "katoctl run does not answer" : "no katoctl run is running", path, strerror(errno));
	return a->fd >= 0;
}

bool
ask_try(struct ask *a, const char *path, const char *request, int wait_ms, struct strbuf *why)
{
	struct strbuf b = {0};
	char *line;
	size_t len;
	bool good = false;

	*a = (struct ask){.until = -1, .wait_ms = wait_ms};
	if (!connect_to(a, path, why))
		return false;
	linebuf_init(&a->in, LINE_MAX_BYTES + 1);
	strbuf_addf(&b, "%s\n", request);
	if (fd_write_all(a->fd, b.s, b.len) < 0 || !ask_line(a, &line, &len)) {
		strbuf_adds(why, "katoctl run does not answer");
	} else if (len != 2 || memcmp(line, "ok", 2) != 0) {
		line[len] = '\0';
		strbuf_adds(why, strncmp(line, "error: ", 7) ? line : line + 7);
	} else {
		good = true;
	}
	if (!good)
		ask_close(a);
	strbuf_free(&b);
	return good;
}

void
ask_open(struct ask *a, const char *path, const char *request)
{
	struct strbuf why = {0};

	if (!ask_try(a, path, request, ASK_WAIT_MS, &why))
		die(1, "%s", why.s);
	strbuf_free(&why);
}

static bool
readable(const struct ask *a)
{
	struct pollfd p[] = {{.fd = a->fd, .events = POLLIN}, {.fd = a->until, .events = POLLIN}};
	int n;

	while ((n = poll(p, 2, a->wait_ms)) < 0)
		if (errno != EINTR)
			return false;
	return n && !p[1].revents;
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
