#ifndef ALERTD_FILTER_H
#define ALERTD_FILTER_H

/* Lines through the judge: each as it came, what it caused right behind it. */

#include <stdbool.h>
#include <stdint.h>

#include "judge.h"
#include "lib/linebuf.h"
#include "recall.h"

struct filter {
	struct judge judge;
	struct linebuf in;
	struct strbuf added, out;
	const char *run, *end;	/* lines not yet in out; they lie together in the input buffer */
	bool keeping;		/* set it for the next two: */
	bool begun;		/* a line has come */
	struct recall before;	/* what a predecessor kept; while it is on, its lines come again */
	struct recall now;	/* this batch, the last line of the one before in front */
	uint64_t bad;		/* lines that are neither records nor empty */
	uint64_t bad_line;	/* the last of them, */
	struct record bad_record;	/* what was wrong with it */
	enum record_result bad_why;
};

void filter_init(struct filter *, size_t max_keys);
void filter_free(struct filter *);
/* All whole lines that are in. *len bytes at the result are to be written before anything else is read. */
const char *filter_lines(struct filter *, size_t *len);
/* The same for what stands behind the last newline when the input has ended. */
const char *filter_rest(struct filter *, size_t *len);

#endif
