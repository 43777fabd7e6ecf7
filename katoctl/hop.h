#ifndef KATOCTL_HOP_H
#define KATOCTL_HOP_H

/*
 * The lines on their way into one stage, oldest first. A line is outstanding from hop_put until it was
 * dealt with, whether it has been given to the process yet or not; what is outstanding can be given
 * again to the process's successor. Whole lines go in; bytes go out, as the pipe takes them. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hop {
	char *buf;
	size_t cap;
	size_t start, line, sent, end;	/* oldest outstanding line <= line being given <= bytes given <= end */
	uint64_t lines;		/* outstanding */
	uint64_t given;		/* of these, whole ones given to the process */
	size_t open;		/* bytes of the oldest line, when the process has echoed it: dealt with when the next one is; else 0 */
	uint64_t gone;		/* outstanding once, and not any more: gone + lines is where the next line will stand */
	size_t max_bytes, max_lines;	/* where hop_full begins */
	unsigned calm;		/* times in a row that a quarter of cap would have done */
};

void hop_init(struct hop *, size_t max_bytes, size_t max_lines);
void hop_free(struct hop *);
/* Whole lines in n bytes. */
uint64_t hop_count(const char *p, size_t n);
/* n bytes that are so many whole lines. Always taken: who calls has asked hop_full before he read them. */
void hop_put(struct hop *, const char *p, size_t n, uint64_t lines);
/* So many lines came, were given and dealt with, and never lay here. */
void hop_passed(struct hop *, uint64_t lines);
bool hop_full(const struct hop *);	/* an open line does not count: what closes it must find room */
uint64_t hop_left(const struct hop *);	/* outstanding lines without an open one */
size_t hop_bytes(const struct hop *);	/* outstanding */
/* What the process has not got yet; valid until hop_put. False: nothing. */
bool hop_unsent(const struct hop *, const char **p, size_t *n);
/* The process got the first n bytes of it. Returns how many lines that finished. */
uint64_t hop_wrote(struct hop *, size_t n);
/* The oldest so many lines, given before, are dealt with; more than were given counts as all of these. Returns their bytes. */
size_t hop_deal(struct hop *, uint64_t lines);
/* The whole lines given that were not echoed yet, side by side; valid until hop_put. False: none. */
bool hop_unechoed(const struct hop *, const char **p, size_t *n);
/* The first n bytes of these, so many lines, were: the last is open now, those before it are dealt with. */
void hop_echoed(struct hop *, size_t n, uint64_t lines);
/* The oldest line is dealt with, given or not. Returns its bytes; 0: there is none. */
size_t hop_drop(struct hop *);
/* The process is gone: what is outstanding is to be given again, the line it got half of included. */
void hop_again(struct hop *);

#endif
