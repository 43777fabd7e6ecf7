#include <stdlib.h>
#include <string.h>

#include "katoctl/echo.h"
#include "lib/hash.h"
#include "lib/xalloc.h"

enum { BLOCK = 4096 };

void
echo_init(struct echo *e, const struct hop *h)
{
	*e = (struct echo){.credit = h->max_bytes};
}

void
echo_free(struct echo *e)
{
	free(e->seen);
	*e = (struct echo){0};
}

void
echo_again(struct echo *e, const struct hop *h)
{
	e->repeat = h->open > 0;
	e->any = false;
	e->added = 0;
	e->at = 0;
	e->credit = h->max_bytes;
}

void
echo_forget(struct echo *e)
{
	e->repeat = false;
	e->nseen = e->at = 0;
}

/* How many bytes at the beginning are equal. */
static size_t
same(const char *a, const char *b, size_t n)
{
	size_t i = 0;

	if (!memcmp(a, b, n))
		return n;
	while (i + BLOCK <= n && !memcmp(a + i, b + i, BLOCK))
		i += BLOCK;
	while (a[i] == b[i])
		i++;
	return i;
}

/* As many bytes, whole lines, as are the next ones given. */
static size_t
echoed(const struct hop *h, const char *p, size_t n)
{
	const char *given, *last;
	size_t m, k;

	if (!hop_unechoed(h, &given, &m))
		return 0;
	m = m < n ? m : n;
	k = same(given, p, m);
	if (k == m)	/* both end with a line */
		return m;
	last = memrchr(p, '\n', k);
	return last ? (size_t)(last + 1 - p) : 0;
}

static struct echo_piece
take_echo(struct echo *e, struct hop *h, const char *p, size_t n)
{
	const char *given;
	size_t all;
	uint64_t lines;

	hop_unechoed(h, &given, &all);
	lines = n == all ? h->given - (h->open > 0) : hop_count(p, n);
	hop_echoed(h, n, lines);
	e->any = true;
	e->added = 0;
	e->nseen = e->at = 0;
	e->credit = h->max_bytes - e->credit > n ? e->credit + n : h->max_bytes;
	return (struct echo_piece){.what = ECHO_ON, .bytes = n, .lines = lines};
}

/* Is it a line given later? *missed: as many stand before it. Costs credit; without any it is not looked for. */
static bool
is_later(struct echo *e, const struct hop *h, const char *line, size_t n, uint64_t *missed)
{
	const char *given, *end, *nl, *p;
	size_t m;

	*missed = 0;
	if (!hop_unechoed(h, &given, &m))
		return false;
	end = given + m;
	for (p = given; p < end && e->credit; p = nl + 1, ++*missed) {
		if ((size_t)(end - p) >= n && p[n - 1] == '\n' && !memcmp(p, line, n))
			return true;
		nl = memchr(p, '\n', (size_t)(end - p));
		m = (size_t)(nl + 1 - p);
		e->credit -= m < e->credit ? m : e->credit;
	}
	return false;
}

/* What was seen at this place is another line, or there was none. */
static void
note_added(struct echo *e, uint64_t hash)
{
	e->nseen = e->at;
	if (e->nseen == ECHO_MAX_SEEN)
		return;
	if (e->nseen == e->room) {
		e->room = e->room ? 2 * e->room : 16;
		e->seen = xreallocarray(e->seen, e->room, sizeof *e->seen);
	}
	e->seen[e->nseen++] = hash;
	e->at = e->nseen;
}

static struct echo_piece
take_added(struct echo *e, struct hop *h, const char *p, size_t n)
{
	struct echo_piece one = {.what = ECHO_ON, .bytes = n, .lines = 1};
	uint64_t hash = 0, missed;

	if (!e->repeat) {
		hash = hash64(p, n);
		if (e->at < e->nseen && e->seen[e->at] == hash) {
			e->at++;
			e->added++;
			one.what = ECHO_CUT;
			return one;
		}
	}
	if (is_later(e, h, p, n, &missed))
		return (struct echo_piece){.what = ECHO_BROKEN, .missed = missed};
	if (!e->any && e->added >= ECHO_NEVER && h->given)
		return (struct echo_piece){.what = ECHO_BROKEN, .missed = echo_swallowed(e, h)};
	e->added++;
	if (!e->repeat)
		note_added(e, hash);
	return one;
}

struct echo_piece
echo_take(struct echo *e, struct hop *h, const char *p, size_t n)
{
	const char *nl;
	size_t k;

	if (e->repeat && h->line >= h->start + h->open && n >= h->open && !memcmp(h->buf + h->start, p, h->open)) {
		e->repeat = false;
		e->any = true;
		e->added = 0;
		return (struct echo_piece){.what = ECHO_CUT, .bytes = h->open, .lines = 1};
	}
	k = e->repeat ? 0 : echoed(h, p, n);
	if (k)
		return take_echo(e, h, p, k);
	nl = memchr(p, '\n', n);
	return take_added(e, h, p, nl ? (size_t)(nl + 1 - p) : n);
}

uint64_t
echo_swallowed(const struct echo *e, const struct hop *h)
{
	uint64_t unechoed = h->given - (h->open && h->given);

	return unechoed > e->added ? unechoed - e->added : 0;
}
