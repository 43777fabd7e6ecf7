#include <stdlib.h>
#include <string.h>

#include "broadcaster/audience.h"
#include "broadcaster/deflate.h"
#include "broadcaster/pass.h"
#include "lib/xalloc.h"

enum { BUCKETS_FIRST = 256 };

static uint64_t
hash_of(const struct dialect *d, const struct topicset *set, int64_t every_ms, int64_t phase_ms)
{
	return frame_key(frame_key(frame_key(set->hash, dialect_number(d)), (uint64_t)every_ms), (uint64_t)phase_ms);
}

static void
grow_buckets(struct hub *h)
{
	size_t n = h->nbucket ? 2 * h->nbucket : BUCKETS_FIRST;
	struct audience **b = xcalloc(n, sizeof(struct audience *));

	for (size_t i = 0; i < h->nbucket; i++)
		for (struct audience *a = h->bucket[i], *next; a; a = next) {
			struct audience **to = &b[hash_of(a->dialect, a->set, a->every_ms, a->phase_ms) & (n - 1)];

			next = a->next_hash;
			a->next_hash = *to;
			*to = a;
		}
	free(h->bucket);
	h->bucket = b;
	h->nbucket = n;
}

static void
want(struct topic *t, struct audience *a)
{
	if (t->nwanted == t->capwanted) {
		t->capwanted = t->capwanted ? 2 * t->capwanted : 4;
		t->wanted_by = xreallocarray(t->wanted_by, t->capwanted, sizeof *t->wanted_by);
	}
	t->wanted_by[t->nwanted++] = a;
}

static void
unwant(struct topic *t, const struct audience *a)
{
	for (size_t i = 0; i < t->nwanted; i++)
		if (t->wanted_by[i] == a) {
			t->wanted_by[i] = t->wanted_by[--t->nwanted];
			return;
		}
}

static void
find_beat(struct hub *h, struct audience *a, int64_t every_ms, struct hub_now now)
{
	struct beat *b = h->beats;

	while (b && (b->every_ms != every_ms || b->phase_ms != a->phase_ms))
		b = b->next;
	if (!b) {
		b = xcalloc(1, sizeof *b);
		b->every_ms = every_ms;
		b->phase_ms = a->phase_ms;
		b->due_ms = audience_beat(b, now);
		b->next = h->beats;
		h->beats = b;
		if (h->beat_due < 0 || b->due_ms < h->beat_due)
			h->beat_due = b->due_ms;
	}
	a->beat = b;
	a->next_beat = b->audiences;
	if (a->next_beat)
		a->next_beat->prev_beat = &a->next_beat;
	a->prev_beat = &b->audiences;
	b->audiences = a;
}

static void
leave_beat(struct hub *h, struct audience *a)
{
	struct beat **at, *b = a->beat;

	*a->prev_beat = a->next_beat;
	if (a->next_beat)
		a->next_beat->prev_beat = a->prev_beat;
	if (b->audiences)
		return;
	for (at = &h->beats; *at != b; at = &(*at)->next)
		;
	*at = b->next;
	free(b);
	if (!h->beats)
		h->beat_due = -1;
}

int64_t
audience_beat(const struct beat *b, struct hub_now now)
{
	return ((now.mono - b->phase_ms) / b->every_ms + 1) * b->every_ms + b->phase_ms;
}

/* Takes over the reference to set. */
static struct audience *
obtain(struct hub *h, const struct dialect *d, struct topicset *set, int64_t every_ms, int64_t phase_ms, struct hub_now now)
{
	struct audience *a, **at;

	if (h->naudiences >= h->nbucket)
		grow_buckets(h);
	at = &h->bucket[hash_of(d, set, every_ms, phase_ms) & (h->nbucket - 1)];
	for (a = *at; a; a = a->next_hash)
		if (a->dialect == d && a->every_ms == every_ms && a->phase_ms == phase_ms && topicset_equal(a->set, set)) {
			topicset_unref(h->topics, set);
			return a;
		}
	a = xcalloc(1, sizeof *a);
	a->dialect = d;
	a->set = set;
	a->every_ms = every_ms;
	a->phase_ms = phase_ms;
	a->seen = state_version(h->update.state);
	a->next_hash = *at;
	*at = a;
	h->naudiences++;
	for (size_t i = 0; i < set->n; i++)
		want(set->v[i], a);
	if (every_ms || d->pace.repeat_ms)
		find_beat(h, a, every_ms ? every_ms : d->pace.repeat_ms, now);
	return a;
}

static void
drop(struct hub *h, struct audience *a)
{
	struct audience **at = &h->bucket[hash_of(a->dialect, a->set, a->every_ms, a->phase_ms) & (h->nbucket - 1)];

	while (*at != a)
		at = &(*at)->next_hash;
	*at = a->next_hash;
	h->naudiences--;
	for (size_t i = 0; i < a->set->n; i++)
		unwant(a->set->v[i], a);
	if (a->beat)
		leave_beat(h, a);
	for (size_t i = 0; a->touched && i < h->ntouched; i++)
		if (h->touched[i] == a)
			h->touched[i--] = h->touched[--h->ntouched];
	topicset_unref(h->topics, a->set);
	frames_free(&a->pending);
	free(a->clients);
	free(a);
}

struct topicset *
audience_standard(struct hub *h, const struct dialect *d)
{
	struct topicset **s = &h->standard[dialect_number(d)];
	struct topic *v[64];
	size_t n = 0;

	if (!*s) {
		for (const char *const *t = d->topics; *t && n < sizeof v / sizeof v[0]; t++)
			v[n++] = topics_intern(h->topics, *t, strlen(*t));
		*s = topicset_new(h->topics, v, n);
	}
	return *s;
}

/* Without selective subscriptions everybody gets the standard set, and what was asked for besides; but then subjects narrow nothing. */
static struct topicset *
effective(struct hub *h, const struct hub_client *c, const struct dialect *d)
{
	struct topicset *standard = audience_standard(h, d), *s;
	struct topic **v;
	size_t n = 0;

	if (!c->want || (d->subject && !h->opt.flags.selective))
		return topicset_ref(standard);
	if (h->opt.flags.selective && !d->subject)
		return topicset_ref(c->want);
	v = xreallocarray(NULL, standard->n + c->want->n + 1, sizeof *v);
	for (size_t i = 0; i < standard->n; i++)
		v[n++] = standard->v[i];
	for (size_t i = 0; i < c->want->n; i++)
		v[n++] = c->want->v[i];
	for (size_t i = 0; i < n; i++)
		v[i]->refs++;
	s = topicset_new(h->topics, v, n);
	free(v);
	return s;
}

void
audience_exit(struct hub *h, struct hub_client *c)
{
	struct audience *a = c->audience;

	if (!a)
		return;
	a->clients[c->index] = a->clients[--a->n];
	a->clients[c->index]->index = c->index;
	c->audience = NULL;
	if (!a->n)
		drop(h, a);
}

void
audience_enter(struct hub *h, struct hub_client *c, const struct dialect *d, int64_t every_ms, struct hub_now now)
{
	int64_t beat = every_ms ? every_ms : d->pace.repeat_ms, phase = 0;
	struct audience *a;

	if (beat && d->pace.slot_ms)
		phase = c->audience ? c->audience->phase_ms : now.mono / d->pace.slot_ms * d->pace.slot_ms % beat;
	a = obtain(h, d, pass_narrow(h, c, effective(h, c, d)), every_ms, phase, now);

	if (a == c->audience)
		return;
	audience_exit(h, c);
	if (a->n == a->cap) {
		a->cap = a->cap ? 2 * a->cap : 4;
		a->clients = xreallocarray(a->clients, a->cap, sizeof(struct hub_client *));
	}
	c->audience = a;
	c->index = (uint32_t)a->n;
	a->clients[a->n++] = c;
}

void
audience_touch(struct hub *h, struct audience *a)
{
	if (a->touched)
		return;
	if (h->ntouched == h->captouched) {
		h->captouched = h->captouched ? 2 * h->captouched : 64;
		h->touched = xreallocarray(h->touched, h->captouched, sizeof(struct audience *));
	}
	h->touched[h->ntouched++] = a;
	a->touched = true;
}

/* The first n of the pending frames, as one; in each form once a client takes it. */
struct portion {
	size_t n;
	struct frame *form[FRAME_FORMS];
};

/* Two audiences with the same frames get the same one. Borrowed from the portion; NULL: it is empty. */
static struct frame *
joint(struct hub *h, struct portion *p, const struct frames *l, enum frame_form form)
{
	struct frame **f = &p->form[form];
	uint64_t key = p->n;

	if (*f || !p->n)
		return *f;
	if (p->n == 1)
		return *f = frame_ref(deflate_frame(l->v[0], form));
	for (size_t i = 0; i < p->n; i++)
		key = frame_key(key, deflate_frame(l->v[i], form)->serial);
	*f = frame_cache_get(&h->joints, key);
	if (!*f) {
		*f = deflate_join(l->v, p->n, form);
		frame_cache_put(&h->joints, key, *f);
	}
	return *f;
}

static void
portion_free(struct portion *p)
{
	for (size_t i = 0; i < FRAME_FORMS; i++)
		frame_unref(p->form[i]);
}

static void
count(struct hub *h, const struct frames *l, size_t n, uint64_t clients)
{
	for (size_t i = 0; i < n; i++) {
		struct frame *f = l->v[i];

		if (!f->deliveries)
			h->turn.messages++;
		f->deliveries += clients;
		if (f->ms && (!h->turn.oldest_ms || f->ms < h->turn.oldest_ms))
			h->turn.oldest_ms = f->ms;
		if (f->type)
			stats_sent(h->stats, f->type, clients);
	}
	h->turn.clients += clients;
}

/* One client's share. whole: the events and the state that those in step get; events: the former alone. */
static bool
serve_one(struct hub *h, struct audience *a, struct hub_client *c, struct portion *events, struct portion *whole, struct hub_now now)
{
	bool live = !c->replay, late = c->hold_ms > now.mono;

	if (c->closed)
		return false;
	if (!live && events->n && !c->waiting)
		client_ops(h, c)->want_writable(c->conn);	/* the event is in the history */
	a->late = a->late || (late && a->stale);
	if (whole->n && live && !late && !c->owed && (c->seen == a->seen || a->dialect->whole) && !c->queue.n &&
	    client_write(h, c, joint(h, whole, &a->pending, c->form)) == HUB_SENT) {
		c->seen = state_version(h->update.state);
		return true;
	}
	if (events->n && live && !client_give(h, c, joint(h, events, &a->pending, c->form)))
		return false;
	if (!a->stale || late)
		return live && events->n;
	if (c->owed && c->waiting) {
		h->stats->conflated++;
		return live && events->n;
	}
	client_catch_up(h, c, now);
	return true;
}

void
audience_serve(struct hub *h, struct audience *a, bool state, struct hub_now now)
{
	struct portion events = {.n = a->pending.n}, whole = {0};
	bool stale = a->stale, late = state && a->late;
	uint64_t served = 0;

	a->stale = (state && stale) || late;
	if (state)
		a->late = false;
	if (a->stale) {
		update_frames(&h->update, a->dialect, a->set, NULL, a->seen, &a->pending);
		if (a->pending.n > events.n)
			whole.n = a->pending.n;
		else
			a->stale = late;	/* else it was muted, or is gone again */
	}
	for (size_t i = 0; i < a->n; i++)
		served += serve_one(h, a, a->clients[i], &events, &whole, now);
	if (served)
		count(h, &a->pending, a->pending.n, served);
	if (whole.n)
		a->seen = state_version(h->update.state);
	a->stale = stale && !state;
	frames_reset(&a->pending);
	portion_free(&events);
	portion_free(&whole);
}

void
audience_free_all(struct hub *h)
{
	free(h->bucket);	/* an audience goes with its last client */
	free(h->touched);
}
