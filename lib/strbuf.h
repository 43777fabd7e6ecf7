#ifndef KATO_STRBUF_H
#define KATO_STRBUF_H

/* A growing string, always NUL-terminated once something was added. {0} is an empty one. */

#include <stddef.h>
#include <stdint.h>

struct strbuf {
	char *s;	/* NULL until the first addition */
	size_t len;	/* without the NUL */
	size_t cap;
};

void strbuf_free(struct strbuf *);	/* and leaves it empty, ready for use */
void strbuf_reset(struct strbuf *);	/* len 0, memory kept */
void strbuf_reserve(struct strbuf *, size_t more);	/* room for more bytes behind len */

void strbuf_add(struct strbuf *, const void *, size_t);
void strbuf_adds(struct strbuf *, const char *);
void strbuf_addc(struct strbuf *, char);
void strbuf_addf(struct strbuf *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * JSON (RFC 8259). A string is quoted and escaped; bytes that are not UTF-8 become U+FFFD, so the
 * result is always valid. A number is printed with the fewest digits that read back as the same
 * double; one that is not finite has no JSON form: "null" is written, callers leave it out instead.
 */
void strbuf_addjson(struct strbuf *, const char *, size_t);
void strbuf_addjsons(struct strbuf *, const char *);
void strbuf_addnum(struct strbuf *, double);
/* Rounded half away from zero to that many decimals (0 to 9), without trailing zeros: 12.5, 3. */
void strbuf_addround(struct strbuf *, double, int decimals);
double round_to(double, int decimals);

#endif
