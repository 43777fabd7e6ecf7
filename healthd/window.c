#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "healthd/window.h"
#include "lib/xalloc.h"

enum { MINUTE_MAX = 2000000000 };

void
window_free(struct window *w)
{
	free(w->v);
	*w = (struct window){0};
}

static int32_t
minute_of(int64_t ms)
{
	int64_t minute = ms / 60000 - (ms % 60000 < 0);

	return (int32_t)(minute > MINUTE_MAX ? MINUTE_MAX : minute < -MINUTE_MAX ? -MINUTE_MAX : minute);
}

int32_t
window_minute(const struct window *w, int i)
{
	return w->newest - (uint16_t)((uint32_t)w->newest - w->v[i].minute);
}

static void
forget(struct window *w, int64_t oldest)
{
	uint8_t gone = 0;

	while (gone < w->n && window_minute(w, gone) < oldest)
		gone++;
	if (!gone)
		return;
	w->n = (uint8_t)(w->n - gone);
	memmove(w->v, w->v + gone, w->n * sizeof *w->v);
}

/* The clock was set back: what was just now is still just now. */
static void
move_back(struct window *w, int32_t to)
{
	uint16_t by = (uint16_t)((uint32_t)w->newest - (uint32_t)to);

	for (int i = 0; i < w->n; i++)
		w->v[i].minute = (uint16_t)(w->v[i].minute - by);
	w->newest = to;
}

static void
pass(struct window *w, int32_t minute, int minutes)
{
	if (w->n && (int64_t)minute + WINDOW_MINUTES <= w->newest)
		move_back(w, minute);
	else if (w->n && minute > w->newest)
		forget(w, (int64_t)minute - minutes + 1);
}

void
window_pass(struct window *w, int64_t ms, int minutes)
{
	pass(w, minute_of(ms), minutes);
}

static void
append(struct window *w, int32_t minute, struct bucket b)
{
	if (w->n == w->cap) {
		w->cap = (uint8_t)(w->cap ? 2 * w->cap > WINDOW_MINUTES ? WINDOW_MINUTES : 2 * w->cap : 4);
		w->v = xreallocarray(w->v, w->cap, sizeof *w->v);
	}
	w->newest = minute;
	b.minute = (uint16_t)(uint32_t)minute;
	w->v[w->n++] = b;
}

bool
window_put(struct window *w, int32_t minute, double sum, double max, uint16_t n)
{
	if (!n || w->n == WINDOW_MINUTES || minute > MINUTE_MAX || minute < -MINUTE_MAX)
		return false;
	if (w->n && (minute <= w->newest || (int64_t)minute - window_minute(w, 0) >= WINDOW_MINUTES))
		return false;
	append(w, minute, (struct bucket){.sum = sum, .max = max, .n = n});
	return true;
}

void
window_add(struct window *w, int64_t ms, double value, int minutes)
{
	int32_t minute = minute_of(ms);
	struct bucket *b;

	pass(w, minute, minutes);
	if (!w->n || minute > w->newest)
		append(w, minute, (struct bucket){.max = value});
	b = &w->v[w->n - 1];
	if (b->n < UINT16_MAX) {
		b->sum += value;
		b->n++;
	}
	if (value > b->max)
		b->max = value;
}

static double
mean(const struct bucket *b, int n)
{
	double sum = 0, count = 0;

	for (int i = 0; i < n; i++) {
		sum += b[i].sum;
		count += b[i].n;
	}
	return count > 0 ? sum / count : 0;
}

double
window_mean(const struct window *w)
{
	return mean(w->v, w->n);
}

double
window_max(const struct window *w)
{
	double max = w->n ? w->v[0].max : 0;

	for (int i = 1; i < w->n; i++)
		if (w->v[i].max > max)
			max = w->v[i].max;
	return max;
}

void
window_halves(const struct window *w, double *older, double *newer)
{
	int half = w->n / 2;

	*older = half ? mean(w->v, half) : window_mean(w);
	*newer = half ? mean(w->v + half, w->n - half) : *older;
}
