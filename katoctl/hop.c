#include <stdlib.h>
#include <string.h>

#include "katoctl/hop.h"
#include "lib/xalloc.h"

enum { FIRST = 64 << 10 };

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

/* Room for n more bytes at the end: what was dealt with is reused when it is at least half, so each byte moves once on average. */
static void
make_room(struct hop *h, size_t n)
{
	size_t held = h->end - h->start;

	if (h->start && (held == 0 || h->end + n > h->cap) && h->start >= held) {
		if (held)
			memmove(h->buf, h->buf + h->start, held);
		h->line -= h->start;
		h->sent -= h->start;
		h->end = held;
		h->start = 0;
	}
	if (h->end + n <= h->cap)
		return;
	if (!h->cap)
		h->cap = FIRST;
	while (h->cap < h->end + n)
		h->cap *= 2;
	h->buf = xrealloc(h->buf, h->cap);
}

void
hop_put(struct hop *h, const char *p, size_t n, uint64_t lines)
{
	if (!n)
		return;
	make_room(h, n);
	memcpy(h->buf + h->end, p, n);
	h->end += n;
	h->lines += lines;
}

bool
hop_full(const struct hop *h)
{
	return h->end - h->start >= h->max_bytes || h->lines >= h->max_lines;
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
	const char *p = h->buf + h->sent, *end = p + n, *nl;
	uint64_t lines = 0;

	for (; p < end && (nl = memchr(p, '\n', (size_t)(end - p))); p = nl + 1) {
		lines++;
		h->line = (size_t)(nl + 1 - h->buf);
	}
	h->sent += n;
	h->given += lines;
	return lines;
}

size_t
hop_deal(struct hop *h, uint64_t lines)
{
	size_t from = h->start;

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

void
hop_again(struct hop *h)
{
	h->sent = h->line = h->start;
	h->given = 0;
}
