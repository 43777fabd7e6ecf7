#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/strbuf.h"
#include "lib/utf8.h"
#include "lib/xalloc.h"

void
strbuf_free(struct strbuf *b)
{
	free(b->s);
	*b = (struct strbuf){0};
}

void
strbuf_reset(struct strbuf *b)
{
	b->len = 0;
	if (b->s)
		b->s[0] = '\0';
}

void
strbuf_reserve(struct strbuf *b, size_t more)
{
	size_t need;

	if (__builtin_add_overflow(b->len, more, &need) || __builtin_add_overflow(need, 1, &need))
		die(1, "out of memory");
	if (need <= b->cap)
		return;
	if (need < b->cap * 2)
		need = b->cap * 2;
	if (need < 64)
		need = 64;
	b->s = xrealloc(b->s, need);
	b->cap = need;
}

void
strbuf_add(struct strbuf *b, const void *p, size_t n)
{
	strbuf_reserve(b, n);
	if (n)
		memcpy(b->s + b->len, p, n);
	b->len += n;
	b->s[b->len] = '\0';
}

void
strbuf_adds(struct strbuf *b, const char *s)
{
	strbuf_add(b, s, strlen(s));
}

void
strbuf_addc(struct strbuf *b, char c)
{
	strbuf_add(b, &c, 1);
}

void
strbuf_addf(struct strbuf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	strbuf_reserve(b, 64);
	va_start(ap, fmt);
	n = vsnprintf(b->s + b->len, b->cap - b->len, fmt, ap);
	va_end(ap);
	if (n < 0)
		die(1, "printf: bad format");
	if ((size_t)n >= b->cap - b->len) {
		strbuf_reserve(b, (size_t)n);
		va_start(ap, fmt);
		vsnprintf(b->s + b->len, b->cap - b->len, fmt, ap);
		va_end(ap);
	}
	b->len += (size_t)n;
}

static void
add_escaped(struct strbuf *b, unsigned char c)
{
	static const char letters[32] = {['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};

	strbuf_addc(b, '\\');
	if (c == '"' || c == '\\')
		strbuf_addc(b, (char)c);
	else if (letters[c])
		strbuf_addc(b, letters[c]);
	else
		strbuf_addf(b, "u%04x", c);
}

void
strbuf_addjson(struct strbuf *b, const char *s, size_t n)
{
	size_t i = 0, plain = 0, w;

	strbuf_addc(b, '"');
	while (i < n) {
		unsigned char c = (unsigned char)s[i];

		w = c < 0x80 ? 1 : utf8_len(s + i, n - i);
		if (w && c >= 0x20 && c != '"' && c != '\\') {
			i += w;
			continue;
		}
		strbuf_add(b, s + plain, i - plain);
		if (w)
			add_escaped(b, c);
		else
			strbuf_adds(b, "\xef\xbf\xbd");
		plain = ++i;
	}
	strbuf_add(b, s + plain, i - plain);
	strbuf_addc(b, '"');
}

void
strbuf_addjsons(struct strbuf *b, const char *s)
{
	strbuf_addjson(b, s, strlen(s));
}

void
strbuf_addnum(struct strbuf *b, double v)
{
	char t[48];
	int p = fabs(v) < DBL_MIN ? 1 : 15;	/* a subnormal number has fewer digits to begin with */

	if (!isfinite(v)) {
		strbuf_adds(b, "null");
		return;
	}
	if (v == floor(v) && fabs(v) < 9007199254740992.0) {
		strbuf_addf(b, "%lld", (long long)v);
		return;
	}
	for (; p < 17; p++) {
		snprintf(t, sizeof t, "%.*g", p, v);
		if (strtod(t, NULL) == v)
			break;
	}
	strbuf_addf(b, "%.*g", p, v);
}

double
round_to(double v, int decimals)
{
	double scale = pow(10, decimals), r = round(v * scale) / scale;

	return isfinite(r) ? r + 0.0 : v;	/* + 0.0: no minus zero */
}

void
strbuf_addround(struct strbuf *b, double v, int decimals)
{
	strbuf_addnum(b, round_to(v, decimals));
}
