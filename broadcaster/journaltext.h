#ifndef BROADCASTER_JOURNALTEXT_H
#define BROADCASTER_JOURNALTEXT_H

/*
 * The text of a journal, format 1: records one behind the other, each
 *
 *	E 0000002c 0000000000000007 5e6f7081 1a2b3c4d {"type":"a","timestamp":"…","offset":5}
 *
 * that is: kind; bytes of the body; how many lines of the input had been taken with it; CRC-32C of the body;
 * CRC-32C of the 37 bytes in front of it; the body; a newline. Since the length has a checksum of its own, a
 * record that was cut short is told from one that was changed.
 *
 *	H	first of each file: {"tool":"broadcaster","format":1,"epoch":"…","first":1,"boot":"…","run":"…"}
 *		first: the offset of the first event in it
 *	B	another process goes on: {"boot":"…","run":"…"}
 *	E	an event, as clients get it (history.h); each has the offset that follows
 *	C	closed in good order: all before it is on the disk
 *
 * Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/json.h"
#include "lib/strbuf.h"

enum {
	JOURNALTEXT_NAME_MAX = 64,		/* of an epoch, a boot id, a run */
	JOURNALTEXT_BODY_MAX = (1 << 20) + 4096,	/* a line, and what history.h puts into it */
	JOURNALTEXT_HEAD = 46,
};

struct journaltext {
	char epoch[JOURNALTEXT_NAME_MAX + 1], boot[JOURNALTEXT_NAME_MAX + 1], run[JOURNALTEXT_NAME_MAX + 1];
	uint64_t first;
	uint64_t lines;		/* of the input, in that run */
	bool begun;		/* the H was read */
	bool clean;		/* a C was the last */
};

enum journaltext_result {
	JOURNALTEXT_EVENT,
	JOURNALTEXT_OTHER,	/* taken into struct journaltext */
	JOURNALTEXT_MORE,	/* the beginning of a record, or nothing */
	JOURNALTEXT_BAD,	/* no record: a checksum is wrong, or what it guards is not ours */
	JOURNALTEXT_FOREIGN,	/* it does not begin with an H, or with one of another tool or format */
};

/* Begin with {0}; the text need not be whole: what follows *used is given again, with more. event: the body. */
enum journaltext_result journaltext_read(struct journaltext *, const char *text, size_t len, size_t *used, struct span *event);

/* Each appends one record. */
void journaltext_header(struct strbuf *, const struct journaltext *);
void journaltext_begin(struct strbuf *, const struct journaltext *);
void journaltext_event(struct strbuf *, const char *message, size_t len, uint64_t lines);
void journaltext_closed(struct strbuf *, uint64_t lines);

/* KATO_ACK_FROM, "RUN:LINES". False: NULL, or not that. */
bool journaltext_from(const char *, char run[JOURNALTEXT_NAME_MAX + 1], uint64_t *lines);
/* "none": -1; "always": 0; seconds, also in parts, to milliseconds. False: none of these. */
bool journaltext_sync(const char *, int64_t *ms);

#endif
