#ifndef KATO_UTF8_H
#define KATO_UTF8_H

/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the character at p (n of them are there), 0 if it is not one. */
size_t utf8_len(const char *p, size_t n);
bool utf8_valid(const char *p, size_t n);
/* Writes code point c (at most U+10FFFF) to out; the number of bytes, 1 to 4. */
size_t utf8_put(uint32_t c, char out[4]);

#endif
