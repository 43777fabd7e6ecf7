#ifndef KATOCTL_ERROUT_H
#define KATOCTL_ERROUT_H

/*
 * What the stages say on standard error, passed on to ours: whole lines, each with its stage's name in
 * front unless it begins with that already; journald's "<4>" stays first. Nobody waits for a standard
 * error that is not read: what does not fit ERROUT_MAX_BYTES is left out and counted.
 */

#include "katoctl/super.h"

enum { ERROUT_MAX_BYTES = 256 << 10 };

struct errout *errout_new(void);
/* Writes what is held, for at most a second. */
void errout_del(struct errout *);
void errout_init_stage(struct stage *);
void errout_watch(struct super *);
/* The last words of a process that has ended. */
void errout_rest(struct super *, struct stage *);

#endif
