#ifndef KATOCTL_SOCK_H
#define KATOCTL_SOCK_H

/* Unix sockets by path. */

#include <stdbool.h>
#include <sys/types.h>

#include "lib/strbuf.h"

/*
 * Listens, non-blocking; the socket file has that mode from its first moment. One that nobody listens
 * on any more is replaced. -1: *err says why; if another process listens there, *owner is its pid, else 0.
 */
int sock_listen(const char *path, mode_t mode, pid_t *owner, struct strbuf *err);
/* The next caller, non-blocking; -1: none, or no descriptor is left for it: it is then hung up on. */
int sock_accept(int listening);
/* Connected, blocking; -1 with errno, EAGAIN: the listener takes nobody in. */
int sock_connect(const char *path);
int sock_connect_now(const char *path);	/* the same, without waiting, now and later */

#endif
