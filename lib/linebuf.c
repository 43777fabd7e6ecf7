#include <stdlib.h>
#include <string.h>

#include "lib/linebuf.h"
#include "lib/xalloc.h"

enum { ROOM = 4096, FIRST = 64 << 10, LEAST = 16 << 10, CALM = 64 };

void
linebuf_init(struct linebuf *b, size_t max)
{
	*b = (struct linebuf){.max = max};
}

void
linebuf_free(struct linebuf *b)
{
	free(b->buf);
	linebuf_init(b, b->max);
}

static void
skip_begin(struct linebuf *b)
{
	b->skipping = true;
	b->toolong++;
	b->skipped_bytes += b->end - b->start;
	b->start = b->scan = b->end = 0;
}

static void
resize(struct linebuf *b, size_t cap)
{
	b->cap = cap;
	b->buf = xrealloc(b->buf, cap);
}

/* What a jam has made it grow to is given back, by halves, when little has come at a time for some time. */
static void
shrink(struct linebuf *b)
{
	if (b->cap > LEAST && b->most <= b->cap / 4)
		resize(b, b->cap / 2);
	b->fills = 0;
	b->most = 0;
}

char *
linebuf_space(struct linebuf *b, size_t *room)
{
	size_t held = b->end - b->start;

	if (!b->skipping && held > b->max && b->scan == b->end)
		skip_begin(b);
	else if (b->start) {
		memmove(b->buf, b->buf + b->start, held);
		b->scan -= b->start;
		b->end = held;
		b->start = 0;
	}
	if (b->fills >= CALM)
		shrink(b);
	else if (b->cap && b->most == b->cap && b->cap < FIRST)	/* more came than it holds now */
		linebuf_grow(b, FIRST);
	if (b->cap - b->end < ROOM) {
		b->cap = b->cap ? b->cap * 2 : FIRST;
		if (b->cap > b->max + 2 * ROOM && b->end + ROOM <= b->max + 2 * ROOM)
			b->cap = b->max + 2 * ROOM;
		b->buf = xrealloc(b->buf, b->cap);
	}
	*room = b->cap - b->end;
	return b->buf + b->end;
}

void
linebuf_grow(struct linebuf *b, size_t cap)
{
	cap = cap < b->max + 2 * ROOM ? cap : b->max + 2 * ROOM;
	if (cap > b->cap)
		resize(b, cap);
}

void
linebuf_filled(struct linebuf *b, size_t n)
{
	b->end += n;
	b->fills++;
	if (b->end > b->most)
		b->most = b->end;
}

/* The end of the line that is being skipped: true when it was found. */
static bool
skip_end(struct linebuf *b)
{
	char *nl = memchr(b->buf + b->start, '\n', b->end - b->start);

	if (!nl) {
		b->skipped_bytes += b->end - b->start;
		b->start = b->scan = b->end;
		return false;
	}
	b->skipped_bytes += (size_t)(nl - (b->buf + b->start));
	b->start = b->scan = (size_t)(nl - b->buf) + 1;
	b->skipping = false;
	return true;
}

bool
linebuf_next(struct linebuf *b, char **line, size_t *len)
{
	char *nl;
	size_t n;

	if (!b->buf)
		return false;
	for (;;) {
		if (b->skipping && !skip_end(b))
			return false;
		nl = memchr(b->buf + b->scan, '\n', b->end - b->scan);
		if (!nl) {
			b->scan = b->end;
			return false;
		}
		*line = b->buf + b->start;
		n = (size_t)(nl - *line);
		b->start = b->scan = (size_t)(nl - b->buf) + 1;
		if (n <= b->max)
			break;
		b->toolong++;
		b->skipped_bytes += n;
	}
	*len = n;
	b->lines++;
	return true;
}

bool
linebuf_run(struct linebuf *b, char **lines, size_t *n)
{
	char *line;
	size_t len;

	if (!linebuf_next(b, lines, n))
		return false;
	++*n;
	while (linebuf_next(b, &line, &len)) {
		if (line != *lines + *n) {	/* one between was too long: this begins the next run */
			b->start = b->scan = (size_t)(line - b->buf);
			b->lines--;
			break;
		}
		*n += len + 1;
	}
	return true;
}

bool
linebuf_rest(struct linebuf *b, char **line, size_t *len)
{
	size_t n = b->end - b->start;

	if (b->skipping || !n)
		return false;
	*line = b->buf + b->start;
	b->start = b->scan = b->end;
	if (n > b->max) {
		b->toolong++;
		b->skipped_bytes += n;
		return false;
	}
	*len = n;
	b->lines++;
	return true;
}

size_t
linebuf_pending(const struct linebuf *b)
{
	return b->skipping ? 0 : b->end - b->start;
}
