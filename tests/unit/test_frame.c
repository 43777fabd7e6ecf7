#include "broadcaster/frame.h"

#include "check.h"

static void
headers(void)
{
	static const struct {
		size_t n, len;
		unsigned char head[FRAME_HEADER_MAX];
	} t[] = {
		{0, 2, {0x81, 0}},
		{1, 2, {0x81, 1}},
		{125, 2, {0x81, 125}},
		{126, 4, {0x81, 126, 0, 126}},
		{65535, 4, {0x81, 126, 0xff, 0xff}},
		{65536, 10, {0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0}},
		{0x1234567, 10, {0x81, 127, 0, 0, 0, 0, 0x01, 0x23, 0x45, 0x67}},
	};

	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		unsigned char out[FRAME_HEADER_MAX];

		CHECK(frame_header(FRAME_TEXT, t[i].n, out) == t[i].len);
		CHECK(!memcmp(out, t[i].head, t[i].len));
	}
}

static void
whole_frames(void)
{
	struct frame *f = frame_new(FRAME_TEXT, "pong", "{}", 2), *same;

	CHECK(f->len == 4 && !memcmp(frame_bytes(f), "\x81\x02{}", 4) && f->messages == 1);
	same = frame_ref(f);
	frame_unref(f);
	CHECK(same->refs == 1);
	frame_unref(same);
	f = frame_new(FRAME_PING, NULL, "kato", 4);
	CHECK(f->len == 6 && frame_bytes(f)[0] == 0x89 && f->messages == 0);
	frame_unref(f);
	frame_unref(NULL);
}

static void
closes(void)
{
	char reason[300];
	struct frame *f = frame_close(4108, "slow");

	CHECK(f->len == 8 && !memcmp(frame_bytes(f), "\x88\x06\x10\x0cslow", 8));
	frame_unref(f);
	memset(reason, 'x', sizeof reason - 1);
	reason[sizeof reason - 1] = '\0';
	f = frame_close(1000, reason);
	CHECK(f->len == 2 + 125 && frame_bytes(f)[1] == 125);
	frame_unref(f);
	/* a character that would not fit whole is left out */
	memcpy(reason + 122, "\xc3\xa4", 2);
	f = frame_close(1000, reason);
	CHECK(frame_bytes(f)[1] == 124);
	frame_unref(f);
}

static void
joined(void)
{
	struct frames l = {0};
	struct frame *all;

	frames_add(&l, frame_new(FRAME_TEXT, "a", "1", 1));
	all = frame_join(l.v, 1);
	CHECK(all == l.v[0] && all->refs == 2);
	frame_unref(all);
	frames_add(&l, frame_new(FRAME_TEXT, "b", "23", 2));
	l.v[0]->ms = 7;
	l.v[1]->ms = 5;
	CHECK(l.bytes == 7 && l.v[0]->serial != l.v[1]->serial);
	all = frame_join(l.v, 2);
	CHECK(all->len == 7 && !memcmp(frame_bytes(all), "\x81\x01" "1\x81\x02" "23", 7));
	CHECK(all->messages == 2 && all->ms == 5 && all->type == NULL);
	frame_unref(all);
	frames_free(&l);
	CHECK(l.n == 0 && l.bytes == 0);
}

static void
event(const char *id, const char *payload, const char *want)
{
	struct frame *f = frame_new_event(id, "t", payload, strlen(payload));

	CHECK(f->len == strlen(want) && !memcmp(frame_bytes(f), want, f->len));
	CHECK(f->messages == 1 && !strcmp(f->type, "t"));
	frame_unref(f);
}

/* Whatever a line of the payload ends with, a reader of the stream gets it back as a line of the same message. */
static void
events(void)
{
	event(NULL, "{}", "data: {}\n\n");
	event("aB3:17", "{\"a\":1}", "id: aB3:17\ndata: {\"a\":1}\n\n");
	event(NULL, "", "data: \n\n");
	event(NULL, "{\r\"a\":\n1}", "data: {\ndata: \"a\":\ndata: 1}\n\n");
	event("e:1", "{}\r\n", "id: e:1\ndata: {}\ndata: \ndata: \n\n");
	event(NULL, " {}", "data:  {}\n\n");
}

static void
cache(void)
{
	struct frame_cache c = {0};
	struct frame *f;

	CHECK(frame_cache_get(&c, 1) == NULL);
	for (uint64_t i = 0; i < 1000; i++) {
		f = frame_new(FRAME_TEXT, NULL, &i, sizeof i);
		frame_cache_put(&c, frame_key(7, i), f);
		frame_unref(f);
	}
	for (uint64_t i = 0; i < 1000; i++) {
		f = frame_cache_get(&c, frame_key(7, i));
		CHECK(f && !memcmp(frame_bytes(f) + 2, &i, sizeof i));
		frame_unref(f);
	}
	CHECK(frame_cache_get(&c, frame_key(8, 1)) == NULL);
	f = frame_new(FRAME_TEXT, NULL, "new", 3);
	frame_cache_put(&c, frame_key(7, 1), f);
	CHECK(c.n == 1000 && f->refs == 2);
	frame_cache_clear(&c);
	CHECK(f->refs == 1 && frame_cache_get(&c, frame_key(7, 1)) == NULL);
	frame_unref(f);
	frame_cache_free(&c);
	CHECK(frame_key(1, 2) != frame_key(2, 1));
}

int
main(void)
{
	headers();
	whole_frames();
	closes();
	joined();
	events();
	cache();
	return check_done();
}
