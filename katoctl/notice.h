#ifndef KATOCTL_NOTICE_H
#define KATOCTL_NOTICE_H

/* What befalls a stage, as source_status records of "katoctl/NAME" in the stream itself. */

#include "katoctl/super.h"

enum { NOTICE_REPEAT_MS = 30000 };

void notice_trouble(struct stage *, const char *why);	/* it died or was parked */
void notice_back(struct stage *);			/* it runs again */
/* Writes what is due, before the first filter: changes at once, the last word again every NOTICE_REPEAT_MS. */
void notice_step(struct super *, int64_t now_ms);
int64_t notice_due(const struct super *);		/* monotonic; INT64_MAX: nothing */

#endif
