#ifndef KATOCTL_NOTES_H
#define KATOCTL_NOTES_H

/* What processes say of themselves beside their lines: that they are ready (KATO_READY_FD), what they have dealt with (KATO_ACK_FD). */

#include "katoctl/super.h"

void notes_watch(struct super *);
/* All acks that are there; also those of a process that has ended. */
void notes_rest(struct stage *);

#endif
