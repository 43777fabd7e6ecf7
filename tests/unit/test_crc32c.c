#include <stdint.h>

#include "check.h"
#include "lib/crc32c.h"

int
main(void)
{
	unsigned char b[64] = {0};
	uint32_t whole;

	/* RFC 3720, appendix B.4 */
	CHECK(crc32c(0, b, 32) == 0x8a9136aa);
	memset(b, 0xff, 32);
	CHECK(crc32c(0, b, 32) == 0x62a8ab43);
	for (unsigned char i = 0; i < 32; i++)
		b[i] = i;
	CHECK(crc32c(0, b, 32) == 0x46dd794e);
	CHECK(crc32c(0, "123456789", 9) == 0xe3069283);
	CHECK(crc32c(0, "", 0) == 0);
	/* in pieces as in one */
	whole = crc32c(0, b, 31);
	for (size_t n = 0; n <= 31; n++)
		CHECK(crc32c(crc32c(0, b, n), b + n, 31 - n) == whole);
	for (unsigned bit = 0; bit < 31 * 8; bit++) {
		b[bit / 8] ^= (unsigned char)(1 << bit % 8);
		CHECK(crc32c(0, b, 31) != whole);
		b[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	return check_done();
}
