#include <stdbool.h>
#include <string.h>

#include "lib/jsontext.h"

/* What a byte is inside a string: 0 plain ASCII, 1 ends or breaks the run, 2 first byte of a longer character. */
#define C16(v) v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v
static const unsigned char instring[256] = {
	C16(1), C16(1), [0x20] = 0, ['"'] = 1, ['\\'] = 1,
	[0x80] = C16(2), C16(2), C16(2), C16(2), C16(2), C16(2), C16(2), C16(2),
};

const char *
jsontext_space(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	return p;
}

/* Eight bytes at once hold neither a quote, a backslash, a control character nor a byte above 0x7f. */
static bool
all_plain(const char *p)
{
	const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
	uint64_t w, quote, slash;

	memcpy(&w, p, 8);
	quote = w ^ ones * '"';
	slash = w ^ ones * '\\';
	return !((w | (w - ones * 0x20) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) & high);
}

const char *
jsontext_plain(const char *p, const char *end)
{
	while (end - p >= 8 && all_plain(p))
		p += 8;
	while (p < end && !instring[(unsigned char)*p])
		p++;
	return p;
}

static int
hex4(const char *p, const char *end)
{
	int v = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = p[i];
		int d = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;

		if (d < 0)
			return -1;
		v = v << 4 | d;
	}
	return v;
}

size_t
jsontext_escape(const char *p, const char *end, uint32_t *code)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;
	int hi, lo;

	if (end - p < 2)
		return 0;
	if (p[1] != 'u') {
		at = p[1] ? strchr(from, p[1]) : NULL;
		if (!at)
			return 0;
		*code = (unsigned char)to[at - from];
		return 2;
	}
	hi = hex4(p + 2, end);
	if (hi < 0 || (hi >= 0xdc00 && hi <= 0xdfff))
		return 0;
	*code = (uint32_t)hi;
	if (hi < 0xd800 || hi > 0xdfff)
		return 6;
	if (end - p < 12 || p[6] != '\\' || p[7] != 'u')
		return 0;
	lo = hex4(p + 8, end);
	if (lo < 0xdc00 || lo > 0xdfff)
		return 0;
	*code = 0x10000 + (((uint32_t)hi - 0xd800) << 10) + ((uint32_t)lo - 0xdc00);
	return 12;
}
