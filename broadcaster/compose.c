#include <stdlib.h>
#include <string.h>

#include "broadcaster/compose.h"
#include "broadcaster/shape.h"
#include "lib/xalloc.h"

/* What is asked for, of one row. */
struct view {
	struct compose *c;
	const struct dialect *d;
	const struct topicset *set;	/* NULL: everything */
	struct topic *const *subject;	/* those it is narrowed to: */
	uint64_t *hash;
	size_t nsubjects;
};

static struct listing *
slot_of(struct compose *c, const struct dialect_section *s)
{
	size_t i = 0;

	while (i < c->nlists && c->list[i]->section != s)
		i++;
	if (i == c->nlists) {
		c->list[c->nlists++] = xcalloc(1, sizeof(struct listing));
		c->list[i]->section = s;
	}
	return c->list[i];
}

const struct listing *
compose_listing(struct compose *c, const struct dialect *d, const struct dialect_section *s)
{
	const struct dialect_section *refers = s->refers ? dialect_section_named(d, s->refers) : NULL;
	const struct listing *other = refers ? compose_listing(c, d, refers) : NULL;
	struct listing *l = slot_of(c, s);

	listing_update(l, state_type(c->state, s->type), other, &c->stats->left_out);
	return l;
}

static void
view_begin(struct view *w, struct compose *c, const struct dialect *d, const struct topicset *set)
{
	*w = (struct view){.c = c, .d = d, .set = set};
	if (set)
		w->subject = topicset_subjects(set, &w->nsubjects);
	if (!w->nsubjects)
		return;
	w->hash = xreallocarray(NULL, w->nsubjects, sizeof *w->hash);
	for (size_t i = 0; i < w->nsubjects; i++)
		w->hash[i] = listing_hash(w->subject[i]->id);
}

static enum want
wants(const struct view *w, const struct dialect_section *s)
{
	return w->set ? topicset_wants(w->set, s->type) : WANT_WHOLE;
}

/* Is TYPE.ID in the set? */
static bool
has_part(const struct view *w, const struct dialect_section *s, const char *id)
{
	for (size_t i = 0; i < w->set->n; i++)
		if (w->set->v[i]->id && topic_is_type(w->set->v[i], s->type) && !strcmp(w->set->v[i]->id, id))
			return true;
	return false;
}

static bool
is_subject(const struct view *w, uint64_t hash, const char *id)
{
	for (size_t i = 0; i < w->nsubjects; i++)
		if (w->hash[i] == hash && !strcmp(w->subject[i]->id, id))
			return true;
	return false;
}

/* May it be shown at all: is its type in the set, and what it refers to? */
static bool
permits(const struct view *w, const struct listing *l, const struct listing_element *e, enum want want)
{
	const struct dialect_section *refers = l->section->refers ? dialect_section_named(w->d, l->section->refers) : NULL;
	const struct listing *other;

	if (e->hidden || want == WANT_NONE || (want == WANT_PARTS && !has_part(w, l->section, e->id)))
		return false;
	if (!refers || wants(w, refers) == WANT_WHOLE)
		return true;
	other = compose_listing(w->c, w->d, refers);
	for (size_t i = 0; i < DIALECT_SUBJECTS_MAX; i++) {
		const struct listing_name *name = &e->subject[i];
		const struct listing_element *end = name->at == SIZE_MAX ? NULL : listing_find(other, name->hash, listing_text(l, name));

		if (name->at != SIZE_MAX && !(end && permits(w, other, end, wants(w, refers))))
			return false;
	}
	return true;
}

/* Is it about one of the subjects? */
static bool
is_about(const struct view *w, const struct listing *l, const struct listing_element *e)
{
	for (size_t i = 0; i < DIALECT_SUBJECTS_MAX; i++)
		if (e->subject[i].at != SIZE_MAX && is_subject(w, e->subject[i].hash, listing_text(l, &e->subject[i])))
			return true;
	return !w->nsubjects;
}

/* Notes which elements of l are referred to by those of other that are shown. */
static void
bring_along(const struct view *w, const struct listing *l, const struct listing *other, bool *along)
{
	enum want want = wants(w, other->section);

	for (size_t i = 0; i < other->n; i++) {
		const struct listing_element *e = &other->v[i], *end;

		if (!permits(w, other, e, want) || !is_about(w, other, e))
			continue;
		for (size_t k = 0; k < DIALECT_SUBJECTS_MAX; k++)
			if (e->subject[k].at != SIZE_MAX &&
			    (end = listing_find(l, e->subject[k].hash, listing_text(other, &e->subject[k]))))
				along[end - l->v] = true;
	}
}

/* By place, which elements come along with others. NULL: there is no need to know. */
static bool *
companions(const struct view *w, const struct listing *l)
{
	bool *along = NULL;

	if (!w->nsubjects || !l->n)
		return NULL;
	for (const struct dialect_section *s = w->d->sections; s->name; s++) {
		if (s->kind != SECTION_LIST || !s->refers || strcmp(s->refers, l->section->name) != 0)
			continue;
		if (!along)
			along = xcalloc(l->n, sizeof *along);
		bring_along(w, l, compose_listing(w->c, w->d, s), along);
	}
	return along;
}

/* All of it can be seen: no need to look at each. */
static bool
is_open(const struct view *w, const struct dialect_section *s)
{
	const struct dialect_section *refers = s->refers ? dialect_section_named(w->d, s->refers) : NULL;

	return !w->nsubjects && wants(w, s) == WANT_WHOLE && (!refers || wants(w, refers) == WANT_WHOLE);
}

static size_t
put_elements(const struct view *w, const struct listing *l, const struct compose_pick *pick, struct strbuf *out)
{
	enum want want = wants(w, l->section);
	bool *along = companions(w, l);
	size_t n = 0;

	for (size_t i = 0; i < l->n && !(pick && pick->most && n == pick->most); i++) {
		const struct listing_element *e = &l->v[i];

		if (!permits(w, l, e, want) || !(is_about(w, l, e) || (along && along[i])))
			continue;
		if (pick && pick->pick && !pick->pick(pick->arg, (struct span){l->text.s + e->at, e->len}))
			continue;
		if (n++)
			strbuf_addc(out, ',');
		strbuf_add(out, l->text.s + e->at, e->len);
	}
	free(along);
	return n;
}

size_t
compose_elements(struct compose *c, const struct dialect *d, const struct dialect_section *s, const struct topicset *set,
    const struct compose_pick *pick, struct strbuf *out)
{
	const struct listing *l = compose_listing(c, d, s);
	struct view w;
	size_t n;

	view_begin(&w, c, d, set);
	strbuf_addc(out, '[');
	if (!pick && is_open(&w, s)) {
		n = l->shown;
		strbuf_add(out, l->text.s, l->text.len);
	} else {
		n = put_elements(&w, l, pick, out);
	}
	strbuf_addc(out, ']');
	free(w.hash);
	return n;
}

/* Does it refer to a list of which nothing can be seen, whatever it is narrowed to? */
static bool
refers_to_nothing(const struct view *w, const struct dialect_section *s)
{
	const struct dialect_section *refers = s->refers ? dialect_section_named(w->d, s->refers) : NULL;
	const struct listing *l = refers ? compose_listing(w->c, w->d, refers) : NULL;
	enum want want = refers ? wants(w, refers) : WANT_NONE;

	for (size_t i = 0; l && i < l->n; i++)
		if (permits(w, l, &l->v[i], want))
			return false;
	return refers;
}

static bool
put_one_member(const struct view *w, const struct dialect_section *s, struct strbuf *out)
{
	const struct value *v = wants(w, s) == WANT_WHOLE ? state_get(w->c->state, s->type, NULL) : NULL;
	struct span value = {NULL, 0};

	if (v && !refers_to_nothing(w, s))
		value = json_member((struct span){v->data, v->len}, s->fields->name);
	shape_value(s->fields, value, v ? v->ms : 0, out);
	return v && v->demo;
}

bool
compose_section(struct compose *c, const struct dialect *d, const struct dialect_section *s, const struct topicset *set,
    struct strbuf *out)
{
	struct view w = {.c = c, .d = d, .set = set};

	if (s->kind == SECTION_MEMBER)
		return put_one_member(&w, s, out);
	return compose_elements(c, d, s, set, NULL, out) && compose_listing(c, d, s)->demo;
}

void
compose_free(struct compose *c)
{
	for (size_t i = 0; i < c->nlists; i++) {
		listing_free(c->list[i]);
		free(c->list[i]);
	}
	c->nlists = 0;
}
