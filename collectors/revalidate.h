#ifndef COLLECTORS_REVALIDATE_H
#define COLLECTORS_REVALIDATE_H

/* The marks by which a server knows its document again (RFC 9110 8.8 and 13.1). Pure. */

#include "collectors/http.h"
#include "lib/strbuf.h"

enum { REVALIDATE_MAX = 1024 };	/* bytes of a mark; a longer one is none */

struct revalidate {	/* {0} knows none */
	struct strbuf etag, modified;
};

void revalidate_free(struct revalidate *);	/* and it is {0} again */
/* In place of what was known. */
void revalidate_take(struct revalidate *, const struct http_reply *);
/* Appends the headers that ask for the document only if it is another one. */
void revalidate_ask(const struct revalidate *, struct strlist *headers);

#endif
