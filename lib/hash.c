#include <endian.h>
#include <string.h>

#include "lib/hash.h"

/* An odd constant without structure: 2^64 over the golden ratio. */
#define SPREAD 0x9e3779b97f4a7c15u

static uint64_t
mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * SPREAD;
	return h ^ (h >> 32);
}

uint64_t
hash64(const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	uint64_t h = mix(SPREAD, n), word;

	for (; n >= sizeof word; p += sizeof word, n -= sizeof word) {
		memcpy(&word, p, sizeof word);
		h = mix(h, le64toh(word));
	}
	word = 0;
	if (n)
		memcpy(&word, p, n);
	h = mix(h, le64toh(word));
	return mix(h, h >> 29);
}

char *
hash_hex(uint64_t h, char out[HASH_HEX + 1])
{
	for (int i = HASH_HEX; i--; h >>= 4)
		out[i] = "0123456789abcdef"[h & 15];
	out[HASH_HEX] = '\0';
	return out;
}

int
hash_unhex(const char *p, uint64_t *out)
{
	uint64_t h = 0;

	for (int i = 0; i < HASH_HEX; i++) {
		char c = p[i];

		if (c >= '0' && c <= '9')
			h = h << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			h = h << 4 | (uint64_t)(c - 'a' + 10);
		else
			return -1;
	}
	*out = h;
	return 0;
}
