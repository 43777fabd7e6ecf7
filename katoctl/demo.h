#ifndef KATOCTL_DEMO_H
#define KATOCTL_DEMO_H

/* What a plain katoctl run shows where there is nothing to show. */

#include <stdbool.h>

#include "katoctl/plan.h"

/*
 * Asks the plan's kato-metrics and docker-stats, all at once and for at most DEMO_PROBE_MS, whether they
 * find what they read (--probe). True: none does; why was said. A plan with neither needs no demo.
 */
bool demo_is_needed(const struct plan *);
/*
 * Puts one collector in the place of all others: the recording share/demo/kato.ndjson, over and over. Exits with 2 where there is none.
 * What stages keep goes into a state folder of its own, so that it never mixes with what is real.
 */
void demo_plan(struct plan *);

enum { DEMO_PROBE_MS = 5000 };

#endif
