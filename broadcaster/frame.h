#ifndef BROADCASTER_FRAME_H
#define BROADCASTER_FRAME_H

/*
 * Messages as a server sends them, WebSocket frames (RFC 6455 5.2) or server-sent events: built once, shared by reference count,
 * written as they are. A frame here may also be several frames back to back, for one write. Pure.
 */

#include <stddef.h>
#include <stdint.h>

enum { FRAME_PRE = 16, FRAME_HEADER_MAX = 10 };	/* free bytes in front, for libwebsockets (LWS_PRE) */

/* The first byte less FIN. A compressed text has RSV1 set (RFC 7692 6). */
enum frame_op { FRAME_TEXT = 1, FRAME_CLOSE = 8, FRAME_PING = 9, FRAME_PONG = 10, FRAME_DEFLATED = 0x41 };

/* What a client takes: text as it is; compressed with a window of 32 KiB; of 4 KiB. */
enum frame_form { FRAME_PLAIN, FRAME_WIDE, FRAME_NARROW, FRAME_FORMS };

struct frame {
	uint32_t refs;
	uint32_t messages;	/* data messages in it */
	const char *type;	/* of the one message, for the counters; NULL: several, or none; outlives the frame */
	uint64_t serial;	/* no two frames of a process have the same */
	uint64_t deliveries;	/* how many clients it was given to; whoever sends counts */
	int64_t ms;		/* time of the oldest record in it; 0: of none */
	struct frame *deflated[FRAME_FORMS];	/* deflate.c's: the same message in that form, or the frame itself; NULL: not tried */
	size_t len, room;	/* what is used, and what there is, of the bytes behind FRAME_PRE */
	unsigned char buf[];	/* FRAME_PRE bytes, then len bytes of frame */
};

/*
 * The same for a text/event-stream (WHATWG HTML, server-sent events): "id: ID" where id is not NULL, and each
 * line of the payload behind "data: ", whatever it ends with. Any bytes, as they are: a comment, a time to retry.
 */
struct frame *frame_new_event(const char *id, const char *type, const void *payload, size_t len);
struct frame *frame_new_bytes(const void *, size_t len);

/* One reference, the caller's. */
struct frame *frame_new(enum frame_op, const char *type, const void *payload, size_t len);
/* A close frame; the reason is cut to what a control frame holds, at a character. */
struct frame *frame_close(int code, const char *reason);
/* n >= 1 frames as one; the only one itself, with one more reference. */
struct frame *frame_join(struct frame *const *v, size_t n);
struct frame *frame_ref(struct frame *);
void frame_unref(struct frame *);	/* NULL is fine */
size_t frame_memory(void);	/* bytes of all frames there are */
unsigned char *frame_bytes(struct frame *);
/* Writes the header of an unmasked final frame; returns its length, 2 to 10. */
size_t frame_header(enum frame_op, size_t payload, unsigned char out[FRAME_HEADER_MAX]);

/* A growing list of frames, each with a reference of its own. {0} is an empty one. */
struct frames {
	struct frame **v;
	size_t n, cap, bytes;
};

void frames_add(struct frames *, struct frame *);	/* takes over the caller's reference */
void frames_reset(struct frames *);	/* empty, memory kept unless it grew large */
void frames_free(struct frames *);

/* Frames found again by a number that says what is in them, until the cache is cleared. */
struct frame_cache {
	struct frame_slot {
		uint64_t key;
		struct frame *frame;
	} *slot;
	size_t n, cap;
};

/* A new reference, or NULL. */
struct frame *frame_cache_get(const struct frame_cache *, uint64_t key);
void frame_cache_put(struct frame_cache *, uint64_t key, struct frame *);	/* takes a reference of its own */
void frame_cache_clear(struct frame_cache *);	/* memory kept, unless it grew large */
void frame_cache_free(struct frame_cache *);

/* Mixes one more number into a key; start with any constant. */
uint64_t frame_key(uint64_t key, uint64_t more);

#endif
