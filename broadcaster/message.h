#ifndef BROADCASTER_MESSAGE_H
#define BROADCASTER_MESSAGE_H

/* A message of a dialect in that dialect's framing. Pure. */

#include "broadcaster/dialect.h"
#include "broadcaster/frame.h"
#include "broadcaster/history.h"

/* type: for the counters, as in struct frame. One reference, the caller's. */
struct frame *message_frame(const struct dialect *, const char *type, const char *text, size_t len);
/*
 * An event of that epoch; a stream of events has it marked with "EPOCH:OFFSET". NULL: it is not fit to be one of this dialect.
 */
struct frame *message_event(const struct dialect *, const char *epoch, const struct event *);

#endif
