#ifndef KATOCTL_NOTICE_H
#define KATOCTL_NOTICE_H

/* What befalls a stage, as source_status records of "katoctl/NAME" in the stream itself. */

#include "katoctl/super.h"

enum { NOTICE_REPEAT_MS = 30000 };

/* It died or was parked. soon: it is started again at once, and ran well before; people are not to be alarmed. */
void notice_trouble(struct stage *, const char *why, bool soon);
void notice_back(struct stage *);			/* it runs again */
/* Writes what is due, before the first filter: changes at once, the last word again every NOTICE_REPEAT_MS. */
void notice_step(struct super *, int64_t now_ms);
int64_t notice_due(const struct super *);		/* monotonic; INT64_MAX: nothing */

#endif
