#ifndef COLLECTORS_PLAIN_H
#define COLLECTORS_PLAIN_H

/* What a server says of itself, made fit for a message: one short line, without the passwords of URLs in it. Pure. */

#include <stddef.h>

#include "lib/strbuf.h"

enum { PLAIN_MAX = 200 };	/* bytes of a text that are kept */

/*
 * Appends at most PLAIN_MAX bytes of the text, cut between characters and then ended with "...": control
 * characters become spaces, white space at its ends goes, and of "redis://user:secret@host" all between the
 * slashes and the @ becomes three stars.
 */
void plain_text(const char *text, size_t len, struct strbuf *out);

/*
 * Appends what an error body of KATO says, in any of its shapes: {"detail":"..."}, {"detail":[{"msg":"..."}]},
 * {"error":"..."}, {"error":{"message":"..."}}; nothing if it is none of these.
 */
void plain_error(const char *body, size_t len, struct strbuf *out);

#endif
