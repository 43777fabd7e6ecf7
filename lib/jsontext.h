#ifndef KATO_JSONTEXT_H
#define KATO_JSONTEXT_H

/* The letters of JSON text, shared by jsoncheck.c and json.c; nobody else's business. Inline: it is all done for each byte. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Behind white space. */
static inline const char *
jsontext_space(const char *p, const char *end)
{
	while (p < end && (unsigned char)*p <= ' ' && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	return p;
}

static inline int
jsontext_is_plain(char c)
{
	return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

/* Behind plain ASCII of a string: at a quote, a backslash, a control character, a byte above 0x7f, or end. */
static inline const char *
jsontext_plain(const char *p, const char *end)
{
#ifdef __SSE2__
	for (; end - p >= 16; p += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"')), slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
		__m128i odd = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20));	/* signed: above 0x7f is below 0 */
		int at = _mm_movemask_epi8(_mm_or_si128(odd, _mm_or_si128(quote, slash)));

		if (at)
			return p + __builtin_ctz((unsigned)at);
	}
#endif
	while (p < end && jsontext_is_plain(*p))
		p++;
	return p;
}

/* The escape at p (a backslash): its length and code point, surrogate pairs joined; 0: not one. */
size_t jsontext_escape(const char *p, const char *end, uint32_t *code);

#endif
