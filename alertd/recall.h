#ifndef ALERTD_RECALL_H
#define ALERTD_RECALL_H

/*
 * Which lines were dealt with last, and what was added behind each. alertd may be killed at any moment; whoever
 * started it gives the next one the lines again that have not come out, from the last one that has on. So of each
 * batch its lines are kept before it is written, the last line of the batch before in front of them: where
 * the first line that comes is one of those, it and those behind it are passed on with the same text and not judged
 * again, as what is known has them in it already. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/json.h"
#include "lib/strbuf.h"

enum { RECALL_MAX = 1 << 20 };	/* lines, of a state file */

struct recall_line {
	uint64_t hash;
	size_t at, len;		/* what was added: bytes of text */
};

struct recall {
	struct recall_line *v;
	size_t n, cap;
	struct strbuf text;
	size_t from, matched;	/* v[from] and those behind it have come, so many */
	bool on;		/* more of them may come */
};

void recall_free(struct recall *);
/* A new batch: only the last line stays, and nothing behind it. */
void recall_begin(struct recall *);
void recall_add(struct recall *, uint64_t hash, const char *added, size_t len);
/* A line has come. True: it is the next one (on tells whether others are behind it), *added is what stands behind it. */
bool recall_follow(struct recall *, uint64_t hash, struct span *added);

/* Appends it as lines of a state file. */
void recall_dump(const struct recall *, struct strbuf *out);
/* Appends the line that says: all of it has been written. */
void recall_dump_written(struct strbuf *out);
/* Takes one of those lines; what came before counts no more if it begins a batch. False: it makes no sense. */
bool recall_load(struct recall *, struct span line);

#endif
