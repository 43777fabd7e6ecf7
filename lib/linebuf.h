#ifndef KATO_LINEBUF_H
#define KATO_LINEBUF_H

/*
 * Bytes in, whole lines out. A line longer than max (its newline not counted) is skipped to its
 * newline and counted; nothing else is looked at, changed or lost. Memory: at most a bit over max.
 *
 *	p = linebuf_space(&lb, &room);
 *	n = read(fd, p, room);
 *	linebuf_filled(&lb, n);
 *	while (linebuf_next(&lb, &line, &len))
 *		...			line[len] is the '\n', so (line, len + 1) is the line as it came
 *	at end of file: linebuf_rest(&lb, &line, &len)
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LINE_MAX_BYTES = 1 << 20 };	/* the stream's ceiling, without the newline */

struct linebuf {
	char *buf;
	size_t cap, start, scan, end;	/* start <= scan <= end: unread line, not yet searched, free */
	size_t max;
	size_t most;		/* bytes held at a time, in the last so many fills */
	unsigned fills;
	bool skipping;		/* inside a line that is too long */
	uint64_t lines;		/* returned, the rest included */
	uint64_t toolong;	/* skipped */
	uint64_t skipped_bytes;
};

void linebuf_init(struct linebuf *, size_t max);
void linebuf_free(struct linebuf *);
/* Where to read to, at least 4 KiB (*room). Invalidates the lines returned so far. */
char *linebuf_space(struct linebuf *, size_t *room);
/* Makes the buffer of at least so many bytes, as far as max allows. Invalidates the lines returned so far. */
void linebuf_grow(struct linebuf *, size_t cap);
void linebuf_filled(struct linebuf *, size_t n);
/* The next whole line, valid until linebuf_space. False: none yet. */
bool linebuf_next(struct linebuf *, char **line, size_t *len);
/* As many whole lines as lie side by side, n bytes with their newlines; valid as long. False: none yet. */
bool linebuf_run(struct linebuf *, char **lines, size_t *n);
/* What stands behind the last newline, at end of file. False: nothing. line[len] is not a newline. */
bool linebuf_rest(struct linebuf *, char **line, size_t *len);
/* Bytes of an unfinished line held now. */
size_t linebuf_pending(const struct linebuf *);

#endif
