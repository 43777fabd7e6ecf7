#include <stdlib.h>
#include <zlib.h>

#include "broadcaster/deflate.h"
#include "lib/xalloc.h"

#include "check.h"

/* JSON of n bytes that says something else every so often, and again 6 KiB later. */
static char *
text_of(size_t n)
{
	char *s = xmalloc(n + 64);

	for (size_t i = 0; i < n;)
		i += (size_t)snprintf(s + i, 64, "{\"k%zu\":%zu},", (i % 6000) * 7919 % 10007, (i % 6000) * 104729 % 1000003);
	return s;
}

/* What a client with that window makes of a frame. NULL: nothing. */
static char *
read_frame(struct frame *f, int bits, size_t *n)
{
	unsigned char *p = frame_bytes(f), *end = p + f->len, trail[4] = {0, 0, 0xff, 0xff};
	static char out[100000];
	z_stream z = {0};
	int r;

	p += p[1] < 126 ? 2 : p[1] == 126 ? 4 : 10;
	z.next_in = p;
	z.avail_in = (unsigned)(end - p);
	z.next_out = (unsigned char *)out;
	z.avail_out = sizeof out - 1;
	inflateInit2(&z, -bits);
	r = inflate(&z, Z_SYNC_FLUSH);
	z.next_in = trail;
	z.avail_in = 4;
	if (r == Z_OK || r == Z_BUF_ERROR)
		r = inflate(&z, Z_SYNC_FLUSH);
	*n = sizeof out - 1 - z.avail_out;
	out[*n] = '\0';
	inflateEnd(&z);
	return r == Z_OK ? out : NULL;
}

static void
forms(void)
{
	for (size_t n = 200; n <= 50000; n = n * 3 / 2) {
		char *text = text_of(n);
		struct frame *f = frame_new(FRAME_TEXT, "metrics", text, n);

		f->ms = 7;
		for (int form = FRAME_WIDE; form <= FRAME_NARROW; form++) {
			struct frame *d = deflate_frame(f, (enum frame_form)form);
			size_t len;
			char *got = read_frame(d, form == FRAME_WIDE ? 15 : DEFLATE_NARROW_BITS, &len);

			CHECK(frame_bytes(d)[0] == 0xc1 && d->len < f->len);
			CHECK(got && len == n && !memcmp(got, text, n));
			CHECK(d->ms == 7 && d->messages == 1 && d->type == f->type && d->serial != f->serial);
			CHECK(deflate_frame(f, (enum frame_form)form) == d);
		}
		CHECK(deflate_frame(f, FRAME_PLAIN) == f);
		CHECK((f->deflated[FRAME_WIDE] == f->deflated[FRAME_NARROW]) == (f->len <= 4096));
		frame_unref(f);
		free(text);
	}
}

static void
what_gains_nothing_stays(void)
{
	unsigned char noise[1000];
	unsigned x = 1;
	struct frame *small = frame_new(FRAME_TEXT, NULL, "{\"type\":\"pong\",\"timestamp\":\"2026-01-01T00:00:00.000Z\"}", 53), *f;

	for (size_t i = 0; i < sizeof noise; i++)
		noise[i] = (unsigned char)((x = x * 1664525 + 1013904223) >> 24);
	f = frame_new(FRAME_TEXT, NULL, noise, sizeof noise);
	CHECK(deflate_frame(small, FRAME_WIDE) == small);
	CHECK(deflate_frame(f, FRAME_WIDE) == f && deflate_frame(f, FRAME_NARROW) == f);
	frame_unref(small);
	frame_unref(f);
}

static void
joined(void)
{
	char *text = text_of(1000);
	struct frame *v[] = {frame_new(FRAME_TEXT, NULL, text, 1000), frame_new(FRAME_TEXT, NULL, "{}", 2)}, *j, *d;

	j = deflate_join(v, 2, FRAME_WIDE);
	d = deflate_frame(v[0], FRAME_WIDE);
	CHECK(j->messages == 2 && j->len == d->len + 4);
	CHECK(!memcmp(frame_bytes(j), frame_bytes(d), d->len) && !memcmp(frame_bytes(j) + d->len, "\x81\x02{}", 4));
	frame_unref(j);
	j = deflate_join(v, 2, FRAME_PLAIN);
	CHECK(j->len == v[0]->len + 4 && frame_bytes(j)[0] == 0x81);
	frame_unref(j);
	frame_unref(v[0]);
	frame_unref(v[1]);
	free(text);
}

static void
inflated(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum deflate_result r;
		const char *text;
	} t[] = {	/* the first five: RFC 7692 7.2.3 */
		{"\xf2\x48\xcd\xc9\xc9\x07\x00", 7, DEFLATE_OK, "Hello"},
		{"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", 11, DEFLATE_OK, "Hello"},
		{"\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8, DEFLATE_OK, "Hello"},
		{"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", 13, DEFLATE_OK, "Hello"},
		{"\x00", 1, DEFLATE_OK, ""},
		{"", 0, DEFLATE_OK, ""},
		{"\xf2\x00\x11\x00\x00", 5, DEFLATE_BROKEN, ""},	/* looks back at the message before */
		{"\xf2\x48\xcd\xc9", 4, DEFLATE_BROKEN, ""},
		{"\xff\xff\xff\xff", 4, DEFLATE_BROKEN, ""},
		{"Hello", 5, DEFLATE_BROKEN, ""},
	};

	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		struct strbuf out = {0};

		CHECK(deflate_inflate(t[i].bytes, t[i].len, 5, &out) == t[i].r);
		CHECK_STR(out.s ? out.s : "", t[i].text);
		strbuf_free(&out);
	}
}

static void
ceiling(void)
{
	struct strbuf out = {0};
	struct frame *f;
	char *text = xmalloc(1000000);
	size_t n;

	memset(text, ' ', 1000000);
	f = frame_new(FRAME_TEXT, NULL, text, 1000000);
	n = deflate_frame(f, FRAME_WIDE)->len - 4;
	CHECK(deflate_inflate(frame_bytes(deflate_frame(f, FRAME_WIDE)) + 4, n, 4096, &out) == DEFLATE_TOO_LARGE && !out.len && out.cap < 8192);
	CHECK(deflate_inflate(frame_bytes(deflate_frame(f, FRAME_WIDE)) + 4, n, 999999, &out) == DEFLATE_TOO_LARGE && !out.len);
	CHECK(deflate_inflate(frame_bytes(deflate_frame(f, FRAME_WIDE)) + 4, n, 1000000, &out) == DEFLATE_OK && out.len == 1000000);
	CHECK(deflate_bound(4096) > 4096 && deflate_bound(4096) < 4400);
	strbuf_free(&out);
	frame_unref(f);
	free(text);
}

int
main(void)
{
	forms();
	what_gains_nothing_stays();
	joined();
	inflated();
	ceiling();
	deflate_free();
	return check_done();
}
