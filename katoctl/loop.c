#include <stdlib.h>

#include "katoctl/loop.h"
#include "lib/xalloc.h"

void
loop_free(struct loop *l)
{
	free(l->fds);
	free(l->watches);
	*l = (struct loop){0};
}

void
loop_add(struct loop *l, int fd, short events, loop_ready *ready, void *owner, void *arg)
{
	if (fd < 0)
		return;
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 32;
		l->fds = xreallocarray(l->fds, l->cap, sizeof *l->fds);
		l->watches = xreallocarray(l->watches, l->cap, sizeof *l->watches);
	}
	l->fds[l->n] = (struct pollfd){.fd = fd, .events = events};
	l->watches[l->n++] = (struct loop_watch){ready, owner, arg};
}

void
loop_turn(struct loop *l, int timeout_ms)
{
	int left = poll(l->fds, (nfds_t)l->n, timeout_ms);
	size_t n = l->n;

	for (size_t i = 0; i < n && left > 0; i++) {
		if (!l->fds[i].revents)
			continue;
		left--;
		l->watches[i].ready(l->watches[i].owner, l->watches[i].arg);
	}
	l->n = 0;
}
