#ifndef BROADCASTER_DEFLATE_H
#define BROADCASTER_DEFLATE_H

/*
 * Messages compressed as permessage-deflate has it (RFC 7692 7.2). Each is compressed by itself, once,
 * and the result is kept beside the plain frame for all who take it: a stream that never looks back is
 * right for a client that keeps its window, too. One compressor and one inflater serve everybody. Pure.
 */

#include <stdbool.h>
#include <stddef.h>

#include "broadcaster/frame.h"
#include "lib/strbuf.h"

enum {
	DEFLATE_LEAST = 150,		/* smaller payloads stay plain */
	DEFLATE_NARROW_BITS = 12,	/* the window of FRAME_NARROW, as server_max_window_bits has it */
};

enum deflate_result { DEFLATE_OK, DEFLATE_TOO_LARGE, DEFLATE_BROKEN };

/* One WebSocket text frame in that form; the frame itself where that is not smaller. Borrowed: lives as long as the frame. */
struct frame *deflate_frame(struct frame *, enum frame_form);
/* n >= 1 such frames as one, each in that form. The caller's reference. */
struct frame *deflate_join(struct frame *const *v, size_t n, enum frame_form);

/* Appends what a client's whole compressed message says, and never inflates more than max bytes of it. */
enum deflate_result deflate_inflate(const void *, size_t len, size_t max, struct strbuf *out);
/* The most bytes a compressed message of max may take. */
size_t deflate_bound(size_t max);
void deflate_free(void);	/* the compressors; they come again when needed */

#endif
