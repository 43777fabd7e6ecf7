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
 * Puts players of recordings, over and over, in the place of all collectors and feeds: those of the plan's demo line, which also
 * take the place of the filters above it, else share/demo/kato.ndjson. Exits with 2 where one is not there.
 * What stages keep goes into a state folder of its own, so that it never mixes with what is real.
 */
void demo_plan(struct plan *);

enum { DEMO_PROBE_MS = 5000 };

#endif
