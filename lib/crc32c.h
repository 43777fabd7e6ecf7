#ifndef KATO_CRC32C_H
#define KATO_CRC32C_H

/* CRC-32C (RFC 3720, appendix B.4): finds every change of up to 32 bits in a row. Pure. */

#include <stddef.h>
#include <stdint.h>

/* crc: of the bytes before, 0 for none. */
uint32_t crc32c(uint32_t crc, const void *, size_t);

#endif
