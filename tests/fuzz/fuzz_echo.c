/*
 * Filters that die at any byte. An honest one, which passes on each line and adds the same lines behind it each time it
 * is asked, must look from behind as if it had never died. One that writes what it likes must do no harm.
 */

#include <stdlib.h>
#include <string.h>

#include "katoctl/echo.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

enum { MOST = 1 << 16 };

struct bytes {
	char s[MOST];
	size_t n;
};

static struct hop hop;
static struct echo echo;
static struct bytes given, wrote, behind, want;	/* to this process, by it; handed on; as it should be */
static size_t worked, taken;	/* of given, of wrote */

static void
must(int good)
{
	if (!good)
		abort();
}

static void
add(struct bytes *b, const char *p, size_t n)
{
	must(b->n + n <= sizeof b->s);
	memcpy(b->s + b->n, p, n);
	b->n += n;
}

/* The line and what belongs behind it. */
static void
work(struct bytes *to, const char *line, size_t n)
{
	add(to, line, n);
	for (int i = line[0] % 4; i > 0; i--) {
		add(to, "+", 1);
		add(to, &"0123"[i % 3], 1);
		add(to, line, n);
	}
}

static void
check_hop(void)
{
	const char *p;
	size_t n;

	must(hop.start + hop.open <= hop.end && hop.start <= hop.line && hop.line <= hop.sent && hop.sent <= hop.end);
	must(hop.lines == hop_count(hop.buf ? hop.buf + hop.start : "", hop.end - hop.start));
	must(hop.given == hop_count(hop.buf ? hop.buf + hop.start : "", hop.line - hop.start));
	must(!hop_unechoed(&hop, &p, &n) || p[n - 1] == '\n');
}

/* Whole lines of what was written, up to the end of so many bytes. */
static bool
take(size_t n)
{
	const char *nl = n ? memrchr(wrote.s + taken, '\n', n) : NULL;
	size_t end = nl ? (size_t)(nl + 1 - wrote.s) : taken;

	while (taken < end) {
		struct echo_piece piece = echo_take(&echo, &hop, wrote.s + taken, end - taken);

		check_hop();
		if (piece.what == ECHO_BROKEN)
			return false;
		must(piece.bytes && piece.bytes <= end - taken && piece.lines);
		if (piece.what == ECHO_ON)
			add(&behind, wrote.s + taken, piece.bytes);
		taken += piece.bytes;
	}
	return true;
}

static void
come(unsigned char c, unsigned number)
{
	char line[300];
	size_t n = 0;

	line[n++] = (char)('a' + c % 26);
	for (unsigned i = number; i || n < 2; i /= 10)	/* no two alike */
		line[n++] = (char)('0' + i % 10);
	memset(line + n, '.', c);
	n += c;
	line[n++] = '\n';
	hop_put(&hop, line, n, 1);
	work(&want, line, n);
}

static void
give(size_t most)
{
	const char *p;
	size_t n;

	if (!hop_unsent(&hop, &p, &n))
		return;
	n = n < most ? n : most;
	add(&given, p, n);
	hop_wrote(&hop, n);
}

static void
think(void)
{
	const char *line = given.s + worked, *nl = memchr(line, '\n', given.n - worked);

	if (!nl)
		return;
	work(&wrote, line, (size_t)(nl + 1 - line));
	worked = (size_t)(nl + 1 - given.s);
}

static void
die(void)
{
	hop_again(&hop);
	echo_again(&echo, &hop);
	given.n = wrote.n = worked = taken = 0;
}

static bool
enough(void)
{
	return want.n > MOST / 8 || behind.n > MOST / 2 || wrote.n > MOST / 2 || given.n > MOST / 2;
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	bool honest = size && data[0] & 1, good = true;

	given.n = wrote.n = behind.n = want.n = worked = taken = 0;
	hop_init(&hop, 1000, 100);
	echo_init(&echo, &hop);
	for (size_t i = 1; good && i + 1 < size && !enough(); i += 2) {
		switch (data[i] % 6) {
		case 0: come(data[i + 1], (unsigned)i); break;
		case 1: give(data[i + 1]); break;
		case 2: think(); break;
		case 3: good = take(wrote.n - taken < data[i + 1] ? wrote.n - taken : data[i + 1]); break;
		case 4: if (data[i + 1] > 200) die(); break;
		default: if (!honest) add(&wrote, data[i + 1] % 3 ? "a1.\n" : "b", data[i + 1] % 3 ? 4 : 1); break;
		}
		check_hop();
	}
	if (honest && !enough()) {
		must(good);
		die();
		give(SIZE_MAX);
		while (worked < given.n)
			think();
		must(take(wrote.n));
		must(behind.n == want.n && !memcmp(behind.s, want.s, want.n));
	}
	hop_free(&hop);
	echo_free(&echo);
	return 0;
}
