/* Frames of a client, at once and byte by byte: both tell the same, nothing more comes out than went in, and not after the end. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broadcaster/wsin.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

struct tale {
	uint32_t hash;
	bool ended;
};

static void
tell(struct tale *t, uint32_t v)
{
	if (t->ended)
		abort();
	t->hash = t->hash * 31 + v;
}

static void
ping(void *arg, const unsigned char *p, size_t n)
{
	if (n > WSIN_CONTROL_MAX)
		abort();
	tell(arg, 1);
	while (n--)
		tell(arg, *p++);
}

static void
pong(void *arg)
{
	tell(arg, 2);
}

static void
closed(void *arg, int code)
{
	tell(arg, (uint32_t)code);
	((struct tale *)arg)->ended = true;
}

static void
fault(void *arg, int code, const char *what)
{
	tell(arg, (uint32_t)code + (uint32_t)strlen(what));
	((struct tale *)arg)->ended = true;
}

static const struct wsin_ops ops = {4096, ping, pong, closed, fault};

static struct tale
run(const unsigned char *data, size_t len, size_t step, unsigned char *out, size_t *n)
{
	struct wsin w = {.compressed = len & 1};
	struct tale t = {0};

	*n = 0;
	for (size_t at = 0; at < len; at += step) {
		size_t some = len - at < step ? len - at : step, kept;

		memcpy(out + *n, data + at, some);
		kept = wsin_take(&w, out + *n, some, &ops, &t);
		if (kept > some)
			abort();
		*n += kept;
	}
	if (w.ended != t.ended)
		abort();
	wsin_free(&w);
	return t;
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	unsigned char *a = malloc(len + 1), *b = malloc(len + 1);
	size_t na, nb;
	struct tale ta = run(data, len, len ? len : 1, a, &na), tb = run(data, len, 1, b, &nb);

	if (ta.hash != tb.hash || ta.ended != tb.ended || na != nb || memcmp(a, b, na) != 0)
		abort();
	free(a);
	free(b);
	return 0;
}
