#ifndef KATOCTL_RESUME_H
#define KATOCTL_RESUME_H

/* How far a client is in a server's events, learnt from the messages it gets. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/strbuf.h"

enum { RESUME_EPOCH_MAX = 64 };

struct resume {
	char epoch[RESUME_EPOCH_MAX + 1];	/* empty: nothing is known */
	uint64_t offset;			/* of the newest event seen */
	bool asked;				/* this connection asked to go on from here */
};

enum resume_news {
	RESUME_NOTHING,
	RESUME_GAP,	/* the server cannot go on from where we were: events may be missing */
};

/* "EPOCH:OFFSET"; false: it is not. */
bool resume_parse(const char *, struct resume *out);
/* Takes what a message of n bytes says of epoch and offset. */
enum resume_news resume_take(struct resume *, const char *message, size_t n);
/* Appends "epoch=E&offset=N" for the query of a URL; nothing if nothing is known. */
void resume_query(const struct resume *, struct strbuf *out);

#endif
