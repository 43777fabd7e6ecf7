#ifndef KATOCTL_REFEED_H
#define KATOCTL_REFEED_H

/*
 * Which of its lines a stage has dealt with, and what its successor is given. A filter shows it by echoes (echo.h), a
 * sink by acks (notes.h); for a map, a sink without acks and a filter that was found out, giving is dealing.
 */

#include "katoctl/super.h"

/* Its lines are outstanding until it has echoed them. */
bool refeed_echoes(const struct stage *);
/* "filter", "map" …: what it is taken for; a filter that was found out is a map. */
const char *refeed_word(const struct stage *);
/* What it may be given now: all that is unsent, or after deaths one line at a time. As hop_unsent. */
bool refeed_unsent(const struct stage *, const char **p, size_t *n);
/* Whole lines a filter wrote: hands on what is new of them. */
void refeed_output(struct super *, struct stage *, const char *p, size_t n);
/* Nobody reads its input pipe any more, which is not closed yet: counts what is lost in it, where giving was dealing. */
void refeed_lost(struct stage *);
/* Its process has died, its input pipe not closed yet: was it a line? Then that goes round it. */
void refeed_died(struct super *, struct stage *);
/* Its input was over and it ended by itself: what it has not dealt with by now, it did not want. */
void refeed_ended(struct stage *);
/* Once a second while something waits for it: does it move, and does it keep its promise? */
void refeed_look(struct super *, struct stage *, int64_t now_ms);
int64_t refeed_due(const struct stage *);	/* when refeed_look is to be called; INT64_MAX: not before something happens */

#endif
