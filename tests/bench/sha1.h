#ifndef BENCH_SHA1_H
#define BENCH_SHA1_H

/* SHA-1 (FIPS 180-4, 6.1), for the one thing it is still good for: the handshake of RFC 6455. */

#include <stddef.h>

enum { SHA1_BYTES = 20, ACCEPT_LEN = 28 };

void sha1(const void *, size_t, unsigned char out[SHA1_BYTES]);
/* The Sec-WebSocket-Accept of a Sec-WebSocket-Key (RFC 6455 4.2.2), and a NUL. */
void sha1_accept(const char *key, size_t len, char out[ACCEPT_LEN + 1]);

#endif
