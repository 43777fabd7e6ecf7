#ifndef KATO_JSONTEXT_H
#define KATO_JSONTEXT_H

/* The letters of JSON text, shared by jsoncheck.c and json.c; nobody else's business. */

#include <stddef.h>
#include <stdint.h>

/* Behind white space. */
const char *jsontext_space(const char *p, const char *end);
/* Behind plain ASCII of a string: at a quote, a backslash, a control character, a byte above 0x7f, or end. */
const char *jsontext_plain(const char *p, const char *end);
/* The escape at p (a backslash): its length and code point, surrogate pairs joined; 0: not one. */
size_t jsontext_escape(const char *p, const char *end, uint32_t *code);

#endif
