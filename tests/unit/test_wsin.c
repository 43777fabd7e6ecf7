#include <stdlib.h>
#include <string.h>

#include "broadcaster/wsin.h"
#include "lib/strbuf.h"

#include "check.h"

static struct {
	struct strbuf pings;
	int npings, npongs, closed, fault;
	const char *what;
} got;

static void
ping(void *arg, const unsigned char *p, size_t n)
{
	(void)arg;
	got.npings++;
	strbuf_add(&got.pings, (const char *)p, n);
	strbuf_addc(&got.pings, '|');
}

static void
pong(void *arg)
{
	(void)arg;
	got.npongs++;
}

static void
closed(void *arg, int code)
{
	(void)arg;
	got.closed = code;
}

static void
fault(void *arg, int code, const char *what)
{
	(void)arg;
	got.fault = code;
	got.what = what;
}

static const struct wsin_ops ops = {1000, ping, pong, closed, fault};

/* A masked frame; the mask is 1 2 3 4. */
static void
add(struct strbuf *b, unsigned char first, const char *payload, size_t n)
{
	strbuf_addc(b, (char)first);
	strbuf_addc(b, (char)(0x80 | n));
	strbuf_add(b, "\1\2\3\4", 4);
	for (size_t i = 0; i < n; i++)
		strbuf_addc(b, (char)(payload[i] ^ (1 + (i & 3))));
}

/* All of b, step bytes at a time, through w: what comes out is appended to out. */
static void
through(struct wsin *w, const struct strbuf *b, size_t step, struct strbuf *out)
{
	unsigned char buf[4096];

	strbuf_free(&got.pings);
	memset(&got, 0, sizeof got);
	for (size_t at = 0; at < b->len; at += step) {
		size_t n = b->len - at < step ? b->len - at : step;

		memcpy(buf, b->s + at, n);
		strbuf_add(out, (char *)buf, wsin_take(w, buf, n, &ops, NULL));
	}
}

static void
control_ends_here_data_goes_on(void)
{
	struct strbuf in = {0}, want = {0}, out = {0};

	add(&in, 0x81, "one", 3);
	add(&in, 0x89, "ping", 4);
	add(&in, 0x01, "tw", 2);
	add(&in, 0x89, "", 0);
	add(&in, 0x8a, "pong", 4);
	add(&in, 0x80, "o", 1);
	add(&want, 0x81, "one", 3);
	add(&want, 0x01, "tw", 2);
	add(&want, 0x80, "o", 1);
	for (size_t step = 1; step <= in.len; step++) {
		struct wsin w = {0};

		strbuf_reset(&out);
		through(&w, &in, step, &out);
		CHECK(out.len == want.len && !memcmp(out.s, want.s, want.len));
		CHECK(got.npings == 2 && got.npongs == 1 && !strcmp(got.pings.s, "ping||"));
		CHECK(!got.fault && !w.ended && !w.control);
		wsin_free(&w);
	}
	strbuf_free(&in);
	strbuf_free(&want);
	strbuf_free(&out);
}

static int
fault_of(const char *bytes, size_t n)
{
	struct strbuf in = {0}, out = {0};
	int code = -1;

	strbuf_add(&in, bytes, n);
	for (size_t step = 1; step <= n; step++) {
		struct wsin w = {0};

		through(&w, &in, step, &out);
		CHECK(code == -1 || code == got.fault);
		CHECK(!got.fault == !got.what);
		code = got.fault;
		wsin_free(&w);
	}
	strbuf_free(&in);
	strbuf_free(&out);
	return code;
}
#define FAULT(s) fault_of(s, sizeof(s) - 1)

static void
faults(void)
{
	CHECK(FAULT("\x81\x80\0\0\0\0") == 0);
	CHECK(FAULT("\x81\x01x") == 1002);
	CHECK(FAULT("\xc1\x80\0\0\0\0") == 1002);
	CHECK(FAULT("\x83\x80\0\0\0\0") == 1002);
	CHECK(FAULT("\x80\x80\0\0\0\0") == 1002);
	CHECK(FAULT("\x09\x80\0\0\0\0") == 1002);
	CHECK(FAULT("\x89\xfe\0\x7e\0\0\0\0") == 1002);
	CHECK(FAULT("\x81\xfe\0\x7d\0\0\0\0") == 1002);
	CHECK(FAULT("\x81\xff\0\0\0\0\0\0\xff\xff\0\0\0\0") == 1002);
	CHECK(FAULT("\x81\xff\x80") == 1002);
	CHECK(FAULT("\x81\xff\0\0\0\0\0\1\0\0\0\0\0\0") == 1009);
	CHECK(FAULT("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0") == 1009);
	CHECK(FAULT("\x01\x80\0\0\0\0\x01\x80\0\0\0\0") == 1002);
	CHECK(FAULT("\x88\x81\0\0\0\0\3") == 1002);
	CHECK(FAULT("\x88\x82\0\0\0\0\3\xed") == 1002);
	CHECK(FAULT("\x88\x83\0\0\0\0\3\xe8\xff") == 1007);
}

static void
closing(void)
{
	struct strbuf in = {0}, out = {0};
	struct wsin w = {0};

	add(&in, 0x88, "\3\xe8" "bye", 5);
	add(&in, 0x81, "late", 4);
	through(&w, &in, 1, &out);
	CHECK(got.closed == 1000 && w.ended && !out.len);
	w = (struct wsin){0};
	strbuf_reset(&in);
	add(&in, 0x88, "", 0);
	through(&w, &in, in.len, &out);
	CHECK(got.closed == WSIN_NO_STATUS);
	strbuf_free(&in);
	strbuf_free(&out);
	CHECK(wsin_close_code(1000) && wsin_close_code(1014) && wsin_close_code(4999));
	CHECK(!wsin_close_code(999) && !wsin_close_code(1005) && !wsin_close_code(1015) && !wsin_close_code(2999) && !wsin_close_code(5000));
}

static void
compression(void)
{
	struct strbuf in = {0}, out = {0};
	struct wsin w = {.compressed = true};

	add(&in, 0x41, "x", 1);
	add(&in, 0x80, "y", 1);
	through(&w, &in, in.len, &out);
	CHECK(!got.fault);
	strbuf_reset(&in);
	add(&in, 0xc9, "x", 1);
	through(&w, &in, in.len, &out);
	CHECK(got.fault == 1002);	/* a control frame is never compressed */
	w = (struct wsin){.compressed = true};
	strbuf_reset(&in);
	add(&in, 0x01, "x", 1);
	add(&in, 0xc0, "y", 1);
	through(&w, &in, in.len, &out);
	CHECK(got.fault == 1002);	/* nor does a message turn so in its middle */
	strbuf_free(&in);
	strbuf_free(&out);
}

static void
long_messages(void)
{
	struct strbuf in = {0}, out = {0};
	struct wsin w = {0};
	char x[125] = {0};

	for (int i = 0; i < 8; i++)
		add(&in, i ? 0x00 : 0x01, x, 125);
	through(&w, &in, 100, &out);
	CHECK(!got.fault && out.len == in.len);
	strbuf_reset(&in);
	add(&in, 0x80, x, 1);
	through(&w, &in, 100, &out);
	CHECK(got.fault == 1009);
	strbuf_free(&in);
	strbuf_free(&out);
}

int
main(void)
{
	control_ends_here_data_goes_on();
	faults();
	closing();
	compression();
	long_messages();
	strbuf_free(&got.pings);
	return check_done();
}
