#include <stdlib.h>
#include <string.h>

#include "broadcaster/listing.h"
#include "broadcaster/shape.h"
#include "lib/hash.h"
#include "lib/stamp.h"
#include "lib/xalloc.h"

enum { SLOTS_FIRST = 64 };

static uint64_t serials;

uint64_t
listing_hash(const char *name)
{
	return hash64(name, strlen(name));
}

/* Where the field of that name stands in the element's text. */
static struct span
placed(const struct listing *l, const char *text, const struct shape_places *p, const char *name)
{
	size_t k = name ? shape_field(l->section->fields, name) : DIALECT_FIELDS_MAX;

	return k < DIALECT_FIELDS_MAX ? (struct span){text + p->at[k], p->len[k]} : (struct span){NULL, 0};
}

static struct listing_name
name_of(struct listing *l, struct span value)
{
	struct listing_name name = {.at = l->names.len};

	if (!json_string(value, &l->names)) {
		l->names.len = name.at;
		return (struct listing_name){.at = SIZE_MAX};
	}
	strbuf_addc(&l->names, '\0');
	name.hash = listing_hash(l->names.s + name.at);
	return name;
}

static void
rank(struct listing_element *e, const struct dialect_order *o, struct span word, struct span time, int64_t ms)
{
	while (o->words[e->rank] && !json_equals(word, o->words[e->rank]))
		e->rank++;
	e->latest = ms;
	if (json_is(time, '"'))
		stamp_parse(time.p + 1, time.len - 2, &e->latest);
}

/* One more element; its text is in scratch. False: the value is not fit to be one. */
static bool
take(struct listing *l, const struct value *v, struct strbuf *scratch)
{
	const struct dialect_section *s = l->section;
	struct shape_places p;
	struct listing_element *e;
	size_t at = scratch->len;

	if (!shape(s->fields, (struct span){v->data, v->len}, v->ms, scratch, &p))
		return false;
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : SLOTS_FIRST;
		l->v = xreallocarray(l->v, l->cap, sizeof *l->v);
	}
	e = &l->v[l->n];
	*e = (struct listing_element){.at = at, .len = scratch->len - at, .id = v->id, .version = v->version, .number = (uint32_t)l->n++};
	e->key = name_of(l, placed(l, scratch->s, &p, s->key));
	for (size_t i = 0; i < DIALECT_SUBJECTS_MAX; i++)
		e->subject[i] = name_of(l, placed(l, scratch->s, &p, s->subject[i]));
	if (s->order)
		rank(e, s->order, placed(l, scratch->s, &p, s->order->rank), placed(l, scratch->s, &p, s->order->latest), v->ms);
	l->demo = l->demo || v->demo;
	return true;
}

static int
in_order(const void *pa, const void *pb)
{
	const struct listing_element *a = pa, *b = pb;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->latest != b->latest)
		return a->latest > b->latest ? -1 : 1;
	return a->number < b->number ? -1 : 1;
}

static uint32_t *
slot_of(const struct listing *l, uint64_t hash, const char *key)
{
	size_t i = hash & (l->nslots - 1);

	while (l->slot[i] && !(l->v[l->slot[i] - 1].key.hash == hash && !strcmp(listing_text(l, &l->v[l->slot[i] - 1].key), key)))
		i = (i + 1) & (l->nslots - 1);
	return &l->slot[i];
}

struct listing_element *
listing_find(const struct listing *l, uint64_t hash, const char *key)
{
	uint32_t at = l->nslots ? *slot_of(l, hash, key) : 0;

	return at && !l->v[at - 1].hidden ? &l->v[at - 1] : NULL;
}

/* Of two with one key the older is hidden. */
static void
index_keys(struct listing *l)
{
	free(l->slot);
	for (l->nslots = SLOTS_FIRST; l->nslots < 2 * l->n; l->nslots *= 2)
		;
	l->slot = xcalloc(l->nslots, sizeof *l->slot);
	for (uint32_t i = 0; i < l->n; i++) {
		struct listing_element *e = &l->v[i], *twin;
		uint32_t *slot;

		if (e->key.at == SIZE_MAX)
			continue;
		slot = slot_of(l, e->key.hash, listing_text(l, &e->key));
		twin = *slot ? &l->v[*slot - 1] : NULL;
		if (twin)
			(twin->version < e->version ? twin : e)->hidden = true;
		if (!e->hidden)
			*slot = i + 1;
	}
}

/* Hides those with a subject that is nowhere to be found. */
static void
check_references(struct listing *l, const struct listing *refers)
{
	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; k < DIALECT_SUBJECTS_MAX; k++) {
			const struct listing_name *name = &l->v[i].subject[k];

			if (name->at != SIZE_MAX && !listing_find(refers, name->hash, listing_text(l, name)))
				l->v[i].hidden = true;
		}
}

static void
put_together(struct listing *l, const struct strbuf *scratch)
{
	strbuf_reset(&l->text);
	strbuf_reserve(&l->text, scratch->len + l->n + 1);
	l->shown = 0;
	for (size_t i = 0; i < l->n; i++) {
		struct listing_element *e = &l->v[i];
		size_t at;

		if (e->hidden)
			continue;
		if (l->shown++)
			strbuf_addc(&l->text, ',');
		at = l->text.len;
		strbuf_add(&l->text, scratch->s + e->at, e->len);
		e->at = at;
	}
}

static void
make(struct listing *l, const struct value_type *t, const struct listing *refers, uint64_t *left_out)
{
	struct strbuf scratch = {0};
	uint64_t before = l->version;

	l->n = 0;
	l->demo = false;
	strbuf_reset(&l->names);
	for (const struct value *v = t ? t->first : NULL; v; v = v->next_of_type)
		if (v->id && !take(l, v, &scratch))
			*left_out += v->version > before;
	if (l->section->order && l->n)
		qsort(l->v, l->n, sizeof *l->v, in_order);
	if (l->section->key)
		index_keys(l);
	if (refers)
		check_references(l, refers);
	for (size_t i = 0; i < l->n; i++)
		*left_out += l->v[i].hidden && l->v[i].version > before;
	put_together(l, &scratch);
	strbuf_free(&scratch);
}

void
listing_update(struct listing *l, const struct value_type *t, const struct listing *refers, uint64_t *left_out)
{
	uint64_t version = t ? t->version : 0, serial = refers ? refers->serial : 0;

	if (l->serial && l->version == version && l->refers == serial)
		return;
	make(l, t, refers, left_out);
	l->version = version;
	l->refers = serial;
	l->serial = ++serials;
}

void
listing_free(struct listing *l)
{
	strbuf_free(&l->text);
	strbuf_free(&l->names);
	free(l->v);
	free(l->slot);
	*l = (struct listing){.section = l->section};
}
