#include <stdlib.h>
#include <string.h>

#include "katoctl/hop.h"
#include "lib/xalloc.h"

enum { FIRST = 64 << 10, MOST = 3, CALM = 64 };

void
hop_init(struct hop *h, size_t max_bytes, size_t max_lines)
{
	*h = (struct hop){.max_bytes = max_bytes, .max_lines = max_lines};
}

void
hop_free(struct hop *h)
{
	uint64_t gone = h->gone + h->lines;

	free(h->buf);
	hop_init(h, h->max_bytes, h->max_lines);
	h->gone = gone;
}

uint64_t
hop_count(const char *p, size_t n)
{
	const char *end = p + n;
	uint64_t lines = 0;

	for (; p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
		lines++;
	return lines;
}

/* What a jam has made it grow to is given back, by halves, when little has been outstanding for some time. */
static void
shrink(struct hop *h, size_t n)
{
	size_t held = h->end - h->start;

	h->calm = h->cap > FIRST && held + n <= h->cap / 4 ? h->calm + 1 : 0;
	if (h->calm < CALM)
		return;
	h->calm = 0;
	memmove(h->buf, h->buf + h->start, held);
	h->line -= h->start;
	h->sent -= h->start;
	h->end = held;
	h->start = 0;
	h->cap /= 2;
	h->buf = xrealloc(h->buf, h->cap);
}

/* Room for n more bytes at the end: what was dealt with is reused when it is most of it, so few bytes are moved. */
static void
make_room(struct hop *h, size_t n)
{
	size_t held = h->end - h->start;

	if (h->start && (held == 0 || h->end + n > h->cap) && h->start / MOST >= held) {
		if (held)
			memmove(h->buf, h->buf + h->start, held);
		h->line -= h->start;
		h->sent -= h->start;
		h->end = held;
		h->start = 0;
	}
	if (h->end + n <= h->cap)
		return;
	if (!h->cap) {
		h->cap = FIRST;
		h->buf = xmalloc(h->cap);
		memset(h->buf, 0, h->cap);	/* its pages are there from the start: a small jam makes nothing larger */
	}
	if (h->end + n <= h->cap)
		return;
	while (h->cap < h->end + n)
		h->cap *= 2;
	h->buf = xrealloc(h->buf, h->cap);
}

void
hop_put(struct hop *h, const char *p, size_t n, uint64_t lines)
{
	if (!n)
		return;
	shrink(h, n);
	make_room(h, n);
	memcpy(h->buf + h->end, p, n);
	h->end += n;
	h->lines += lines;
}

void
hop_passed(struct hop *h, uint64_t lines)
{
	h->gone += lines;
}

bool
hop_full(const struct hop *h)
{
	return h->end - h->start - h->open >= h->max_bytes || hop_left(h) >= h->max_lines;
}

uint64_t
hop_left(const struct hop *h)
{
	return h->lines - (h->open > 0);
}

size_t
hop_bytes(const struct hop *h)
{
	return h->end - h->start;
}

bool
hop_unsent(const struct hop *h, const char **p, size_t *n)
{
	*p = h->buf ? h->buf + h->sent : NULL;
	*n = h->end - h->sent;
	return *n > 0;
}

uint64_t
hop_wrote(struct hop *h, size_t n)
{
	const char *p = h->buf + h->sent, *last = NULL;
	uint64_t lines = 0;

	h->sent += n;
	if (h->sent == h->end) {
		lines = h->lines - h->given;
		h->line = h->end;
	} else if (n && (last = memrchr(p, '\n', n))) {
		lines = hop_count(p, (size_t)(last + 1 - p));
		h->line = (size_t)(last + 1 - h->buf);
	}
	h->given += lines;
	return lines;
}

size_t
hop_deal(struct hop *h, uint64_t lines)
{
	size_t from = h->start;

	if (lines)
		h->open = 0;
	if (lines >= h->given) {
		h->start = h->line;
		lines = h->given;
	}
	h->lines -= lines;
	h->given -= lines;
	h->gone += lines;
	for (; lines && h->start < h->line; lines--) {
		const char *nl = memchr(h->buf + h->start, '\n', h->line - h->start);

		h->start = nl ? (size_t)(nl + 1 - h->buf) : h->line;
	}
	return h->start - from;
}

bool
hop_unechoed(const struct hop *h, const char **p, size_t *n)
{
	size_t from = h->start + h->open;

	*p = h->buf ? h->buf + from : NULL;
	*n = h->line > from ? h->line - from : 0;
	return *n > 0;
}

void
hop_echoed(struct hop *h, size_t n, uint64_t lines)
{
	const char *p = h->buf + h->start + h->open, *last = memrchr(p, '\n', n - 1);
	size_t len = last ? (size_t)(p + n - (last + 1)) : n;
	uint64_t dealt = lines - 1 + (h->open > 0);

	h->start += h->open + n - len;
	h->open = len;
	h->lines -= dealt;
	h->given -= dealt;
	h->gone += dealt;
}

size_t
hop_drop(struct hop *h)
{
	const char *nl = h->lines ? memchr(h->buf + h->start, '\n', h->end - h->start) : NULL;
	size_t n = nl ? (size_t)(nl + 1 - (h->buf + h->start)) : 0;

	if (!n)
		return 0;
	h->start += n;
	h->lines--;
	h->gone++;
	h->open = 0;
	if (h->given)
		h->given--;
	if (h->line < h->start)
		h->line = h->start;
	if (h->sent < h->start)
		h->sent = h->start;
	return n;
}

void
hop_again(struct hop *h)
{
	h->sent = h->line = h->start;
	h->given = 0;
}
