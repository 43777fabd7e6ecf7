#ifndef HEALTHD_TRAFFIC_H
#define HEALTHD_TRAFFIC_H

/* What follows from a record of traffic. Pure; for derive.c only. */

#include "healthd/derive.h"

void traffic_take(struct derive *);
/* "data":null of "SOURCE>TARGET". */
void traffic_gone(struct derive *, const char *id, size_t len);
/* It flows no longer; the edge may be freed. */
void traffic_end(struct derive *, struct edge *);

#endif
