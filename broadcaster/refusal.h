#ifndef BROADCASTER_REFUSAL_H
#define BROADCASTER_REFUSAL_H

/*
 * A refusal in the shape that the clients of a dialect read: its templates where it has some, else problem
 * details (RFC 9457). Pure.
 */

#include <stddef.h>

#include "broadcaster/dialect.h"
#include "broadcaster/reply.h"
#include "lib/strbuf.h"

/* Appends the body for this status; detail says what was wrong with what. Returns its type. d may be NULL. */
const char *refusal_body(const struct dialect *, int status, const char *detail, size_t len, struct strbuf *out);
/* The same for a reply that holds problem details; others, and those of a dialect without a shape of its own, stay as they are. */
void refusal_reshape(const struct dialect *, struct reply *);

#endif
