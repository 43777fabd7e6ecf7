#include <stdlib.h>
#include <string.h>

#include "broadcaster/audience.h"
#include "broadcaster/newsform.h"
#include "broadcaster/pass.h"
#include "lib/xalloc.h"

enum {
	BATCH_MAX = 128 << 10,		/* of one audience: larger batches leave before the turn ends */
	SECTION_LIVE_MS = 10000,	/* a section that came within is expected in a window */
};

static void
stale(struct hub *h, struct audience *a)
{
	a->stale = true;
	if (!a->every_ms)
		audience_touch(h, a);
}

static void
tell(struct hub *h, struct news *n, const struct topic *t)
{
	for (size_t i = 0; t && i < t->nwanted; i++) {
		struct audience *a = t->wanted_by[i];
		struct frame *f;

		if (a->marked == h->mark)
			continue;
		a->marked = h->mark;
		if (!n->event && a->dialect->whole)
			stale(h, a);	/* the next state lacks it */
		else if ((f = news_frame(h, n, a)))
			frames_add(&a->pending, frame_ref(f));
		audience_touch(h, a);
		h->heavy = h->heavy || a->pending.bytes > BATCH_MAX;
	}
}

static void
publish(struct hub *h, struct news *n)
{
	h->mark++;
	tell(h, n, topics_find(h->topics, n->type, strlen(n->type), NULL));
	if (n->id)
		tell(h, n, topics_find(h->topics, n->type, strlen(n->type), n->id));
	tell(h, n, topics_all(h->topics));
	news_free(n);
}

void
news_remember(struct hub *h, const char *type)
{
	for (size_t i = 0; i < h->nevent_types; i++)
		if (!strcmp(h->event_type[i], type))
			return;
	if (h->nevent_types < HUB_EVENT_TYPES)
		h->event_type[h->nevent_types++] = xstrdup(type);
}

bool
hub_event(struct hub *h, const struct event *e, struct span id)
{
	const struct topic *whole;
	struct strbuf text = {0};
	struct news n = {.type = e->type, .event = e};

	news_remember(h, e->type);
	if (update_muted(&h->opt.flags, e->type))
		return h->heavy;
	whole = topics_find(h->topics, e->type, strlen(e->type), NULL);
	if (whole && whole->parts && json_string(id, &text))
		n.id = text.s;
	publish(h, &n);
	strbuf_free(&text);
	return h->heavy;
}

void
hub_relieve(struct hub *h)
{
	for (size_t i = 0; h->heavy && i < h->ntouched; i++)
		if (h->touched[i]->pending.bytes > BATCH_MAX)
			audience_serve(h, h->touched[i], false, (struct hub_now){0});
	h->heavy = false;
}

static void
make_stale(struct hub *h, const struct topic *t)
{
	for (size_t i = 0; t && i < t->nwanted; i++)
		stale(h, t->wanted_by[i]);
}

/* Opens the window with the first change, and notes which sections it still waits for. */
static void
open_window(struct hub *h, const char *type, struct hub_now now)
{
	const struct dialect_section *s = dialects[0]->sections;

	if (h->started_ms < 0)
		h->started_ms = now.mono;
	if (h->flush_ms < 0) {
		h->flush_ms = now.mono + h->opt.coalesce_ms;
		h->waiting = 0;
		for (unsigned i = 0; i < UPDATE_SECTIONS_MAX && s[i].name; i++)
			if (now.mono - (h->section_ms[i] ? h->section_ms[i] : h->started_ms) < SECTION_LIVE_MS)
				h->waiting |= 1u << i;
	}
	for (unsigned i = 0; i < UPDATE_SECTIONS_MAX && s[i].name; i++)
		if (!strcmp(s[i].type, type)) {
			h->section_ms[i] = now.mono;
			h->waiting &= ~(1u << i);
			/* all are there: no need to wait, unless state comes faster than the window */
			if (!h->waiting)
				h->flush_ms = h->flushed_ms + h->opt.coalesce_ms;
		}
}

void
hub_state(struct hub *h, const struct value *v, struct hub_now now)
{
	const char *type = v->type->name;
	struct topic *whole = topics_find(h->topics, type, strlen(type), NULL);

	open_window(h, v->id ? "" : type, now);
	make_stale(h, whole);
	make_stale(h, topics_all(h->topics));
	if (v->id && whole && whole->parts)
		make_stale(h, topics_find(h->topics, type, strlen(type), v->id));
	for (const struct topic *p = whole && !v->id ? whole->parts : NULL; p; p = p->next_part)
		make_stale(h, p);
}

void
hub_gone(struct hub *h, const char *type, const char *id, struct hub_now now)
{
	struct news n = {.type = type, .id = id, .wall = now.wall};

	open_window(h, "", now);
	if (!update_muted(&h->opt.flags, type))
		publish(h, &n);
}

static void
serve_touched(struct hub *h, bool state, struct hub_now now)
{
	size_t kept = 0;

	for (size_t i = 0; i < h->ntouched; i++) {
		struct audience *a = h->touched[i];

		if (a->pending.n || state)
			audience_serve(h, a, state && !a->every_ms, now);
		if (a->stale && !a->every_ms)
			h->touched[kept++] = a;	/* until the window closes */
		else
			a->touched = false;
	}
	h->ntouched = kept;
}

static void
serve_beats(struct hub *h, struct hub_now now)
{
	h->beat_due = -1;
	for (struct beat *b = h->beats; b; b = b->next) {
		if (b->due_ms <= now.mono) {
			for (struct audience *a = b->audiences; a; a = a->next_beat)
				if ((a->stale = a->stale || a->dialect->pace.repeat_ms) || a->late)
					audience_serve(h, a, true, now);
			b->due_ms = audience_beat(b, now);
		}
		if (h->beat_due < 0 || b->due_ms < h->beat_due)
			h->beat_due = b->due_ms;
	}
}

struct hub_turn
hub_turn(struct hub *h, struct hub_now now)
{
	bool state = h->flush_ms >= 0 && now.mono >= h->flush_ms, beat = h->beat_due >= 0 && now.mono >= h->beat_due;
	struct hub_turn turn;

	if (h->pass_due >= 0)
		pass_expire(h, now);
	if (state || beat)
		update_at(&h->update, now.wall, 0);
	if (state) {
		h->flush_ms = -1;
		h->flushed_ms = now.mono;
	}
	if (h->ntouched)
		serve_touched(h, state, now);
	if (beat)
		serve_beats(h, now);
	frame_cache_clear(&h->joints);
	turn = h->turn;
	h->turn = (struct hub_turn){0};
	h->stats->broadcasts += turn.messages;
	return turn;
}

int64_t
hub_deadline(const struct hub *h)
{
	int64_t due[] = {h->flush_ms, h->beat_due, h->pass_due}, first = -1;

	for (size_t i = 0; i < sizeof due / sizeof due[0]; i++)
		if (due[i] >= 0 && (first < 0 || due[i] < first))
			first = due[i];
	return first;
}
