#ifndef KATOCTL_STAGE_H
#define KATOCTL_STAGE_H

/* One stage's process, from start to restart. */

#include "katoctl/super.h"

void stage_init(struct stage *, const struct plan_stage *, const struct super_options *);
void stage_free(struct stage *);
/* It is ready to serve, by its own word or because a second has passed. */
void stage_ready(struct stage *);
/* It moved a line. */
void stage_proved(struct stage *);
/* So many of the lines it was given are dealt with. */
void stage_dealt(struct stage *, uint64_t lines);
/* For it, giving is dealing. */
void stage_no_acks(struct stage *);
/* Nothing more is given to this process. */
void stage_close_input(struct stage *);
/* It has nothing more to do and no process. */
void stage_over(struct stage *);
/* Takes the steps that time and exits ask for: waits for the process, starts, restarts, parks. */
void stage_step(struct super *, struct stage *, int64_t now_ms);
/* When stage_step is to be called again without an event; INT64_MAX: never. */
int64_t stage_due(const struct super *, const struct stage *);
/* Nobody asked for its end and it is not ready yet. */
bool stage_is_coming(const struct stage *);
/*
 * Ended if it runs, and started at once whatever its state, parked and waiting ones too: no death, and no wait. What
 * is outstanding is given again. False: all is stopping, or its work is over, or it is a feed.
 */
bool stage_restart(struct super *, struct stage *);

#endif
