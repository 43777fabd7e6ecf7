#ifndef KATOCTL_MARKS_H
#define KATOCTL_MARKS_H

/*
 * How far the lines of one writer of the feed have come. A mark stands behind the last of them in the hop they were
 * given to; when that hop has dealt with all before it, all that came of them is in the next hop, and the mark is set
 * behind it there; when all sinks have dealt with what is before theirs, so has the pipeline.
 */

#include "katoctl/super.h"

enum { MARKS_MAX = 16 };	/* on their way at a time; lines that come meanwhile get the next that is free */

struct marks {
	struct mark {
		uint64_t count;		/* lines of this writer up to here */
		size_t at;		/* the stage whose hop it stands in; the number of stages: those of the sinks */
		uint64_t *place;	/* in each hop, as hop.gone + hop.lines was */
	} v[MARKS_MAX];
	size_t n;
	uint64_t set;		/* the count of the newest mark */
	uint64_t dealt;		/* so many lines the pipeline has dealt with */
};

/* {0} is one of a new writer. */
void marks_free(struct marks *);
/* The writer's first count lines were given to the first hop. */
void marks_set(struct marks *, const struct super *, uint64_t count);
/* Moves the marks on that can. */
void marks_step(struct marks *, const struct super *);

#endif
