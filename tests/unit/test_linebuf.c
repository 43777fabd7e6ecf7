#include <stdlib.h>

#include "check.h"
#include "lib/linebuf.h"
#include "lib/strbuf.h"

enum { MAX = 10 };

/* What comes out when text goes in, step bytes at a time: lines joined by '|', behind ':' the counts. */
static char *
split(const char *text, size_t len, size_t step, size_t max)
{
	static struct strbuf out;
	struct linebuf lb;
	size_t n, room, got;
	char *p, *line;

	strbuf_reset(&out);
	linebuf_init(&lb, max);
	for (size_t at = 0; at < len; at += got) {
		p = linebuf_space(&lb, &room);
		CHECK(room >= 4096);
		got = len - at < step ? len - at : step;
		if (got > room)
			got = room;
		memcpy(p, text + at, got);
		linebuf_filled(&lb, got);
		while (linebuf_next(&lb, &line, &n)) {
			CHECK(line[n] == '\n');
			strbuf_add(&out, line, n);
			strbuf_addc(&out, '|');
		}
	}
	if (linebuf_rest(&lb, &line, &n)) {
		strbuf_add(&out, line, n);
		strbuf_addc(&out, '$');
	}
	CHECK(!linebuf_rest(&lb, &line, &n) && !linebuf_next(&lb, &line, &n) && linebuf_pending(&lb) == 0);
	strbuf_addf(&out, ":%llu,%llu,%llu", (unsigned long long)lb.lines, (unsigned long long)lb.toolong,
	    (unsigned long long)lb.skipped_bytes);
	linebuf_free(&lb);
	return out.s;
}

static const struct {
	const char *text, *want;
} cases[] = {
	{"", ":0,0,0"},
	{"\n", "|:1,0,0"},
	{"a\nbc\n", "a|bc|:2,0,0"},
	{"a\r\n\r\n", "a\r|\r|:2,0,0"},
	{"a\nrest", "a|rest$:2,0,0"},
	{"0123456789\nb\n", "0123456789|b|:2,0,0"},
	{"0123456789x\nb\n", "b|:1,1,11"},
	{"0123456789", "0123456789$:1,0,0"},
	{"0123456789x", ":0,1,11"},
	{"0123456789xyzzyzzyzzyzzyzzyzzyzzy\nb\nc", "b|c$:2,1,33"},
	{"0123456789xyzzyzzyzzy\n0123456789xyzzyzzyzzy\n\nb\n", "|b|:2,2,42"},
	{"a\n0123456789xyzzyzzyzzy", "a|:1,1,21"},
};

static void
nul_bytes(void)
{
	struct linebuf lb;
	size_t n, room;
	char *line;

	linebuf_init(&lb, MAX);
	CHECK(!linebuf_next(&lb, &line, &n) && !linebuf_rest(&lb, &line, &n));
	memcpy(linebuf_space(&lb, &room), "a\0b\n\0\n", 6);
	linebuf_filled(&lb, 6);
	CHECK(linebuf_next(&lb, &line, &n) && n == 3 && !memcmp(line, "a\0b", 3));
	CHECK(linebuf_pending(&lb) == 2);
	CHECK(linebuf_next(&lb, &line, &n) && n == 1 && !*line);
	linebuf_free(&lb);
}

/* Runs of lines: all that lie side by side, none across a line that is too long. */
static void
runs(void)
{
	static const char text[] = "a\nbc\n\n0123456789x\nd\ne\n0123456789xyz\n0123456789xyz\nf\ng";
	struct linebuf lb;
	size_t n, room;
	char *p;

	linebuf_init(&lb, MAX);
	CHECK(!linebuf_run(&lb, &p, &n));
	memcpy(linebuf_space(&lb, &room), text, sizeof text - 1);
	linebuf_filled(&lb, sizeof text - 1);
	CHECK(linebuf_run(&lb, &p, &n) && n == 6 && !memcmp(p, "a\nbc\n\n", n));
	CHECK(linebuf_run(&lb, &p, &n) && n == 4 && !memcmp(p, "d\ne\n", n));
	CHECK(linebuf_run(&lb, &p, &n) && n == 2 && !memcmp(p, "f\n", n));
	CHECK(!linebuf_run(&lb, &p, &n) && lb.lines == 6 && lb.toolong == 3 && lb.skipped_bytes == 37);
	CHECK(linebuf_rest(&lb, &p, &n) && n == 1 && *p == 'g' && lb.lines == 7);
	linebuf_free(&lb);
}

/* 100 MB without a newline: memory stays a bit over max. */
static void
endless_line(void)
{
	struct linebuf lb;
	size_t n, room, most = 0, fed = 0;
	char *line, *p;

	linebuf_init(&lb, LINE_MAX_BYTES);
	while (fed < 100 << 20) {
		p = linebuf_space(&lb, &room);
		memset(p, 'x', room);
		linebuf_filled(&lb, room);
		fed += room;
		CHECK(!linebuf_next(&lb, &line, &n));
		if (lb.cap > most)
			most = lb.cap;
	}
	CHECK(most <= LINE_MAX_BYTES + 16384);
	CHECK(lb.toolong == 1 && linebuf_pending(&lb) == 0);
	memcpy(linebuf_space(&lb, &room), "\ngood\n", 6);
	linebuf_filled(&lb, 6);
	CHECK(linebuf_next(&lb, &line, &n) && n == 4 && !memcmp(line, "good\n", 5));
	CHECK(lb.skipped_bytes == fed && lb.lines == 1);
	linebuf_free(&lb);
}

int
main(void)
{
	static const size_t steps[] = {1, 2, 3, 5, 7, 11, 100, 10000};
	struct strbuf big = {0};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		for (size_t s = 0; s < sizeof steps / sizeof steps[0]; s++)
			CHECK_STR(split(cases[i].text, strlen(cases[i].text), steps[s], MAX), cases[i].want);
	nul_bytes();
	runs();
	endless_line();
	for (int i = 0; i < 3; i++)	/* lines far over the first size of the buffer */
		for (int j = 0; j < 300001; j++)
			strbuf_addc(&big, j == 300000 ? '\n' : (char)('a' + i));
	for (size_t step = 4096; step < 70000; step += 9973)
		CHECK(!strncmp(split(big.s, big.len, step, LINE_MAX_BYTES) + 900000 + 3, ":3,0,0", 7));
	strbuf_free(&big);
	return check_done();
}
