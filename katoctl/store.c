#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "katoctl/store.h"
#include "lib/xalloc.h"

/* Of a socket, or whatever it is; all but the first are of no use. */
static int
descriptor(struct msghdr *m)
{
	int fd = -1, fds[4];

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		memcpy(fds, CMSG_DATA(c), n * sizeof(int));
		for (size_t i = 0; i < n; i++) {
			if (fd < 0)
				fd = fds[i];
			else
				close(fds[i]);
		}
	}
	return fd;
}

/* A colon would tear the list of names. */
static bool
is_name(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] <= ' ' || p[i] >= 0x7f || p[i] == ':')
			return false;
	return n > 0 && n <= STORE_NAME_MAX;
}

static void
parse(char *text, struct store_word *out)
{
	char *line, *at;

	for (line = strtok_r(text, "\n", &at); line; line = strtok_r(NULL, "\n", &at)) {
		if (!strcmp(line, "FDSTORE=1"))
			out->store = true;
		else if (!strcmp(line, "FDSTOREREMOVE=1"))
			out->remove = true;
		else if (!strncmp(line, "FDNAME=", 7) && is_name(line + 7, strlen(line + 7)))
			memcpy(out->name, line + 7, strlen(line + 7) + 1);
	}
}

bool
store_read(int fd, struct store_word *out)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(4 * sizeof(int))];
	} control;
	char text[STORE_WORDS_MAX + 1];
	struct iovec v = {text, STORE_WORDS_MAX};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n <= 0)
		return false;
	text[n] = '\0';
	*out = (struct store_word){.fd = descriptor(&m)};
	parse(text, out);
	return true;
}

bool
store_is_over(int fd)
{
	struct pollfd p = {.fd = fd};

	return poll(&p, 1, 0) > 0 && p.revents & (POLLHUP | POLLERR);
}

static void
drop(struct store *s, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (!strcmp(s->names[i], name)) {
			close(s->fds[i]);
			free(s->names[i]);
			continue;
		}
		s->fds[kept] = s->fds[i];
		s->names[kept++] = s->names[i];
	}
	s->n = kept;
}

void
store_take(struct store *s, struct store_word *w)
{
	if (*w->name && (w->remove || w->store))
		drop(s, w->name);
	if (w->store && *w->name && w->fd >= 0 && s->n < STORE_MAX) {
		s->fds[s->n] = w->fd;
		s->names[s->n++] = xstrdup(w->name);
	} else if (w->fd >= 0) {
		close(w->fd);
	}
	w->fd = -1;
}

void
store_free(struct store *s)
{
	for (size_t i = 0; i < s->n; i++) {
		close(s->fds[i]);
		free(s->names[i]);
	}
	s->n = 0;
}

struct child_sockets
store_sockets(const struct store *s)
{
	return (struct child_sockets){s->fds, s->names, s->n};
}
