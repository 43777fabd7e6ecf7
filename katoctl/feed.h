#ifndef KATOCTL_FEED_H
#define KATOCTL_FEED_H

/* The feed socket: lines of processes that were not started here. Each writer has its own buffer, so theirs never mix. */

#include "katoctl/super.h"

enum { FEED_MAX_WRITERS = 64 };

/* Listens on the stage's path; NULL where it cannot, which is said. */
struct feed *feed_new(struct stage *);
void feed_del(struct feed *);
void feed_watch(struct super *);
/* Nobody new is let in; those connected are read to what they have sent. */
void feed_stop(struct super *);
/* Stopped, and all read? */
bool feed_over(const struct feed *);

#endif
