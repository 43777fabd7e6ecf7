#ifndef BROADCASTER_WSIN_H
#define BROADCASTER_WSIN_H

/*
 * WebSocket frames as a client sends them (RFC 6455 5), checked before libwebsockets sees them. Its own
 * parser takes unmasked frames, reserved bits on control frames, lengths longer than they need be and
 * close frames of any content, and answers one ping of several. So control frames end here, data frames
 * go on as they came, and the first fault ends the stream. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WSIN_HEADER_MAX = 14, WSIN_CONTROL_MAX = 125 };

enum wsin_code { WSIN_PROTOCOL = 1002, WSIN_NO_STATUS = 1005, WSIN_UTF8 = 1007, WSIN_LARGE = 1009 };

struct wsin {	/* {0} is the beginning of a stream */
	uint64_t left;		/* of this frame's payload */
	uint64_t message;	/* bytes of the message so far, the frame at hand counted whole */
	unsigned char *control;	/* payload of a control frame in pieces; WSIN_CONTROL_MAX bytes */
	unsigned char header[WSIN_HEADER_MAX];
	uint8_t have, need;	/* bytes of the header; need is 0 between two frames */
	uint8_t control_len;
	bool in_message;	/* a fragmented one has begun */
	bool ended;		/* nothing more is taken */
	bool compressed;	/* set by who negotiated permessage-deflate: RSV1 may be set where a message begins */
};

/* What the bytes held beside data. Called in their order; a payload lives as long as the call. */
struct wsin_ops {
	uint64_t message_max;	/* a message that says it is longer is a fault, WSIN_LARGE */
	void (*ping)(void *arg, const unsigned char *payload, size_t len);
	void (*pong)(void *arg);
	/* The peer's close frame, WSIN_NO_STATUS: without a code. Nothing follows. */
	void (*close)(void *arg, int code);
	/* What came breaks the protocol: close with this code. Nothing follows. */
	void (*fault)(void *arg, int code, const char *what);
};

/* Takes len more bytes; the data frames among them are moved together, and are the length returned. */
size_t wsin_take(struct wsin *, unsigned char *buf, size_t len, const struct wsin_ops *, void *arg);
void wsin_free(struct wsin *);

/* May a close frame carry this code (RFC 6455 7.4, and what IANA has registered since)? */
bool wsin_close_code(int code);

#endif
