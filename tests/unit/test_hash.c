#include "check.h"
#include "lib/hash.h"

int
main(void)
{
	char hex[HASH_HEX + 1], bytes[40] = "";
	uint64_t got, seen[2 * sizeof bytes];
	size_t n = 0;

	/* kept in files: these never change */
	CHECK(hash64("", 0) != hash64("\0", 1));
	CHECK_STR(hash_hex(0x0123456789abcdef, hex), "0123456789abcdef");
	CHECK(hash_unhex("0123456789abcdef", &got) == 0 && got == 0x0123456789abcdef);
	CHECK(hash_unhex("0123456789abcdeF", &got) < 0);
	CHECK(hash_unhex("0123456789abcde", &got) < 0);
	CHECK(hash_unhex(hash_hex(hash64("a line", 6), hex), &got) == 0 && got == hash64("a line", 6));
	/* each length, and each byte of it, counts */
	for (size_t len = 0; len < sizeof bytes; len++) {
		seen[n++] = hash64(bytes, len);
		bytes[len] = 1;
		seen[n++] = hash64(bytes, len + 1);
		bytes[len] = 0;
	}
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			CHECK(seen[i] != seen[j]);
	return check_done();
}
