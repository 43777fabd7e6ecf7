#include <stdbool.h>
#include <string.h>

#include "lib/crc32c.h"

enum { POLYNOMIAL_BYTES = 8 };

/* table[k][b]: what a byte b, k bytes before the end of eight, adds. */
static uint32_t table[POLYNOMIAL_BYTES][256];
static bool filled;

static void
fill(void)
{
	const uint32_t reversed = 0x82f63b78;

	for (uint32_t b = 0; b < 256; b++) {
		uint32_t c = b;

		for (int i = 0; i < 8; i++)
			c = c & 1 ? c >> 1 ^ reversed : c >> 1;
		table[0][b] = c;
	}
	for (int k = 1; k < POLYNOMIAL_BYTES; k++)
		for (int b = 0; b < 256; b++)
			table[k][b] = table[k - 1][b] >> 8 ^ table[0][table[k - 1][b] & 255];
	filled = true;
}

uint32_t
crc32c(uint32_t crc, const void *data, size_t n)
{
	const unsigned char *p = data;

	if (!filled)
		fill();
	crc = ~crc;
	for (; n >= POLYNOMIAL_BYTES; n -= POLYNOMIAL_BYTES, p += POLYNOMIAL_BYTES) {
		crc ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
		crc = table[7][crc & 255] ^ table[6][crc >> 8 & 255] ^ table[5][crc >> 16 & 255] ^ table[4][crc >> 24] ^ table[3][p[4]] ^
		    table[2][p[5]] ^ table[1][p[6]] ^ table[0][p[7]];
	}
	for (; n; n--, p++)
		crc = crc >> 8 ^ table[0][(crc ^ *p) & 255];
	return ~crc;
}
