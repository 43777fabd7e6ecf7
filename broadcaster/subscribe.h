#ifndef BROADCASTER_SUBSCRIBE_H
#define BROADCASTER_SUBSCRIBE_H

/* How a client's set of topics changes. Pure. */

#include "broadcaster/audience.h"

/* Applies a subscribe or unsubscribe; adds the answer, complaints first. False: nothing changed. */
bool subscribe_apply(struct hub *, struct hub_client *, const struct request *, struct hub_now, struct frames *);
/* Adds the state of topics that are in its set now and were not in before; before NULL: all it wants. */
void subscribe_state(struct hub *, struct hub_client *, const struct topicset *before, struct hub_now, struct frames *);

#endif
