#ifndef KATO_SDNOTIFY_H
#define KATO_SDNOTIFY_H

/*
 * What a service tells systemd (sd_notify(3)), without its library: one datagram to the socket that NOTIFY_SOCKET
 * names. Nothing here waits or fails: where nobody listens, nothing is said.
 */

#include <stdint.h>

struct sdnotify {
	int fd;			/* connected; -1: nobody asked */
	int64_t watchdog_ms;	/* how long systemd waits for "WATCHDOG=1" before it acts; 0: it does not */
};

/* Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment: children must not speak for us. */
void sdnotify_open(struct sdnotify *);
void sdnotify_close(struct sdnotify *);
/* NAME=value lines, as "READY=1\nSTATUS=all is well". */
void sdnotify_say(const struct sdnotify *, const char *lines);
/* Whoever listens keeps a copy of the descriptor, and gives it to our successor by that name (LISTEN_FDS; FDSTORE=1). */
void sdnotify_store(const struct sdnotify *, const char *name, int fd);
void sdnotify_unstore(const struct sdnotify *, const char *name);

#endif
