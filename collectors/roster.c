#include <stdlib.h>
#include <string.h>

#include "collectors/entry.h"
#include "collectors/roster.h"
#include "lib/xalloc.h"

enum {
	TOO_SOON_MS = 100,	/* a second sample within this says nothing new */
	UNTOLD_MS = 1000,	/* an event may come this much later than a list that knows of it already */
};

void
roster_init(struct roster *r, struct picks *picks, size_t max)
{
	*r = (struct roster){.picks = picks, .max = max};
}

static void
entry_del(struct roster_entry *e)
{
	free(e->id);
	free(e->name);
	free(e->image);
	free(e);
}

void
roster_free(struct roster *r)
{
	for (size_t i = 0; i < r->n; i++)
		entry_del(r->v[i]);
	free(r->v);
	*r = (struct roster){.picks = r->picks, .max = r->max};
}

void
roster_forget_samples(struct roster *r)
{
	for (size_t i = 0; i < r->n; i++)
		r->v[i]->sampled = r->v[i]->again = false;
}

/* Where id is, or belongs. */
static size_t
place(const struct roster *r, const char *id, bool *there)
{
	size_t low = 0, high = r->n, mid;
	int c;

	*there = false;
	while (low < high) {
		mid = low + (high - low) / 2;
		c = strcmp(r->v[mid]->id, id);
		if (c == 0) {
			*there = true;
			return mid;
		}
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct roster_entry *
find(const struct roster *r, const char *id)
{
	bool there;
	size_t i = place(r, id, &there);

	return there ? r->v[i] : NULL;
}

static void
set(char **to, const char *text)
{
	if (*to && !strcmp(*to, text))
		return;
	free(*to);
	*to = xstrdup(text);
}

/* NULL: no room; counted. */
static struct roster_entry *
add(struct roster *r, const char *id, const char *name, const char *image)
{
	struct roster_entry *e;
	bool there;
	size_t at = place(r, id, &there);

	if (r->n >= r->max && !picks_is_expected(r->picks, name)) {
		r->over++;
		return NULL;
	}
	if (r->n == r->cap) {
		r->cap = r->cap ? r->cap * 2 : 16;
		r->v = xreallocarray(r->v, r->cap, sizeof *r->v);
	}
	memmove(&r->v[at + 1], &r->v[at], (r->n - at) * sizeof *r->v);
	r->n++;
	e = r->v[at] = xcalloc(1, sizeof *e);
	set(&e->id, id);
	set(&e->name, name);
	set(&e->image, image);
	return e;
}

/* To a new state, however known. One that begins to run has no figures yet; one that ended uses nothing. */
static void
put_state(struct roster_entry *e, enum container_state state, int64_t wall)
{
	bool ran = container_runs(e->state), runs = container_runs(state);

	if (!runs) {
		e->usage = (struct usage){0};
		e->health = HEALTH_NONE;
	} else if (state == CONTAINER_PAUSED) {
		e->usage.cpu = e->usage.rx_rate = e->usage.tx_rate = e->usage.read_rate = e->usage.write_rate = 0;
	}
	if (ran != runs) {
		e->sampled = e->again = e->wanted = false;
		e->measured = !runs;
	}
	e->state = state;
	e->stamp = wall;
}

/* Is what its last event told newer than a list that was asked for then? */
static bool
trusted(const struct roster_entry *e, int64_t asked)
{
	return e->told && asked < e->told_mono + ROSTER_TRUST_MS;
}

static void
update(struct roster *r, struct roster_entry *e, const struct container_listing *l, int64_t asked, int64_t mono, int64_t wall)
{
	e->listed = true;
	if (trusted(e, asked))
		return;
	e->gone = false;
	set(&e->name, l->name.s);
	set(&e->image, l->image.s);
	e->labelled = picks_labels(r->picks, l->labels);
	if (!picks_name(r->picks, e->name) && !e->labelled) {
		e->listed = false;
		return;
	}
	if (e->state != l->state) {
		if (l->state == CONTAINER_RUNNING || l->state == CONTAINER_PAUSED || l->state == CONTAINER_EXITED) {
			e->untold = true;
			e->untold_mono = mono;
		}
		put_state(e, l->state, wall);
		r->changed = true;
	}
	if (l->health && l->health != e->health) {
		e->health = l->health;
		r->changed = true;
	}
}

static void
take_listed(struct roster *r, const struct container_listing *l, int64_t wall)
{
	bool labelled = picks_labels(r->picks, l->labels);
	struct roster_entry *e;

	if (!picks_name(r->picks, l->name.s) && !labelled)
		return;
	e = add(r, l->id.s, l->name.s, l->image.s);
	if (!e)
		return;
	e->listed = true;
	e->labelled = labelled;
	e->measured = true;
	e->state = CONTAINER_CREATED;
	put_state(e, l->state, wall);
	e->health = l->health;
	r->changed = true;
}

static void
forget_unlisted(struct roster *r, int64_t asked)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->n; i++)
		if (r->v[i]->listed || trusted(r->v[i], asked))
			r->v[kept++] = r->v[i];
		else
			entry_del(r->v[i]);
	r->changed |= kept < r->n;
	r->n = kept;
}

static void
begin_list(struct roster *r, int64_t mono)
{
	r->over = r->garbled = 0;
	for (size_t i = 0; i < r->n; i++) {
		struct roster_entry *e = r->v[i];

		e->listed = false;
		if (e->untold && mono - e->untold_mono >= UNTOLD_MS) {
			r->deaf = true;
			e->untold = false;
		}
	}
}

bool
roster_list(struct roster *r, const char *text, size_t len, int64_t asked, int64_t mono, int64_t wall)
{
	struct span list = json_trim(text, len), v;
	struct container_listing l = {0};
	struct roster_entry *e;
	struct json_iter it;
	size_t at;

	if (json_check(text, len, &at) != JSON_OK || !json_is(list, '['))
		return false;
	begin_list(r, mono);
	/* Those known first: what has gone makes room for what is new. */
	for (it = json_iter(list); json_next_element(&it, &v);) {
		if (!container_listing(v, &l))
			r->garbled++;
		else if ((e = find(r, l.id.s)))
			update(r, e, &l, asked, mono, wall);
	}
	forget_unlisted(r, asked);
	for (it = json_iter(list); json_next_element(&it, &v);)
		if (container_listing(v, &l) && !find(r, l.id.s))
			take_listed(r, &l, wall);
	container_listing_free(&l);
	return true;
}

void
roster_round(struct roster *r, enum roster_round which)
{
	for (size_t i = 0; i < r->n; i++) {
		struct roster_entry *e = r->v[i];

		e->wanted = !e->gone && container_runs(e->state) &&
		    (which == ROUND_ALL || (which == ROUND_NEW && !e->sampled) || (which == ROUND_AGAIN && e->again));
	}
	r->cursor = 0;
}

const char *
roster_next(struct roster *r)
{
	for (size_t n = r->n; n > 0; n--, r->cursor++) {
		struct roster_entry *e = r->v[r->cursor %= r->n];

		if (!e->wanted || e->gone)
			continue;
		e->wanted = false;
		r->cursor++;
		return e->id;
	}
	return NULL;
}

const char *
roster_name(const struct roster *r, const char *id)
{
	struct roster_entry *e = find(r, id);

	return e && !e->gone ? e->name : NULL;
}

bool
roster_wants_again(const struct roster *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i]->again && !r->v[i]->gone)
			return true;
	return false;
}

static void
put_sample(struct roster_entry *e, const struct sample *now, const struct sample *from, int64_t wall)
{
	if (from && usage_between(from, now, &e->usage)) {
		e->measured = true;
		e->again = false;
	} else if (e->again) {	/* two that do not compare: its counters jump */
		usage_still(now, &e->usage);
		e->measured = true;
		e->again = false;
	} else {
		e->again = true;
	}
	e->sample = *now;
	e->sampled = true;
	e->stamp = wall;
}

enum sample_answer
roster_sample(struct roster *r, const char *id, const char *text, size_t len, int64_t mono, int64_t wall)
{
	struct roster_entry *e = find(r, id);
	struct sample now, before;
	enum sample_answer a;
	bool has_before;

	if (!e || e->gone || !container_runs(e->state))
		return SAMPLE_IDLE;
	a = sample_read(text, len, mono, &now, &before, &has_before);
	if (a != SAMPLE_TAKEN)
		return a;
	if (now.cpus >= 1)
		r->cpus = now.cpus;
	if (e->sampled && !e->again && mono - e->sample.at_ms < TOO_SOON_MS)
		return a;
	put_sample(e, &now, e->sampled ? &e->sample : has_before ? &before : NULL, wall);
	return a;
}

/* A container of which a state is told. */
static unsigned
told_state(struct roster *r, struct roster_entry *e, const struct container_event *ev, int64_t mono, int64_t wall)
{
	bool start = ev->change == CHANGE_START, fresh = !e;

	if (fresh && !(e = add(r, ev->id.s, ev->name.s, ev->image.s)))
		return ROSTER_SAY;
	e->told = true;
	e->told_mono = mono;
	e->untold = false;
	e->labelled |= fresh && picks_labels(r->picks, ev->attributes);
	if (!fresh && e->state == ev->state && !start)
		return ROSTER_SAY;
	e->born = fresh && ev->state == CONTAINER_CREATED;
	put_state(e, fresh ? CONTAINER_CREATED : e->state, wall);
	put_state(e, ev->state, wall);
	if (start) {	/* its counters begin at zero, so zeros are the truth of this moment */
		e->usage = (struct usage){0};
		e->sampled = e->again = false;
		e->health = HEALTH_NONE;
	}
	e->measured = start || !container_runs(ev->state) || e->measured;
	if (e->born)
		return ROSTER_SAY | ROSTER_BORN;
	return ROSTER_SAY | ROSTER_CHANGED | (container_runs(ev->state) && !e->sampled ? ROSTER_LOOK : 0);
}

static unsigned
told_name(struct roster *r, struct roster_entry *e, const struct container_event *ev)
{
	set(&e->name, ev->name.s);
	if (!picks_name(r->picks, e->name) && !e->labelled)
		e->gone = true;
	return ROSTER_SAY | ROSTER_CHANGED;
}

unsigned
roster_event(struct roster *r, const struct container_event *ev, int64_t mono, int64_t wall)
{
	struct roster_entry *e = find(r, ev->id.s);

	if (e && e->gone)
		return ROSTER_SAY;
	if (!e && !picks_name(r->picks, ev->name.s) && !picks_labels(r->picks, ev->attributes))
		return 0;
	if (ev->change == CHANGE_STATE || ev->change == CHANGE_START)
		return told_state(r, e, ev, mono, wall);
	if (!e)
		return ROSTER_SAY | (ev->change == CHANGE_NAME ? ROSTER_LOOK : 0);
	if (ev->change == CHANGE_NONE)
		return ROSTER_SAY;
	e->told = true;
	e->told_mono = mono;
	e->stamp = wall;
	switch (ev->change) {
	case CHANGE_NAME:
		return told_name(r, e, ev);
	case CHANGE_HEALTH:
		if (e->health == ev->health)
			return ROSTER_SAY;
		e->health = ev->health;
		break;
	default:
		e->gone = true;
	}
	return ROSTER_SAY | ROSTER_CHANGED;
}
