#ifndef COLLECTORS_SESSIONKEEPER_H
#define COLLECTORS_SESSIONKEEPER_H

/* When session-watch keeps what: an event before it is written, all else every SESSIONKEEPER_MS. */

#include <stdbool.h>

#include "collectors/sessions.h"
#include "lib/keep.h"

enum { SESSIONKEEPER_MS = 10000 };

struct sessionkeeper {
	struct keep file;
	uint64_t events;	/* of sessions.events, what is kept */
	int64_t saved;		/* mono */
	bool unsent;		/* what is kept says that something is yet to be written */
};

/* file NULL: nothing is kept, and all that follows does nothing. Appends to *out what a predecessor left unwritten. True: a count was kept, and goes on. */
bool sessionkeeper_open(struct sessionkeeper *, const char *file, const char *kato, struct sessions *, struct sessions_now, struct strbuf *out);
/* out is about to be written. */
void sessionkeeper_before(struct sessionkeeper *, const struct sessions *, const char *kato, struct sessions_now, const struct strbuf *out);
/* It is written. */
void sessionkeeper_after(struct sessionkeeper *, int64_t mono);
/* The end, with all written. */
void sessionkeeper_close(struct sessionkeeper *, const struct sessions *, const char *kato, struct sessions_now);

#endif
