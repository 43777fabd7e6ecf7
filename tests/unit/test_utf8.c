#include "check.h"
#include "lib/utf8.h"

static const struct {
	const char *text;
	size_t len;	/* of its first character; 0: it is not one */
} firsts[] = {
	{"a", 1}, {"\x7f", 1},
	{"\xc2\x80", 2}, {"\xdf\xbf", 2}, {"\xe0\xa0\x80", 3}, {"\xed\x9f\xbf", 3}, {"\xee\x80\x80", 3}, {"\xef\xbf\xbf", 3},
	{"\xf0\x90\x80\x80", 4}, {"\xf4\x8f\xbf\xbf", 4},
	{"\x80", 0}, {"\xbf", 0}, {"\xc0\x80", 0}, {"\xc1\xbf", 0},	/* overlong */
	{"\xe0\x9f\xbf", 0}, {"\xf0\x8f\xbf\xbf", 0},			/* overlong */
	{"\xed\xa0\x80", 0}, {"\xed\xbf\xbf", 0},			/* surrogates */
	{"\xf4\x90\x80\x80", 0}, {"\xf5\x80\x80\x80", 0}, {"\xff", 0},	/* above U+10FFFF */
	{"\xc2", 0}, {"\xc2\x41", 0}, {"\xe2\x82", 0}, {"\xe2\x82\x41", 0}, {"\xe2\x41\xac", 0}, {"\xf0\x9f\x98", 0},
	{"\xf0\x9f\x98\x41", 0}, {"\xf0\x9f\x41\x80", 0},
};

/* Each code point, put and read back. */
static int
all_characters(void)
{
	char t[4];
	int wrong = 0;

	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		size_t n = utf8_put(c, t), want = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

		wrong += n != want || utf8_len(t, n) != (c >= 0xd800 && c <= 0xdfff ? 0 : n);
	}
	return wrong;
}

/* A bad byte is found wherever it lies among others. */
static void
everywhere(void)
{
	char t[40];

	for (size_t n = 1; n <= sizeof t; n++)
		for (size_t at = 0; at < n; at++) {
			memset(t, 'a', sizeof t);
			CHECK(utf8_valid(t, n));
			t[at] = '\x80';
			CHECK(!utf8_valid(t, n));
			if (at + 1 >= n)
				continue;
			t[at] = '\xc3';
			t[at + 1] = '\xa9';
			CHECK(utf8_valid(t, n) && !utf8_valid(t, at + 1));
		}
}

int
main(void)
{
	for (size_t i = 0; i < sizeof firsts / sizeof firsts[0]; i++) {
		size_t n = strlen(firsts[i].text);

		CHECK(utf8_len(firsts[i].text, n) == firsts[i].len);
		CHECK(utf8_valid(firsts[i].text, n) == (firsts[i].len == n));
	}
	CHECK(utf8_len("a", 0) == 0 && utf8_valid("", 0) && utf8_len("\0", 1) == 1 && utf8_valid("a\0b", 3));
	CHECK(all_characters() == 0);
	everywhere();
	return check_done();
}
