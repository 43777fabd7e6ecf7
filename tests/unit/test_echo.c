#include <stdlib.h>

#include "katoctl/echo.h"
#include "check.h"

static struct hop hop;
static struct echo echo;
static char out[4096];	/* what was handed on */
static uint64_t missed;
static bool broken;

static void
begin(size_t max_bytes)
{
	hop_init(&hop, max_bytes, 1000);
	echo_init(&echo, &hop);
	*out = '\0';
	broken = false;
}

static void
end(void)
{
	hop_free(&hop);
	echo_free(&echo);
}

/* Lines come, and the process is given all of them. */
static void
give(const char *s)
{
	const char *p;
	size_t n;

	hop_put(&hop, s, strlen(s), hop_count(s, strlen(s)));
	if (hop_unsent(&hop, &p, &n))
		hop_wrote(&hop, n);
}

static void
writes(const char *s)
{
	size_t n = strlen(s);

	while (n && !broken) {
		struct echo_piece piece = echo_take(&echo, &hop, s, n);

		if (piece.what == ECHO_BROKEN) {
			broken = true;
			missed = piece.missed;
		} else {
			CHECK(piece.bytes && piece.lines == hop_count(s, piece.bytes));
			if (piece.what == ECHO_ON)
				strncat(out, s, piece.bytes);
			s += piece.bytes;
			n -= piece.bytes;
		}
	}
}

static void
dies(void)
{
	const char *p;
	size_t n;

	hop_again(&hop);
	echo_again(&echo, &hop);
	if (hop_unsent(&hop, &p, &n))
		hop_wrote(&hop, n);
}

static void
dealt_with_by_the_next(void)
{
	begin(1000);
	give("a\nb\nc\n");
	writes("a\n");
	CHECK(hop.lines == 3 && hop_left(&hop) == 2 && hop.open == 2 && hop.gone == 0);
	writes("+a\nb\n");
	CHECK(hop.lines == 2 && hop.gone == 1);
	writes("c\n");
	CHECK(hop.lines == 1 && hop_left(&hop) == 0 && hop.gone == 2);
	CHECK_STR(out, "a\n+a\nb\nc\n");
	give("d\n");
	writes("d\n");
	CHECK(hop.lines == 1 && hop.gone == 3 && hop_bytes(&hop) == 2);
	end();
}

/* What a filter wrote before it died, what its successor writes, and what of all that is handed on. */
static const struct {
	const char *in, *first, *second, *want;
} deaths[] = {
	{"a\nb\nc\n", "", "a\nb\nc\n", "a\nb\nc\n"},
	{"a\nb\nc\n", "a\n", "a\nb\nc\n", "a\nb\nc\n"},
	{"a\nb\nc\n", "a\nb\n", "b\nc\n", "a\nb\nc\n"},
	{"a\nb\nc\n", "a\nb\nc\n", "c\n", "a\nb\nc\n"},
	{"a\nb\n", "a\n+1\n", "a\n+1\n+2\nb\n", "a\n+1\n+2\nb\n"},
	{"a\nb\n", "a\n+1\n+2\n", "a\n+1\n+2\nb\n", "a\n+1\n+2\nb\n"},
	{"a\nb\n", "a\n+1\n+2\n", "a\nb\n", "a\n+1\n+2\nb\n"},
	{"a\nb\n", "a\n+1\n+2\n", "a\n+1\n+3\nb\n", "a\n+1\n+2\n+3\nb\n"},
	{"a\nb\n", "a\n+1\n", "hello\na\n+1\nb\n", "a\n+1\nhello\nb\n"},
	{"a\nb\n", "hello\n", "hello\na\nb\n", "hello\na\nb\n"},
	{"a\nb\n", "a\n+1\n+1\n", "a\n+1\n+1\n+1\nb\n", "a\n+1\n+1\n+1\nb\n"},
	{"x\nx\nx\n", "x\nx\n", "x\nx\n", "x\nx\nx\n"},
	{"\n\n\n", "\n", "\n\n\n", "\n\n\n"},
	{"a\nab\nabc\n", "a\n", "a\nab\nabc\n", "a\nab\nabc\n"},
	{"a\nb\n", "a\nb\n+b\n", "b\n+b\n", "a\nb\n+b\n"},	/* what is added may stand in no line's way */
	{"a\nb\n", "a\nb\n", "b\nb\n", "a\nb\nb\n"},
};

static void
nothing_twice(void)
{
	for (size_t i = 0; i < sizeof deaths / sizeof deaths[0]; i++) {
		begin(1000);
		give(deaths[i].in);
		writes(deaths[i].first);
		dies();
		writes(deaths[i].second);
		CHECK(!broken);
		CHECK_STR(out, deaths[i].want);
		CHECK(hop_left(&hop) == 0);
		end();
	}
}

static void
dies_again_and_again(void)
{
	begin(1000);
	give("a\nb\n");
	writes("a\n+1\n");
	dies();
	writes("a\n");
	dies();
	dies();
	writes("a\n+1\n+2\n");
	dies();
	writes("a\n+1\n+2\nb\n");
	CHECK_STR(out, "a\n+1\n+2\nb\n");
	CHECK(!broken && hop_left(&hop) == 0);
	end();
}

static void
found_out(void)
{
	begin(1000);
	give("a\nb\nc\nd\n");
	writes("a\nd\n");
	CHECK(broken && missed == 2);
	CHECK_STR(out, "a\n");
	end();

	begin(1000);
	give("one\ntwo\nthree\n");
	writes("ONE\nTWO\nTHREE\n");
	CHECK(!broken);		/* any line may be an added one */
	CHECK_STR(out, "ONE\nTWO\nTHREE\n");
	CHECK(echo_swallowed(&echo, &hop) == 0);
	for (int i = 0; i <= ECHO_NEVER; i++)
		writes("more\n");
	CHECK(broken);
	end();

	begin(1000);
	for (int i = 0; i < 2 * ECHO_NEVER; i++)
		writes("hello\n");
	CHECK(!broken);		/* it was not given anything yet */
	end();

	begin(1000);
	give("a\nb\n");
	CHECK(echo_swallowed(&echo, &hop) == 2);
	writes("a\n");
	CHECK(echo_swallowed(&echo, &hop) == 1);
	end();
}

/* However many lines are added, however much is outstanding: looking for later ones costs no more than was echoed. */
static void
search_is_paid_for(void)
{
	begin(500);
	for (int i = 0; i < 200; i++)
		give("123456789\n");
	writes("+\n");
	CHECK(echo.credit == 0);
	for (int i = 0; i < 50; i++)
		writes("+\n");
	CHECK(echo.credit == 0 && !broken);
	writes("123456789\n");
	CHECK(echo.credit == 10);
	end();
}

static void
adds_without_end(void)
{
	begin(1000);
	give("a\nb\n");
	writes("a\n");
	for (int i = 0; i < ECHO_MAX_SEEN + 10; i++) {
		writes("+\n");
		*out = '\0';
	}
	CHECK(echo.nseen == ECHO_MAX_SEEN && !broken);
	dies();
	writes("a\n");
	for (int i = 0; i < ECHO_MAX_SEEN; i++)
		writes("+\n");
	CHECK_STR(out, "");
	writes("+\nb\n");
	CHECK_STR(out, "+\nb\n");
	end();
}

static void
an_open_line_keeps_no_room(void)
{
	hop_init(&hop, 4, 1);
	echo_init(&echo, &hop);
	*out = '\0';
	broken = false;
	give("abcdef\n");
	CHECK(hop_full(&hop));
	writes("abcdef\n");
	CHECK(!hop_full(&hop));
	give("b\n");
	CHECK(hop_full(&hop));
	writes("b\n");
	CHECK_STR(out, "abcdef\nb\n");
	CHECK(hop_drop(&hop) == 2 && hop_drop(&hop) == 0 && hop.lines == 0);
	echo_forget(&echo);
	give("c\n");
	writes("c\n");
	CHECK_STR(out, "abcdef\nb\nc\n");
	end();
}

/* Runs longer than a block that differ late. */
static void
long_lines(void)
{
	char *line = malloc(20001);
	struct echo_piece piece;

	memset(line, 'x', 20000);
	line[9999] = line[19999] = '\n';
	line[20000] = '\0';
	begin(100000);
	give(line);
	line[15000] = 'y';
	piece = echo_take(&echo, &hop, line, 20000);
	CHECK(piece.what == ECHO_ON && piece.bytes == 10000 && piece.lines == 1);
	piece = echo_take(&echo, &hop, line + 10000, 10000);
	CHECK(piece.what == ECHO_ON && piece.bytes == 10000 && hop_left(&hop) == 1);
	end();
	free(line);
}

int
main(void)
{
	dealt_with_by_the_next();
	nothing_twice();
	dies_again_and_again();
	found_out();
	search_is_paid_for();
	adds_without_end();
	an_open_line_keeps_no_room();
	long_lines();
	return check_done();
}
