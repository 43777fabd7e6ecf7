#include <string.h>

#include "lib/utf8.h"

size_t
utf8_len(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;
	unsigned char lo = 0x80, hi = 0xbf;
	size_t w, i;

	if (!n)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	w = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (n < w)
		return 0;
	switch (p[0]) {	/* RFC 3629 section 4: only the second byte's range varies */
	case 0xe0: lo = 0xa0; break;
	case 0xed: hi = 0x9f; break;
	case 0xf0: lo = 0x90; break;
	case 0xf4: hi = 0x8f; break;
	}
	if (p[1] < lo || p[1] > hi)
		return 0;
	for (i = 2; i < w; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return w;
}

bool
utf8_valid(const char *p, size_t n)
{
	uint64_t word;
	size_t w;

	while (n) {
		while (n >= 8) {
			memcpy(&word, p, 8);
			if (word & 0x8080808080808080u)
				break;
			p += 8;
			n -= 8;
		}
		if (!n)
			break;
		w = utf8_len(p, n);
		if (!w)
			return false;
		p += w;
		n -= w;
	}
	return true;
}

size_t
utf8_put(uint32_t c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}
