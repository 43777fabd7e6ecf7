#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "broadcaster/track.h"
#include "lib/xalloc.h"

enum { FIRST_POINTS = 32 };

void
track_free(struct track *t)
{
	free(t->points);
	free(t->slots);
	*t = (struct track){0};
}

static struct track_point *
point_at(const struct track *t, unsigned i)
{
	return &t->points[(t->first + i) % t->cap];
}

static void
grow(struct track *t)
{
	unsigned cap = t->cap ? t->cap * 2 : FIRST_POINTS;
	struct track_point *points;

	if (cap > TRACK_POINTS)
		cap = TRACK_POINTS;
	points = xreallocarray(NULL, cap, sizeof *points);
	for (unsigned i = 0; i < t->n; i++)
		points[i] = *point_at(t, i);
	free(t->points);
	t->points = points;
	t->first = 0;
	t->cap = cap;
}

static void
add_point(struct track *t, int64_t ms, double value)
{
	unsigned i;

	if (t->n == t->cap && t->cap < TRACK_POINTS)
		grow(t);
	if (t->n == t->cap) {
		if (ms < t->points[t->first].ms)
			return;
		t->first = (t->first + 1) % t->cap;
		t->n--;
	}
	for (i = t->n++; i > 0 && point_at(t, i - 1)->ms > ms; i--)
		*point_at(t, i) = *point_at(t, i - 1);
	*point_at(t, i) = (struct track_point){ms, value};
}

static void
add_slot(struct track *t, int64_t ms, double value)
{
	int64_t slot = ms / TRACK_SLOT_MS;
	struct track_slot *s;

	if (!t->slots) {
		t->slots = xcalloc(TRACK_SLOTS, sizeof *t->slots);
		t->last_slot = slot;
	}
	if (slot <= t->last_slot - TRACK_SLOTS)
		return;
	if (slot >= t->last_slot + TRACK_SLOTS) {
		memset(t->slots, 0, TRACK_SLOTS * sizeof *t->slots);
		t->last_slot = slot;
	}
	while (t->last_slot < slot)
		t->slots[++t->last_slot % TRACK_SLOTS] = (struct track_slot){0, 0};
	s = &t->slots[slot % TRACK_SLOTS];
	if (s->count < UINT32_MAX)
		s->count++;
	s->mean += (float)((value - (double)s->mean) / s->count);
}

void
track_add(struct track *t, int64_t ms, double value)
{
	if (ms < 0 || !isfinite(value) || fabs(value) > 1e30)
		return;
	add_point(t, ms, value);
	add_slot(t, ms, value);
	if (ms > t->newest)
		t->newest = ms;
}

static char *
put_digits(char *p, uint64_t v, int least)
{
	char t[24];
	int n = 0;

	do
		t[n++] = (char)('0' + v % 10);
	while ((v /= 10) || n < least);
	while (n)
		*p++ = t[--n];
	return p;
}

/* A number with at most six decimals, by integers: an answer holds many. */
static char *
put_number(char *p, double v)
{
	uint64_t micro = (uint64_t)(fabs(v) * 1e6 + 0.5);

	if (v < 0 && micro)
		*p++ = '-';
	p = put_digits(p, micro / 1000000, 1);
	micro %= 1000000;
	if (!micro)
		return p;
	*p++ = '.';
	p = put_digits(p, micro, 6);
	while (p[-1] == '0')
		p--;
	return p;
}

static void
write_point(struct strbuf *out, bool first, int64_t ms, double value)
{
	char *p;

	strbuf_adds(out, first ? "{\"timestamp\":" : ",{\"timestamp\":");
	strbuf_reserve(out, 64);
	p = out->s + out->len;
	p = put_digits(p, (uint64_t)ms / 1000, 1);
	if (ms % 1000) {
		*p++ = '.';
		p = put_digits(p, (uint64_t)ms % 1000, 3);
	}
	out->len = (size_t)(p - out->s);
	strbuf_adds(out, ",\"value\":");
	if (fabs(value) < 1e12)
		out->len = (size_t)(put_number(out->s + out->len, value) - out->s);
	else
		strbuf_addnum(out, value);
	strbuf_addc(out, '}');
}

/* Points in order of time, and what stretch of time they are averaged over. */
struct writer {
	struct strbuf *out;
	int64_t from, step;	/* step 0: as they are */
	int64_t stretch;	/* the one being gathered */
	double weight, sum, time;
	bool any;
};

static void
flush(struct writer *w)
{
	if (w->weight > 0) {
		write_point(w->out, !w->any, (int64_t)(w->time / w->weight + 0.5) + w->from, w->sum / w->weight);
		w->any = true;
	}
	w->weight = w->sum = w->time = 0;
}

static void
take(struct writer *w, int64_t ms, double value, double weight)
{
	int64_t stretch = w->step ? (ms - w->from - 1) / w->step : 0;

	if (!w->step || stretch != w->stretch)
		flush(w);
	w->stretch = stretch;
	w->weight += weight;
	w->sum += value * weight;
	w->time += (double)(ms - w->from) * weight;
	if (!w->step)
		flush(w);
}

/* The averages that end before the first point kept as it came. */
static void
take_slots(const struct track *t, int64_t from, int64_t to, struct writer *w)
{
	int64_t slot = from / TRACK_SLOT_MS + 1, last = to / TRACK_SLOT_MS;

	if (slot <= t->last_slot - TRACK_SLOTS)
		slot = t->last_slot - TRACK_SLOTS + 1;
	if (last > t->last_slot)
		last = t->last_slot;
	for (; t->slots && slot <= last; slot++) {
		const struct track_slot *s = &t->slots[slot % TRACK_SLOTS];
		int64_t middle = slot * TRACK_SLOT_MS + TRACK_SLOT_MS / 2;

		if (s->count && middle > from && middle <= to)
			take(w, middle, (double)s->mean, s->count);
	}
}

void
track_json(const struct track *t, int64_t from, int64_t to, struct strbuf *out)
{
	struct writer w = {.out = out, .from = from};
	int64_t raw_from = t->n ? point_at(t, 0)->ms : INT64_MAX, slots_to;
	unsigned in = 0;

	for (unsigned i = 0; i < t->n; i++)
		in += point_at(t, i)->ms > from && point_at(t, i)->ms <= to;
	slots_to = t->n < TRACK_POINTS || raw_from <= from ? from : raw_from / TRACK_SLOT_MS * TRACK_SLOT_MS - 1;
	if (slots_to > to)
		slots_to = to;
	if (in > TRACK_JSON_POINTS || slots_to > from)
		w.step = (to - from + TRACK_JSON_POINTS - 1) / TRACK_JSON_POINTS;
	strbuf_addc(out, '[');
	if (slots_to > from)
		take_slots(t, from, slots_to, &w);
	for (unsigned i = 0; i < t->n; i++)
		if (point_at(t, i)->ms > from && point_at(t, i)->ms <= to)
			take(&w, point_at(t, i)->ms, point_at(t, i)->value, 1);
	flush(&w);
	strbuf_addc(out, ']');
}
