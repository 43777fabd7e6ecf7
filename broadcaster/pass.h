#ifndef BROADCASTER_PASS_H
#define BROADCASTER_PASS_H

/* What a client may subscribe to, and when its token runs out. Of the hub; pure. */

#include "broadcaster/audience.h"

/* Notes what the grant says of this client; NULL: nothing. Before its first audience_enter. */
void pass_give(struct hub *, struct hub_client *, const struct grant *, struct hub_now);
void pass_take(struct hub *, struct hub_client *);
/* May it have all of this topic? */
bool pass_topic(const struct hub_client *, const struct topic *);
/* May it have any of this record type? */
bool pass_type(const struct hub_client *, const char *type);
/*
 * The topics of set that the client may have; of a whole type of which it may have parts, the parts; "*":
 * all it may have. Takes over the reference to set, gives one.
 */
struct topicset *pass_narrow(struct hub *, const struct hub_client *, struct topicset *set);
/* What a grant is limited to; NULL: it is not. One reference, the caller's. */
struct topicset *pass_limit(struct hub *, const struct grant *);
/* Closes those whose time is up, and notes when the next one's is. */
void pass_expire(struct hub *, struct hub_now);

#endif
