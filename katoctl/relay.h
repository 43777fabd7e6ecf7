#ifndef KATOCTL_RELAY_H
#define KATOCTL_RELAY_H

/* Lines from stage to stage: from collectors and the feed through each filter in turn to every sink. */

#include "katoctl/super.h"

/* Puts this turn's descriptors of the hops into the loop. */
void relay_watch(struct super *);
/* May more be read that is on its way behind stage from (NULL: collectors and feed)? */
bool relay_room(const struct super *, const struct stage *from);
/* n bytes, so many whole lines, written by from (NULL: by the feed or by us), to who comes next. */
void relay_give(struct super *, const struct stage *from, const char *p, size_t n, uint64_t lines);
/* Takes the whole lines out of a buffer, counts them and gives them on. What the buffer skipped is its owner's affair. */
void relay_lines(struct super *, const struct stage *from, struct linebuf *, struct relay_count *);
/* As far as the stage's input takes it; end of file when nothing more will come. */
void relay_write(struct super *, struct stage *);
/*
 * What an exited process left in its pipe: true when all of it was taken. One it gave to a process outside its
 * group may stay open for ever; with late what can be read now is all.
 */
bool relay_drained(struct super *, struct stage *, bool late);
/* Says "nothing more will come" to the stages for which that has become true. */
void relay_ends(struct super *);
/* A stage that is gone round hands on what it had not dealt with. */
void relay_bypass(struct super *, struct stage *);

#endif
