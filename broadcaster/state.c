#include <stdlib.h>
#include <string.h>

#include "broadcaster/state.h"
#include "lib/xalloc.h"

enum {
	BUCKETS = 1 << 12,
	OVERHEAD = 64,	/* what the allocator takes for a value's four pieces, roughly */
};

struct state {
	struct value_type *types, *last;
	size_t ntypes, nvalues, max_values, bytes, max_bytes;
	uint64_t version;
	struct value *bucket[BUCKETS];
};

struct state *
state_new(size_t max_values, size_t max_bytes)
{
	struct state *s = xcalloc(1, sizeof *s);

	s->max_values = max_values;
	s->max_bytes = max_bytes;
	return s;
}

static void
value_free(struct value *v)
{
	free(v->id);
	free(v->data);
	free(v->source);
	free(v);
}

void
state_del(struct state *s)
{
	struct value_type *t, *next_type;
	struct value *v, *next;

	if (!s)
		return;
	for (t = s->types; t; t = next_type) {
		next_type = t->next;
		for (v = t->first; v; v = next) {
			next = v->next_of_type;
			value_free(v);
		}
		free(t->name);
		free(t);
	}
	free(s);
}

static size_t
bucket_of(const char *type, size_t n, const char *id)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)type[i]) * 1099511628211u;
	h = (h ^ (id ? 1 : 0)) * 1099511628211u;
	for (; id && *id; id++)
		h = (h ^ (unsigned char)*id) * 1099511628211u;
	return (size_t)((h ^ h >> 32) & (BUCKETS - 1));
}

static bool
same_id(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : !a && !b;
}

static struct value *
find(const struct state *s, const char *type, size_t n, const char *id)
{
	struct value *v = s->bucket[bucket_of(type, n, id)];

	while (v && !(strlen(v->type->name) == n && !memcmp(v->type->name, type, n) && same_id(v->id, id)))
		v = v->next_in_bucket;
	return v;
}

static struct value_type *
type_find(const struct state *s, const char *name, size_t n)
{
	struct value_type *t = s->types;

	while (t && !(strlen(t->name) == n && !memcmp(t->name, name, n)))
		t = t->next;
	return t;
}

static struct value_type *
type_new(struct state *s, struct span name)
{
	struct value_type *t = xcalloc(1, sizeof *t);

	t->name = xmemdup0(name.p, name.len);
	if (s->last)
		s->last->next = t;
	else
		s->types = t;
	s->last = t;
	s->ntypes++;
	return t;
}

static void
value_link(struct state *s, struct value *v, struct value_type *t)
{
	struct value **bucket = &s->bucket[bucket_of(t->name, strlen(t->name), v->id)];

	v->type = t;
	v->next_in_bucket = *bucket;
	*bucket = v;
	v->prev_of_type = t->last;
	if (t->last)
		t->last->next_of_type = v;
	else
		t->first = v;
	t->last = v;
	t->count++;
	s->nvalues++;
}

static size_t
cost(size_t id, size_t data, size_t source)
{
	return sizeof(struct value) + OVERHEAD + id + data + source;
}

static size_t
value_cost(const struct value *v)
{
	return cost(v->id ? strlen(v->id) : 0, v->len, v->source ? strlen(v->source) : 0);
}

static void
value_remove(struct state *s, struct value *v)
{
	struct value_type *t = v->type;
	struct value **p = &s->bucket[bucket_of(t->name, strlen(t->name), v->id)];

	while (*p != v)
		p = &(*p)->next_in_bucket;
	*p = v->next_in_bucket;
	*(v->prev_of_type ? &v->prev_of_type->next_of_type : &t->first) = v->next_of_type;
	*(v->next_of_type ? &v->next_of_type->prev_of_type : &t->last) = v->prev_of_type;
	t->count--;
	t->version = ++s->version;
	s->nvalues--;
	s->bytes -= value_cost(v);
	value_free(v);
}

/* May this be the data of a value? */
static bool
usable(const struct record *r, struct span data, const char *id)
{
	if (json_is(data, '{'))
		return true;
	if (json_is(data, 'n') || record_is_state(r))	/* data of kato-stream(5)'s own types is always an object */
		return false;
	return id || json_is(data, '[');
}

/* The record's id as text in buf, *id NULL where it has none. A source's status is known by its source. False: no id we could keep. */
static bool
take_id(const struct record *r, struct strbuf *buf, const char **id)
{
	struct span s = json_is(r->id, 'n') ? (struct span){NULL, 0} : r->id;

	*id = NULL;
	if (!s.p && record_is(r, "source_status")) {
		s = json_member(r->data, "source");
		if (!json_is(s, '"'))
			s = r->source;
		if (!json_is(s, '"'))
			return false;
	}
	if (!s.p)
		return true;
	if (!json_string(s, buf) || buf->len > STATE_ID_MAX)
		return false;
	*id = buf->s;
	return true;
}

static void
set_text(char **to, const char *s)
{
	if (same_id(*to, s))
		return;
	free(*to);
	*to = s ? xstrdup(s) : NULL;
}

static void
value_fill(struct state *s, struct value *v, struct value_type *t, const struct record *r, struct span data, const char *source,
    int64_t now_ms)
{
	if (!v->data || v->len != data.len)
		v->data = xrealloc(v->data, data.len + 1);
	memcpy(v->data, data.p, data.len);
	v->data[data.len] = '\0';
	v->len = data.len;
	set_text(&v->source, source);
	v->ms = r->stamped ? r->ms : now_ms;
	v->came_ms = now_ms;
	v->demo = r->demo;
	v->version = t->version = ++s->version;
	s->bytes += value_cost(v);
}

static enum state_result
put(struct state *s, const struct record *r, const char *id, const char *source, int64_t now_ms, const struct value **out)
{
	struct value *v = find(s, r->type.p, r->type.len, id);
	struct span data = r->data;
	struct value_type *t;
	size_t old = v ? value_cost(v) : 0;

	if (!data.p && record_is(r, "source_status"))
		data = r->line;
	if (id && v && json_is(data, 'n')) {
		value_remove(s, v);
		return STATE_GONE;
	}
	if (!data.p || !usable(r, data, id))
		return STATE_IGNORED;
	t = v ? v->type : type_find(s, r->type.p, r->type.len);
	if (s->bytes - old + cost(id ? strlen(id) : 0, data.len, source ? strlen(source) : 0) > s->max_bytes ||
	    (!v && s->nvalues >= s->max_values) || (!t && s->ntypes >= STATE_TYPES_MAX))
		return STATE_FULL;
	if (!t)
		t = type_new(s, r->type);
	if (!v) {
		v = xcalloc(1, sizeof *v);
		set_text(&v->id, id);
		value_link(s, v, t);
	}
	s->bytes -= old;
	value_fill(s, v, t, r, data, source, now_ms);
	*out = v;
	return STATE_CHANGED;
}

enum state_result
state_put(struct state *s, const struct record *r, int64_t now_ms, const struct value **out)
{
	struct strbuf idbuf = {0}, source = {0};
	enum state_result result = STATE_IGNORED;
	const char *id;

	*out = NULL;
	if (take_id(r, &idbuf, &id)) {
		bool named = json_string(r->source, &source) && source.len <= STATE_ID_MAX;

		result = put(s, r, id, named ? source.s : NULL, now_ms, out);
	}
	strbuf_free(&idbuf);
	strbuf_free(&source);
	return result;
}

const struct value *
state_get(const struct state *s, const char *type, const char *id)
{
	return find(s, type, strlen(type), id);
}

struct value_type *
state_type(struct state *s, const char *type)
{
	return type_find(s, type, strlen(type));
}

struct value_type *
state_types(struct state *s)
{
	return s->types;
}

uint64_t
state_version(const struct state *s)
{
	return s->version;
}

size_t
state_bytes(const struct state *s)
{
	return s->bytes;
}
