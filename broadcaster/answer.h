#ifndef BROADCASTER_ANSWER_H
#define BROADCASTER_ANSWER_H

/* What is said to one client, in the words of its dialect. Each adds one message to the list. Pure. */

#include "broadcaster/audience.h"

/* By the dialect's greeting or notice; NULL: nothing is said. */
void answer_greeting(const struct hub *, const struct hub_client *, const char *template, struct hub_now, struct frames *);
/* resume: members with a comma in front, or "". */
void answer_subscribed(const struct hub *, const struct audience *, const struct request *, const char *resume, struct hub_now,
    struct frames *);
void answer_pong(const struct dialect *, bool bare, struct hub_now, struct frames *);
void answer_error(const struct dialect *, const char *code, const char *message, const char *detail, struct hub_now,
    struct frames *);

#endif
