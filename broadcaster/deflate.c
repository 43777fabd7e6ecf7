#include <string.h>
#include <zlib.h>

#include "broadcaster/deflate.h"
#include "lib/xalloc.h"

enum {
	WIDE_BITS = 15,
	LEVEL = 6,
	MEMORY = 8,
	TAIL = 4,		/* what a flush ends with, and is not sent: 00 00 ff ff */
	AT_BLOCK_END = 128,	/* of z_stream.data_type */
};

static const unsigned char tail[TAIL] = {0, 0, 0xff, 0xff};

static struct {
	z_stream out[FRAME_FORMS], in;
	bool has_out[FRAME_FORMS], has_in;
	struct strbuf buf;
} shared;

static z_stream *
compressor(enum frame_form form)
{
	z_stream *z = &shared.out[form];

	if (shared.has_out[form])
		deflateReset(z);
	else if (deflateInit2(z, LEVEL, Z_DEFLATED, form == FRAME_NARROW ? -DEFLATE_NARROW_BITS : -WIDE_BITS, MEMORY,
	    Z_DEFAULT_STRATEGY) != Z_OK)
		return NULL;
	shared.has_out[form] = true;
	return z;
}

/* Into shared.buf, only if it becomes smaller than it is. */
static bool
compress_text(enum frame_form form, unsigned char *text, size_t len)
{
	z_stream *z = compressor(form);
	size_t room = len + TAIL;	/* more than that is no gain */

	if (!z || len > UINT32_MAX / 2)
		return false;
	shared.buf.len = 0;
	strbuf_reserve(&shared.buf, room);
	z->next_in = text;
	z->avail_in = (unsigned)len;
	z->next_out = (unsigned char *)shared.buf.s;
	z->avail_out = (unsigned)room;
	if (deflate(z, Z_SYNC_FLUSH) != Z_OK || z->avail_in || !z->avail_out)
		return false;
	shared.buf.len = room - z->avail_out - TAIL;
	return shared.buf.len < len;
}

static size_t
header_length(const unsigned char *frame)
{
	return frame[1] < 126 ? 2 : frame[1] == 126 ? 4 : 10;
}

static struct frame *
compressed(struct frame *f, enum frame_form form)
{
	size_t head = header_length(frame_bytes(f)), len = f->len - head;
	struct frame *to;

	if (len < DEFLATE_LEAST || !compress_text(form, frame_bytes(f) + head, len))
		return f;
	to = frame_new(FRAME_DEFLATED, f->type, shared.buf.s, shared.buf.len);
	to->ms = f->ms;
	return to;
}

struct frame *
deflate_frame(struct frame *f, enum frame_form form)
{
	struct frame **to = &f->deflated[form];

	if (form == FRAME_PLAIN || *to)
		return form == FRAME_PLAIN ? f : *to;
	/* nothing in a message that small is further back than the narrow window reaches */
	if (form == FRAME_NARROW && f->len <= 1 << DEFLATE_NARROW_BITS) {
		*to = deflate_frame(f, FRAME_WIDE);
		if (*to != f)
			frame_ref(*to);
	} else {
		*to = compressed(f, form);
	}
	return *to;
}

struct frame *
deflate_join(struct frame *const *v, size_t n, enum frame_form form)
{
	struct frames l = {0};
	struct frame *f;

	if (form == FRAME_PLAIN)
		return frame_join(v, n);
	for (size_t i = 0; i < n; i++)
		frames_add(&l, frame_ref(deflate_frame(v[i], form)));
	f = frame_join(l.v, n);
	frames_free(&l);
	return f;
}

/* Goes on until the input is used up. At most max bytes come out. */
static enum deflate_result
feed(z_stream *z, const unsigned char *in, size_t len, size_t max, struct strbuf *out)
{
	unsigned char piece[1024];

	z->next_in = (unsigned char *)(uintptr_t)in;
	z->avail_in = (unsigned)len;
	for (;;) {
		size_t got;
		int r;

		z->next_out = piece;
		z->avail_out = sizeof piece;
		r = inflate(z, Z_SYNC_FLUSH);
		got = sizeof piece - z->avail_out;
		if (got > max - out->len)
			return DEFLATE_TOO_LARGE;
		strbuf_add(out, (char *)piece, got);
		if (r == Z_STREAM_END)
			inflateReset(z);	/* a final block may be followed by more (RFC 7692 7.2.3.4) */
		else if (r != Z_OK && r != Z_BUF_ERROR)
			return DEFLATE_BROKEN;
		if (!z->avail_in && z->avail_out)
			return DEFLATE_OK;
		if (r == Z_BUF_ERROR)
			return DEFLATE_BROKEN;
	}
}

enum deflate_result
deflate_inflate(const void *in, size_t len, size_t max, struct strbuf *out)
{
	z_stream *z = &shared.in;
	struct strbuf text = {0};
	enum deflate_result r;

	if (!len)
		return DEFLATE_OK;
	if (shared.has_in)
		inflateReset(z);
	else if (inflateInit2(z, -WIDE_BITS) != Z_OK)
		return DEFLATE_BROKEN;
	shared.has_in = true;
	r = feed(z, in, len, max, &text);
	if (r == DEFLATE_OK)
		r = feed(z, tail, TAIL, max, &text);
	if (r == DEFLATE_OK && !(z->data_type & AT_BLOCK_END))
		r = DEFLATE_BROKEN;	/* it breaks off */
	if (r == DEFLATE_OK)
		strbuf_add(out, text.s, text.len);
	strbuf_free(&text);
	return r;
}

size_t
deflate_bound(size_t max)
{
	return max + max / 1000 + 64;
}

void
deflate_free(void)
{
	for (size_t i = 0; i < FRAME_FORMS; i++)
		if (shared.has_out[i])
			deflateEnd(&shared.out[i]);
	if (shared.has_in)
		inflateEnd(&shared.in);
	strbuf_free(&shared.buf);
	memset(&shared, 0, sizeof shared);
}
