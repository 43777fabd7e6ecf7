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

static void
forget(struct window *w, int64_t oldest)
{
	uint8_t gone = 0;

	while (gone < w->n && w->v[gone].minute < oldest)
		gone++;
	if (!gone)
		return;
	w->n = (uint8_t)(w->n - gone);
	memmove(w->v, w->v + gone, w->n * sizeof *w->v);
}

void
window_add(struct window *w, int64_t ms, double value, int minutes)
{
	int64_t minute = ms / 60000 - (ms % 60000 < 0);
	struct bucket *b;

	minute = minute > MINUTE_MAX ? MINUTE_MAX : minute < -MINUTE_MAX ? -MINUTE_MAX : minute;
	if (!w->n || minute > w->v[w->n - 1].minute) {
		forget(w, minute - minutes + 1);
		if (w->n == w->cap) {
			w->cap = (uint8_t)(w->cap ? 2 * w->cap > WINDOW_MINUTES ? WINDOW_MINUTES : 2 * w->cap : 4);
			w->v = xreallocarray(w->v, w->cap, sizeof *w->v);
		}
		w->v[w->n++] = (struct bucket){.minute = (int32_t)minute, .max = value};
	}
	b = &w->v[w->n - 1];
	b->sum += value;
	b->n++;
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
