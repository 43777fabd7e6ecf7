#ifndef KATOCTL_LOOP_H
#define KATOCTL_LOOP_H

/*
 * poll(2) with a function for each descriptor. The list is made anew for each turn. A function may
 * close any descriptor: those of the same turn that were closed may still be called once, so all read
 * and write without blocking and look at their own state first.
 */

#include <poll.h>
#include <stddef.h>

typedef void loop_ready(void *owner, void *arg);

struct loop {
	struct pollfd *fds;
	struct loop_watch {
		loop_ready *ready;
		void *owner, *arg;
	} *watches;
	size_t n, cap;
};

void loop_free(struct loop *);
/* For this turn: ready(owner, arg) when fd has one of the events, an error or a hang-up. fd -1 is left out. */
void loop_add(struct loop *, int fd, short events, loop_ready *ready, void *owner, void *arg);
/* Waits for at most timeout_ms (-1: for ever), calls what is ready, and empties the list. */
void loop_turn(struct loop *, int timeout_ms);

#endif
