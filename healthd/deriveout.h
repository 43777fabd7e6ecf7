#ifndef HEALTHD_DERIVEOUT_H
#define HEALTHD_DERIVEOUT_H

/* The records that healthd adds, as the page of live diagnostics reads them. Pure; for derive.c only. */

#include "healthd/derive.h"

void deriveout_service(struct derive *, const struct service *);
void deriveout_health_change(struct derive *, const struct service *, enum status was);
/* The state, and when it began the event, too. */
void deriveout_anomaly(struct derive *, const struct service *, const struct metric *, const struct verdict *, bool began);
void deriveout_anomaly_over(struct derive *, const struct service *, const struct metric *);
void deriveout_failing(struct derive *, const struct edge *, bool failing);
void deriveout_overall(struct derive *);
void deriveout_traffic(struct derive *, const struct edge *, const struct traffic_verdict *);
void deriveout_traffic_anomaly(struct derive *, const struct edge *, const struct traffic_verdict *);
void deriveout_traffic_gone(struct derive *, const struct edge *);
void deriveout_gone(struct derive *, const char *type, const char *id);

#endif
