#ifndef KATOCTL_POISON_H
#define KATOCTL_POISON_H

/*
 * Lines that kill who reads them. A place is the number of a line among all that ever came to a stage.
 * A process that dies having read the oldest line it has not answered is suspected of dying of it:
 * from the second time on lines are given one by one, until all that were given then are through, and
 * after the third time at one place that line is not given any more. Pure.
 */

#include <stdbool.h>
#include <stdint.h>

enum { POISON_CAREFUL = 2, POISON_DEATHS = 3 };

struct poison {
	uint64_t place;		/* of the last death */
	unsigned deaths;	/* there, one after the other */
	uint64_t careful_to;	/* places before this are given one by one */
};

/* A process died that had read from the line at place, and was given those before end. True: this line is not to be given again. */
bool poison_died(struct poison *, uint64_t place, uint64_t end);
bool poison_careful(const struct poison *, uint64_t place);
/* One by one does not work: it waits for more before it answers. */
void poison_relax(struct poison *);

#endif
