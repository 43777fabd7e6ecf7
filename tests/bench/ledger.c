#include <stdlib.h>
#include <string.h>

#include "lib/xalloc.h"
#include "tests/bench/ledger.h"

void
ledger_begin(struct ledger *l, uint64_t first, size_t count, size_t readers, bool delays)
{
	*l = (struct ledger){.first = first, .count = count, .readers = readers};
	l->sent = xcalloc(count + 1, sizeof *l->sent);
	l->last = xcalloc(count + 1, sizeof *l->last);
	l->got = xcalloc(count + 1, sizeof *l->got);
	if (delays)
		l->delay = xcalloc(count * readers + 1, sizeof *l->delay);
}

void
ledger_free(struct ledger *l)
{
	free(l->sent);
	free(l->last);
	free(l->got);
	free(l->delay);
	*l = (struct ledger){0};
}

void
ledger_sent(struct ledger *l, uint64_t now)
{
	l->sent[l->fed++] = now;
}

void
ledger_got(struct ledger *l, uint64_t number, uint64_t now)
{
	size_t i = (size_t)(number - l->first);

	if (number < l->first || i >= l->fed || l->got[i] >= l->readers)
		return;
	if (l->delay)
		l->delay[i * l->readers + l->got[i]] = (uint32_t)(now - l->sent[i]);
	l->last[i] = now;
	l->got[i]++;
	l->delivered++;
	while (l->complete < l->fed && l->got[l->complete] == l->readers)
		l->complete++;
}

bool
ledger_done(const struct ledger *l)
{
	return l->complete == l->count;
}

static int
by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* ms at a share of sorted us. */
static double
at(const uint32_t *v, size_t n, double share)
{
	size_t i = (size_t)((double)n * share);

	return n ? v[i < n ? i : n - 1] / 1e3 : 0;
}

struct ledger_times
ledger_times(struct ledger *l)
{
	struct ledger_times t = {0};
	uint32_t *last, *p99;
	size_t all = 0;

	if (!l->delay || !l->fed)
		return t;
	last = xcalloc(l->fed, sizeof *last);
	p99 = xcalloc(l->fed, sizeof *p99);
	for (size_t i = 0; i < l->fed; i++) {
		uint32_t *row = l->delay + i * l->readers;

		qsort(row, l->got[i], sizeof *row, by_size);
		last[i] = l->got[i] ? row[l->got[i] - 1] : 0;
		p99[i] = l->got[i] ? row[(size_t)((l->got[i] - 1) * 0.99)] : 0;
		memmove(l->delay + all, row, l->got[i] * sizeof *row);
		all += l->got[i];
	}
	qsort(last, l->fed, sizeof *last, by_size);
	qsort(p99, l->fed, sizeof *p99, by_size);
	qsort(l->delay, all, sizeof *l->delay, by_size);
	t = (struct ledger_times){at(l->delay, all, 0.5), at(l->delay, all, 0.99), at(l->delay, all, 1), at(last, l->fed, 0.5),
	    at(p99, l->fed, 0.5)};
	free(last);
	free(p99);
	return t;
}
