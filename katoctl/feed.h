#ifndef KATOCTL_FEED_H
#define KATOCTL_FEED_H

/*
 * The feed socket: lines of processes that were not started here. Each writer has its own buffer, so theirs never mix.
 *
 * A writer that passes the writing end of a pipe (SCM_RIGHTS) with its first bytes is told there, as decimal lines, how
 * many of its newline-ended lines the whole pipeline has dealt with: 0 at once, which says that we do tell. What was not
 * told when the connection breaks it may send again. A line that a filter has echoed counts as dealt with by it, one that a map was given too.
 */

#include "katoctl/super.h"

enum { FEED_MAX_WRITERS = 64 };

/*
 * Listens on the stage's path; NULL where it cannot, which is said. handed: a socket that listens there already, -1:
 * none; it is taken, and what it is in the file system is left to who made it.
 */
struct feed *feed_new(struct stage *, int handed);
void feed_del(struct feed *);	/* the last acks are told */
void feed_watch(struct super *);
/* Nobody new is let in; those connected are read to what they have sent. */
void feed_stop(struct super *);
/* Stopped, and all read? */
bool feed_over(const struct feed *);

#endif
