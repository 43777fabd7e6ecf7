#ifndef KATO_HASH_H
#define KATO_HASH_H

/*
 * 64 bits of any bytes, several GB a second; the same on every machine and in every version, as state files hold
 * them. For telling lines apart, not against somebody who wants two to be equal.
 */

#include <stddef.h>
#include <stdint.h>

enum { HASH_HEX = 16 };

uint64_t hash64(const void *, size_t);
/* 16 digits and a NUL; returns out. */
char *hash_hex(uint64_t, char out[HASH_HEX + 1]);
/* The 16 digits at p, lower case. Returns 0 on success, -1: not that. */
int hash_unhex(const char *p, uint64_t *out);

#endif
