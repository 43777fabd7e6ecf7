#ifndef COLLECTORS_PROMMETRICS_H
#define COLLECTORS_PROMMETRICS_H

/* share/prom-metrics.conf, as it was when this was built. */
extern const char prommetrics[];

#endif
