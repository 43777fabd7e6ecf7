#ifndef BROADCASTER_FEED_H
#define BROADCASTER_FEED_H

/* Standard input: lines to records, records to state, history and hub. */

#include <libwebsockets.h>

#include "broadcaster/server.h"

void feed_open(struct server *);
/* A state record of our own goes the way of those that come: nobody counts or acknowledges it. */
void feed_tell(struct server *, const char *line, size_t len);
int feed_callback(struct lws *, enum lws_callback_reasons, void *user, void *in, size_t len);

#endif
