#ifndef KATOCTL_NOTES_H
#define KATOCTL_NOTES_H

/* What processes say of themselves beside their lines: that they are ready (KATO_READY_FD), what they have dealt
 * with (KATO_ACK_FD), and which sockets their successor is to have (KATO_STORE_FD). */

#include "katoctl/super.h"

/*
 * Before the stage's process is started: a sink is told which of the lines it will get comes first, counted since this
 * supervisor began (KATO_ACK_FROM=RUN:LINES, in our own environment until the next call), so that one that keeps what it
 * took can tell a line it is given again, even one without an id.
 */
void notes_offer(const struct stage *);
unsigned notes_pipes(enum plan_kind);	/* what a process of this kind gets: of enum child_want */
void notes_watch(struct super *);
/* All acks that are there; also those of a process that has ended. */
void notes_rest(struct stage *);
/* Likewise all sockets. */
void notes_store_rest(struct super *, struct stage *);

#endif
