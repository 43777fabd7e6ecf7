#ifndef BROADCASTER_HEADIN_H
#define BROADCASTER_HEADIN_H

/*
 * The head of an HTTP/1 request (RFC 9112 2 to 5), looked at before libwebsockets parses it: where it
 * ends, whether it keeps to the grammar, and its ceilings. What libwebsockets would hang up on, or take
 * in one of several meanings, is answered here. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HEADIN_LINE_MAX = 4096,		/* bytes of the request line; over it 414 */
	HEADIN_MAX = 8192,		/* of the whole head; over it 431 */
	HEADIN_FIELDS_MAX = 100,	/* header lines; over it 431 */
};

struct headin {	/* {0} is the beginning of a head; as it stands after a whole one, too */
	uint16_t bytes, line, fields;	/* so far; of the line at hand */
	uint8_t part;			/* of the line, see headin.c */
	uint8_t spaces;			/* in the request line */
	bool cr;			/* the last byte was one */
	bool first_done;		/* the request line is whole */
	bool colon;			/* of this header line was seen */
	uint32_t name;			/* hash of the header's name so far */
	bool has_body;			/* what follows this head is its body */
	bool has_upgrade, has_key;	/* both: what follows it are WebSocket frames, or nothing */
};

enum headin_result { HEADIN_MORE, HEADIN_WHOLE, HEADIN_BAD };

struct headin_fault {
	int status;		/* 400, 414, 431, 505 */
	const char *detail;
};

/*
 * The next bytes, of which *used belong to this head (all of them unless it is whole; then what it has
 * is to be read before the next one is taken). HEADIN_BAD: fault says why, and nothing more can be taken.
 */
enum headin_result headin_take(struct headin *, const char *bytes, size_t len, size_t *used, struct headin_fault *);

#endif
