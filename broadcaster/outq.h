#ifndef BROADCASTER_OUTQ_H
#define BROADCASTER_OUTQ_H

/*
 * What one client still has to get: frames in order, bounded in bytes. State is not kept here (a newer
 * value replaces an unsent one: the hub draws it fresh when the socket has drained). Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broadcaster/frame.h"

struct outq {	/* {0} is an empty one, without memory */
	struct frame **v;	/* ring */
	uint32_t head, n, cap;
	size_t bytes;
};

/* Takes a reference of its own. False: it would hold more than max bytes (an empty queue takes any one frame). */
bool outq_push(struct outq *, struct frame *, size_t max);
/* The first frames as one, up to most bytes but at least one frame; *n of them. NULL: empty. The caller's reference. */
struct frame *outq_peek(const struct outq *, size_t most, uint32_t *n);
void outq_drop(struct outq *, uint32_t n);	/* the first n; an emptied queue gives its memory back */
void outq_clear(struct outq *);	/* and gives its memory back */

#endif
