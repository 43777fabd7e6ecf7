#include <math.h>
#include <string.h>

#include "healthd/windowtext.h"

enum { BUCKET_BYTES = 19, ROOM = WINDOW_MINUTES * BUCKET_BYTES + 2 };

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static unsigned char *
put(unsigned char *p, uint64_t v, int bytes)
{
	while (bytes--)
		*p++ = (unsigned char)(v >> 8 * bytes);
	return p;
}

static const unsigned char *
get(const unsigned char *p, uint64_t *v, int bytes)
{
	for (*v = 0; bytes--; p++)
		*v = *v << 8 | *p;
	return p;
}

void
windowtext_add(const struct window *w, struct strbuf *out)
{
	unsigned char bytes[ROOM] = {0}, *p = bytes;
	char text[ROOM / 3 * 4 + 4], *t = text;

	for (int i = 0; i < w->n; i++) {
		double sum = w->v[i].sum, max = w->v[i].max;
		uint64_t bits;

		p = put(p, (uint64_t)(w->newest - window_minute(w, i)), 1);
		p = put(p, w->v[i].n, 2);
		memcpy(&bits, &sum, sizeof bits);
		p = put(p, bits, 8);
		memcpy(&bits, &max, sizeof bits);
		p = put(p, bits, 8);
	}
	for (const unsigned char *q = bytes; q < p; q += 3) {
		uint32_t three = (uint32_t)q[0] << 16 | (uint32_t)q[1] << 8 | q[2];

		for (int shift = 18; shift >= 0; shift -= 6)
			*t++ = letters[three >> shift & 63];
	}
	strbuf_addf(out, "[%d,\"", w->n ? (int)w->newest : 0);
	strbuf_add(out, text, (size_t)(t - text));
	strbuf_adds(out, "\"]");
}

/* How many bytes the letters are; -1: they are none, or too many. */
static int
bytes_of(struct span s, unsigned char *bytes)
{
	int n = 0;

	if (s.len % 4 || s.len / 4 * 3 > ROOM)
		return -1;
	for (size_t i = 0; i < s.len; i += 4) {
		uint32_t three = 0;

		for (size_t k = i; k < i + 4; k++) {
			const char *at = s.p[k] ? strchr(letters, s.p[k]) : NULL;

			if (!at)
				return -1;
			three = three << 6 | (uint32_t)(at - letters);
		}
		put(bytes + n, three, 3);
		n += 3;
	}
	return n;
}

static bool
take_buckets(const unsigned char *p, int n, int32_t newest, struct window *w)
{
	for (; n >= BUCKET_BYTES; n -= BUCKET_BYTES) {
		uint64_t before, count, sum_bits, max_bits;
		double sum, max;

		p = get(get(get(get(p, &before, 1), &count, 2), &sum_bits, 8), &max_bits, 8);
		memcpy(&sum, &sum_bits, sizeof sum);
		memcpy(&max, &max_bits, sizeof max);
		if (!isfinite(sum) || !isfinite(max) || !window_put(w, newest - (int32_t)before, sum, max, (uint16_t)count))
			return false;
	}
	return !w->n || w->newest == newest;
}

bool
windowtext_take(struct span value, struct window *w)
{
	unsigned char bytes[ROOM + 3];
	struct json_iter it = json_iter(value);
	struct span newest, text;
	double minute;
	int n;

	if (!json_is(value, '[') || !json_next_element(&it, &newest) || !json_number(newest, &minute) || fabs(minute) > 2e9 ||
	    !json_next_element(&it, &text) || !json_is(text, '"'))
		return false;
	n = bytes_of((struct span){text.p + 1, text.len - 2}, bytes);
	if (n >= 0 && take_buckets(bytes, n, (int32_t)minute, w))
		return true;
	window_free(w);
	return false;
}
