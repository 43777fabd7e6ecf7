#include <stdlib.h>
#include <string.h>

#include "lib/xalloc.h"
#include "sight.h"

const struct sight sight_none;

static size_t
want_slot(struct view *v, struct pick_rows *rows, bool top, const char *path)
{
	struct strbuf full = {0};
	size_t slot;

	if (rows && !top)
		return pick_want(&rows->of, path);
	strbuf_addf(&full, "%s%s", top ? "" : "data.", path);
	slot = pick_want(&v->pick, full.s);
	strbuf_free(&full);
	return slot;
}

static void
want(struct view *v, struct pick_rows *rows, struct rule_path *p)
{
	if (p->path)
		p->slot = want_slot(v, rows, p->top, p->path);
}

static void
want_text(struct view *v, struct pick_rows *rows, struct text *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->part[i].kind == TEXT_PATH)
			t->part[i].slot = want_slot(v, rows, t->part[i].top, t->part[i].s);
}

static struct pick_rows *
want_rows(struct view *v, const char *path)
{
	struct strbuf full = {0};
	struct pick_rows *rows;

	strbuf_addf(&full, "data.%s", path);
	rows = pick_each(&v->pick, full.s);
	strbuf_free(&full);
	return rows;
}

static void
add_rule(struct view *v, struct rule *r, size_t index)
{
	struct pick_rows *rows = r->each.path ? want_rows(v, r->each.path) : NULL;

	v->rule = xreallocarray(v->rule, v->nrules + 1, sizeof *v->rule);
	v->rows = xreallocarray(v->rows, v->nrules + 1, sizeof(struct pick_rows *));
	v->rule[v->nrules] = index;
	v->rows[v->nrules++] = rows;
	want(v, NULL, &r->partial);
	want(v, rows, &r->by);
	want(v, rows, &r->interval);
	for (size_t i = 0; i < r->nvalues; i++)
		want(v, rows, &r->value[i]);
	for (size_t i = 0; i < r->nwith; i++)
		want(v, rows, &r->with[i].from);
	want_text(v, rows, &r->say);
	want_text(v, rows, &r->resolved);
	want_text(v, rows, &r->gone);
	want_text(v, rows, &r->silent);
}

struct view *
view_on(struct view *v, size_t n, struct span type)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].len == type.len && !memcmp(v[i].on, type.p, type.len))
			return &v[i];
	return NULL;
}

struct view *
view_make(struct rules *rs, size_t *n)
{
	struct view *all = xcalloc(rs->n + 1, sizeof *all), *v;

	*n = 0;
	for (size_t i = 0; i < rs->n; i++) {
		const char *on = rs->v[i].on;

		v = view_on(all, *n, (struct span){on, strlen(on)});
		if (!v) {
			v = &all[(*n)++];
			v->on = xstrdup(on);
			v->len = strlen(on);
		}
		add_rule(v, &rs->v[i], i);
	}
	return all;
}

void
view_free(struct view *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(v[i].on);
		free(v[i].rule);
		free(v[i].rows);
		pick_free(&v[i].pick);
	}
	free(v);
}

void
sight_take(struct sight *s, struct view *v, const struct record *r)
{
	pick_walk(&v->pick, r->line);
	*s = (struct sight){.slot = v->pick.slot};
}

struct span
sight_at(const void *ctx, bool top, size_t slot)
{
	const struct sight *s = ctx;
	const struct span none = {NULL, 0};

	if (!s->slot)
		return none;
	if (s->rows && !top)
		return s->row ? s->row[slot] : none;
	return s->slot[slot];
}

struct span
sight_value(const struct sight *s, const struct rule *r)
{
	struct span v = {NULL, 0};

	for (size_t i = 0; i < r->nvalues; i++) {
		v = sight_at(s, r->value[i].top, r->value[i].slot);
		if (v.p && !json_is(v, 'n'))
			return v;
	}
	return (struct span){NULL, 0};
}

static bool
compare(enum rule_op op, double a, double b)
{
	switch (op) {
	case RULE_LT: return a < b;
	case RULE_LE: return a <= b;
	case RULE_EQ: return a == b;
	case RULE_NE: return a != b;
	case RULE_GE: return a >= b;
	case RULE_GT: return a > b;
	case RULE_ALWAYS: break;
	}
	return true;
}

/* 1 it holds, 0 it does not, -1 the value is not of the kind compared with. */
static int
holds(const struct rule_level *l, struct span v)
{
	bool same;
	double d;

	if (l->op == RULE_ALWAYS)
		return 1;
	if (!l->word)
		return json_number(v, &d) ? compare(l->op, d, l->number) : -1;
	if (json_is(v, '"'))
		same = json_equals(v, l->word);
	else if (json_is(v, 'b'))
		same = !strcmp(l->word, json_is(v, 't') ? "true" : "false");
	else
		return -1;
	return same == (l->op == RULE_EQ);
}

int
sight_level(const struct sight *s, const struct rule *r)
{
	struct span v = sight_value(s, r);
	int level = LEVEL_NONE, is;

	for (size_t i = 0; i < r->nlevels; i++) {
		is = holds(&r->level[i], v);
		if (!i && is != 1)
			return is;
		if (is == 1)
			level = r->level[i].level;
	}
	return level;
}

bool
sight_partial(const struct sight *s, const struct rule *r)
{
	struct span v;

	if (!r->partial.path || !s->slot)
		return false;
	v = s->slot[r->partial.slot];
	return v.p && !json_is(v, 'n') && *v.p != 'f';
}
