#ifndef KATOCTL_ECHO_H
#define KATOCTL_ECHO_H

/*
 * What a filter writes, held against what it was given. Its lines are echoes, each equal byte for byte
 * to the oldest line given that was not echoed yet, and lines it added. A line is dealt with when the
 * next one is echoed: what was added behind it has come by then. A successor is given what was
 * outstanding; of its output the echo its predecessor made already, and behind that the added lines that
 * are, in order, those the predecessor added, are not handed on again. Pure.
 *
 * An added line equal to the next one given counts as its echo: who reads behind sees the same bytes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "katoctl/hop.h"

enum {
	ECHO_MAX_SEEN = 4096,	/* added lines behind one line that are known again; further ones are told twice */
	ECHO_NEVER = 256,	/* so many lines from a process, and no echo: it does not pass lines on */
};

struct echo {
	bool repeat;		/* the open line is a predecessor's: its echo is to come, and is not handed on */
	bool any;		/* this process has echoed a line */
	uint64_t added;		/* lines of this process since its last echo */
	uint64_t *seen;		/* of the lines added behind the open one and handed on; of none, before the first echo */
	size_t nseen, room;
	size_t at;		/* of these, as many as this process has added again */
	size_t credit;		/* bytes that may be searched for a later line: as many as were echoed, at most a hop's bound */
};

enum echo_what {
	ECHO_ON,	/* hand these on */
	ECHO_CUT,	/* they have been handed on before */
	ECHO_BROKEN,	/* it does not pass lines on as they are; bytes is 0 */
};

struct echo_piece {
	enum echo_what what;
	size_t bytes;
	uint64_t lines;
	uint64_t missed;	/* ECHO_BROKEN: lines given that were passed over, as far as that can be known */
};

void echo_init(struct echo *, const struct hop *);
void echo_free(struct echo *);
/* A successor begins; hop_again is called beside it. */
void echo_again(struct echo *, const struct hop *);
/* The open line was dealt with by other means. */
void echo_forget(struct echo *);
/* What the first of these whole lines are (n > 0), and notes in the hop what is dealt with thereby. */
struct echo_piece echo_take(struct echo *, struct hop *, const char *p, size_t n);
/* Lines given to this process for which it wrote nothing, neither an echo nor anything else. */
uint64_t echo_swallowed(const struct echo *, const struct hop *);

#endif
