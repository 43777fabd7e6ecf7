#include <stdlib.h>
#include <string.h>

#include "judge.h"
#include "lib/xalloc.h"
#include "sight.h"
#include "tell.h"

/* The record at hand. */
struct hearing {
	struct judge *j;
	const struct record *r;
	int64_t at;		/* its time */
	struct tell tell;
};

static int64_t
cooldown_of(const struct judge *j, const struct rule *r)
{
	return (int64_t)((r->cooldown_s < 0 ? j->cooldown_s : r->cooldown_s) * 1000);
}

static void
say(struct hearing *h, const struct firing *f, bool resolved, const struct text *text, const struct sight *s, int64_t for_ms)
{
	struct judge *j = h->j;
	const struct rule *r = &j->rules.v[f->rule];
	struct text_facts facts = {.value = sight_value(s, r), .threshold = r->level[0].number, .name = f->name,
	    .name_len = f->len, .for_ms = for_ms, .at = sight_at, .ctx = s};

	strbuf_reset(&j->alert);
	tell_alert(&j->alert, r, f, f->level, resolved, text, &facts);
	tell_add(&h->tell, &j->alert);
}

/* What is known of it changed: that must be kept. What an entry says of a firing that is over does not matter. */
static void
note(struct judge *j, const struct firing *was, struct firing *f)
{
	if (was->active == f->active && was->spoke == f->spoke && was->spoke_ms == f->spoke_ms &&
	    (!f->active || (was->level == f->level && was->told == f->told && was->since_ms == f->since_ms)))
		return;
	f->changed = j->table.changed = true;
}

static void
fire(struct hearing *h, size_t rule, struct span name, enum level level, int64_t since, const struct text *text, const struct sight *s)
{
	struct judge *j = h->j;
	const struct rule *r = &j->rules.v[rule];
	struct firing *f = cooldown_find(&j->table, j->seed[rule], rule, name.p, name.len), was;

	if (!f)
		f = cooldown_add(&j->table, j->seed[rule], rule, name.p, name.len, h->at);
	if (!f)
		return;
	f->seen = j->serial;
	was = *f;
	if (!f->active)
		f->demo = h->r->demo;
	if (cooldown_fires(f, level, since, h->at, cooldown_of(j, r)))
		say(h, f, false, text, s, h->at - f->since_ms);
	if (r->event)
		cooldown_ends(f);
	note(j, &was, f);
}

static void
end(struct hearing *h, struct firing *f, const struct text *text, const struct sight *s)
{
	struct firing was = *f;

	if (cooldown_ends(f))
		say(h, f, true, text, s, h->at - f->since_ms);
	note(h->j, &was, f);
}

/* The text of a string value as it is to be compared and shown; p NULL: not a string, empty or too long. */
static struct span
name_of(struct judge *j, struct span v)
{
	struct span none = {NULL, 0};

	if (!json_is(v, '"') || v.len <= 2)
		return none;
	v = (struct span){v.p + 1, v.len - 2};
	if (memchr(v.p, '\\', v.len)) {
		strbuf_reset(&j->name);
		if (!json_string((struct span){v.p - 1, v.len + 2}, &j->name))
			return none;
		v = (struct span){j->name.s, j->name.len};
	}
	if (v.len <= JUDGE_NAME_MAX)
		return v;
	j->unnamed++;
	return none;
}

/* One thing, or the one thing, that a rule is about. */
static void
judge_one(struct hearing *h, size_t rule, const struct sight *s)
{
	struct judge *j = h->j;
	const struct rule *r = &j->rules.v[rule];
	int level = sight_level(s, r);
	struct span name = {"", 0};
	struct firing *f;

	if (level <= LEVEL_NONE && !j->table.n)
		return;
	if (r->by.path && !(name = name_of(j, sight_at(s, r->by.top, r->by.slot))).p)
		return;
	f = cooldown_find(&j->table, j->seed[rule], rule, name.p, name.len);
	if (level > LEVEL_NONE)
		fire(h, rule, name, (enum level)level, h->at, &r->say, s);
	else if (f && r->gone.n && json_is(h->r->data, 'n'))
		end(h, f, &r->gone, s);
	else if (f && level == LEVEL_NONE)
		end(h, f, &r->resolved, s);
	if (f)
		f->seen = j->serial;
}

/* Things that fired and are not in the list any more. */
static void
judge_gone(struct hearing *h, size_t rule, const struct sight *s)
{
	struct judge *j = h->j;
	struct firing *f;

	for (f = j->table.first; f; f = f->next)
		if (f->rule == rule && f->active && f->seen != j->serial)
			end(h, f, &j->rules.v[rule].gone, s);
}

static void
judge_each(struct hearing *h, size_t rule, const struct pick_rows *rows, struct sight *s)
{
	bool whole = rows->there && !rows->cut && !sight_partial(s, &h->j->rules.v[rule]);

	s->rows = true;
	for (size_t i = 0; i < rows->n; i++) {
		s->row = rows->v + i * rows->of.n;
		judge_one(h, rule, s);
	}
	s->row = NULL;
	if (whole && h->j->table.n)
		judge_gone(h, rule, s);
	s->rows = false;
}

static struct watch *
watch_of(struct judge *j, size_t rule)
{
	for (size_t i = 0; i < j->nwatch; i++)
		if (j->watch[i].rule == rule)
			return &j->watch[i];
	return NULL;
}

/* A thing said its interval: it is watched, and remembered with what it said of itself. */
static void
judge_watch(struct hearing *h, size_t rule, const struct sight *s)
{
	struct judge *j = h->j;
	const struct rule *r = &j->rules.v[rule];
	struct span name = name_of(j, sight_at(s, r->by.top, r->by.slot));
	double interval, limit;
	struct watched *w;
	int level;

	if (!name.p || !json_number(sight_at(s, r->interval.top, r->interval.slot), &interval) || !(interval > 0))
		return;
	limit = interval * r->silent_intervals;
	if (limit < r->silent_s * 1000)
		limit = r->silent_s * 1000;
	if (limit > SILENCE_LIMIT_MS)
		limit = SILENCE_LIMIT_MS;
	w = silence_watch(&watch_of(j, rule)->silence, name.p, name.len, (int64_t)limit, j->newest_ms);
	level = sight_level(s, r);
	if (w && level >= LEVEL_NONE)
		w->level = (enum level)level;
}

/* The record's source spoke: if it had been silent, and did not call itself worse, that is over. */
static void
judge_heard(struct hearing *h)
{
	struct judge *j = h->j;
	struct span name = {NULL, 0};

	for (size_t i = 0; i < j->nwatch; i++) {
		size_t rule = j->watch[i].rule;
		struct watched *w;
		struct firing *f;

		if (!name.p && !(name = name_of(j, h->r->source)).p)
			return;
		w = silence_heard(&j->watch[i].silence, name.p, name.len, j->newest_ms);
		if (!w || w->level != LEVEL_NONE)
			continue;
		f = cooldown_find(&j->table, j->seed[rule], rule, w->name, w->len);
		if (f)
			end(h, f, &j->rules.v[rule].resolved, &sight_none);
	}
}

static void
judge_silent(struct hearing *h)
{
	struct judge *j = h->j;
	struct watched *w;

	for (size_t i = 0; i < j->nwatch; i++) {
		size_t rule = j->watch[i].rule;
		const struct rule *r = &j->rules.v[rule];

		while ((w = silence_due(&j->watch[i].silence, j->newest_ms)))
			fire(h, rule, (struct span){w->name, w->len}, r->level[r->nlevels - 1].level, w->last_ms, &r->silent, &sight_none);
	}
}

static void
judge_rules(struct hearing *h)
{
	struct judge *j = h->j;
	struct view *v = view_on(j->view, j->nviews, h->r->type);
	struct sight s;

	if (!v)
		return;
	sight_take(&s, v, h->r);
	for (size_t i = 0; i < v->nrules; i++) {
		const struct rule *r = &j->rules.v[v->rule[i]];

		if (r->silent.n)
			judge_watch(h, v->rule[i], &s);
		if (v->rows[i])
			judge_each(h, v->rule[i], v->rows[i], &s);
		else
			judge_one(h, v->rule[i], &s);
	}
}

/* The time to judge by; false: none is known yet. */
static bool
judge_clock(struct judge *j, const struct record *r, int64_t *at)
{
	bool step;

	if (!r->stamped) {
		j->unstamped++;
		*at = j->newest_ms;
		return j->timed;
	}
	*at = r->ms;
	step = j->timed && (r->ms - j->newest_ms > JUDGE_AHEAD_MS || j->newest_ms - r->ms > JUDGE_BACK_MS);
	if (step)
		j->steps++;
	if (step || !j->timed || r->ms > j->newest_ms)
		j->newest_ms = r->ms;
	j->timed = true;
	for (size_t i = 0; step && i < j->nwatch; i++)
		silence_begin(&j->watch[i].silence, j->newest_ms);
	return true;
}

/* Who is watched goes on being so, by rules of the same name. */
static void
set_watches(struct judge *j, const struct rules *fresh)
{
	struct watch *old = j->watch;
	size_t n = j->nwatch;

	j->watch = NULL;
	j->nwatch = 0;
	for (size_t i = 0; i < fresh->n; i++) {
		if (!fresh->v[i].silent.n)
			continue;
		j->watch = xreallocarray(j->watch, j->nwatch + 1, sizeof *j->watch);
		j->watch[j->nwatch] = (struct watch){.rule = i};
		for (size_t k = 0; k < n; k++)
			if (!strcmp(j->rules.v[old[k].rule].name, fresh->v[i].name)) {
				j->watch[j->nwatch].silence = old[k].silence;
				old[k].silence = (struct silence){0};
			}
		j->nwatch++;
	}
	for (size_t k = 0; k < n; k++)
		silence_free(&old[k].silence);
	free(old);
}

static void
free_rules(struct judge *j)
{
	view_free(j->view, j->nviews);
	free(j->seed);
	rules_free(&j->rules);
}

/* Entries of rules that are still there go on under their new number. */
static void
remap(struct judge *j, const struct rules *fresh)
{
	size_t *map = xcalloc(j->rules.n + 1, sizeof *map);

	for (size_t i = 0; i < j->rules.n; i++)
		for (map[i] = 0; map[i] < fresh->n; map[i]++)
			if (!strcmp(j->rules.v[i].name, fresh->v[map[i]].name))
				break;
	cooldown_remap(&j->table, map, fresh->n);
	free(map);
}

void
judge_set_rules(struct judge *j, struct rules *fresh, double cooldown_s)
{
	remap(j, fresh);
	set_watches(j, fresh);
	free_rules(j);
	j->rules = *fresh;
	*fresh = (struct rules){0};
	j->cooldown_s = cooldown_s;
	j->seed = xcalloc(j->rules.n + 1, sizeof *j->seed);
	for (size_t i = 0; i < j->rules.n; i++)
		j->seed[i] = cooldown_seed(j->rules.v[i].name);
	j->view = view_make(&j->rules, &j->nviews);
}

void
judge_gap(struct judge *j)
{
	for (size_t i = 0; i < j->nwatch; i++)
		silence_free(&j->watch[i].silence);
	cooldown_end_demo(&j->table);
	j->timed = false;
}

void
judge_init(struct judge *j, size_t max_keys)
{
	*j = (struct judge){0};
	cooldown_init(&j->table, max_keys);
}

void
judge_free(struct judge *j)
{
	set_watches(j, &(const struct rules){.v = NULL});
	free_rules(j);
	cooldown_free(&j->table);
	strbuf_free(&j->name);
	strbuf_free(&j->alert);
}

enum record_result
judge_line(struct judge *j, const char *line, size_t len, struct record *r, struct strbuf *out)
{
	struct hearing h = {.j = j, .r = r};
	enum record_result result = record_parse(line, len, r);

	j->records += result == RECORD_OK;
	if (result != RECORD_OK || record_is(r, "system_alert") || !judge_clock(j, r, &h.at))
		return result;
	j->serial++;
	h.tell = (struct tell){.out = out, .count = &j->messages, .ms = h.at, .demo = r->demo};
	judge_rules(&h);
	judge_heard(&h);
	judge_silent(&h);
	tell_end(&h.tell);
	return result;
}
