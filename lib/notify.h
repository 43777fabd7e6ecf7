#ifndef KATO_NOTIFY_H
#define KATO_NOTIFY_H

/*
 * How a stage tells the one who started it how far it is (--ready-fd, --ack-fd; KATO_READY_FD and
 * KATO_ACK_FD in the environment). fd -1 stands for "nobody asked": every call is then a no-op.
 */

#include <stdbool.h>
#include <stdint.h>

/* Makes the descriptor ours: close-on-exec, and with ack also non-blocking. False: it is not open. */
bool notify_take(int fd, bool ack);
/* One newline, then the descriptor is closed and *fd is -1. */
void notify_ready(int *fd);
/* How many lines were taken so far, as a decimal line. Never blocks: a report that finds the pipe full is made good by the next. */
void notify_ack(int fd, uint64_t lines);

#endif
