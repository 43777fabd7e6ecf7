#include <string.h>

#include "broadcaster/message.h"
#include "broadcaster/update.h"
#include "lib/stamp.h"

/* Is there a part of this type in set that but lacks? */
static bool
new_parts(const struct topicset *set, const struct topicset *but, const char *type)
{
	for (size_t i = 0; i < set->n; i++)
		if (topic_is_type(set->v[i], type) && !(but && topicset_has(but, set->v[i])))
			return true;
	return false;
}

/* Does set want something of the type that but did not? */
static bool
adds(const struct topicset *set, const struct topicset *but, const char *type)
{
	enum want w = topicset_wants(set, type), had = topicset_wants(but, type);

	return but && (w > had || (w == WANT_PARTS && new_parts(set, but, type)));
}

bool
update_muted(const struct flags *f, const char *type)
{
	return (!f->container_stats && !strcmp(type, "containers")) ||
	    (!f->session_events && (!strcmp(type, "sessions") || !strcmp(type, "session_event"))) ||
	    (!f->system_alerts && !strcmp(type, "system_alert"));
}

void
update_at(struct update *u, int64_t wall, int64_t most_ms)
{
	if (wall - u->wall <= most_ms && wall >= u->wall)
		return;
	frame_cache_clear(&u->cache);
	u->wall = wall;
}

/* One section of a message being put together. */
struct part {
	const struct dialect_section *section;
	const struct value *value;	/* NULL: it is not made of one, or there is none */
	enum want want;
};

static void
add_parts(struct update *u, const struct part *p, size_t index, const struct topicset *set, struct strbuf *out)
{
	struct elements *list = &u->elements[index];
	const char *comma = "";

	if (list->version != p->value->version || u->indexed[index] != p->section)
		elements_index(list, (struct span){p->value->data, p->value->len}, p->section->list, p->section->key, p->value->version);
	u->indexed[index] = p->section;
	strbuf_addf(out, "{\"%s\":[", p->section->list);
	for (size_t i = 0; i < set->n; i++) {
		struct span e;

		if (!topic_is_type(set->v[i], p->section->type) || !(e = elements_find(list, set->v[i]->id)).p)
			continue;
		strbuf_adds(out, comma);
		strbuf_add(out, e.p, e.len);
		comma = ",";
	}
	strbuf_adds(out, "]}");
}

/* A state message as far as it is put together. */
struct body {
	struct strbuf sections, times;
	bool demo;
	int64_t oldest;
};

static void
add_section(struct update *u, const struct dialect *d, const struct part *p, const struct topicset *set, struct body *b)
{
	const struct dialect_section *s = p->section;
	const struct value *v = p->value;
	char time[STAMP_LEN + 1];

	if (s->kind != SECTION_ALONE)
		strbuf_addf(&b->sections, "%s\"%s\":", b->sections.len ? "," : "", s->name);
	if (s->kind == SECTION_LIST || s->kind == SECTION_MEMBER) {
		b->demo = compose_section(&u->compose, d, s, set, &b->sections) || b->demo;
		return;
	}
	strbuf_addf(&b->times, "%s\"%s\":\"%s\"", b->times.len ? "," : "", s->name, stamp_format(v->ms, time));
	if (p->want == WANT_WHOLE || !set)
		strbuf_add(&b->sections, v->data, v->len);
	else
		add_parts(u, p, (size_t)(s - d->sections), set, &b->sections);
	b->demo = b->demo || v->demo;
	if (!b->oldest || v->ms < b->oldest)
		b->oldest = v->ms;
}

/* Appends the body of the message, or all of it. Returns the time of the oldest value in it. */
static int64_t
state_text(struct update *u, const struct dialect *d, const struct part *parts, size_t n, const struct topicset *set, bool whole,
    struct strbuf *out)
{
	struct body b = {0};
	struct strbuf body = {0};
	char time[STAMP_LEN + 1];
	struct dialect_var vars[] = {
	    {"time", stamp_format(u->wall, time)},
	    {"demo", ""},
	    {"times", ""},
	    {"sections", ""},
	    {"body", ""},
	    {NULL, NULL}};

	for (size_t i = 0; i < n; i++)
		add_section(u, d, &parts[i], set, &b);
	if (b.demo)
		vars[1].text = ",\"demo\":true";
	if (b.times.s)
		vars[2].text = b.times.s;
	vars[3].text = b.sections.s;
	if (whole && strstr(d->state, "$body")) {
		dialect_fill(d->body, vars, &body);
		vars[4].text = body.s;
	}
	dialect_fill(whole ? d->state : d->body, vars, out);
	strbuf_free(&b.sections);
	strbuf_free(&b.times);
	strbuf_free(&body);
	return b.oldest;
}

static struct frame *
state_frame(struct update *u, const struct dialect *d, const struct part *parts, size_t n, const struct topicset *set)
{
	struct strbuf text = {0};
	int64_t oldest = state_text(u, d, parts, n, set, true, &text);
	struct frame *f = message_frame(d, d->state_type, text.s, text.len);

	f->ms = d->whole ? 0 : oldest;	/* what is sent again is as late as it is old */
	strbuf_free(&text);
	return f;
}

/* What stands for what the section holds now; 0: nothing is known of it. */
static uint64_t
section_version(struct update *u, const struct dialect *d, const struct dialect_section *s, const struct value *v)
{
	const struct value_type *t;

	if (s->kind != SECTION_LIST)
		return v ? v->version : 0;
	t = state_type(u->state, s->type);
	return t && d->whole ? compose_listing(&u->compose, d, s)->serial : t ? t->version : 0;
}

/* All sections of a message that always has all of them; 0: there is none to be sent. */
static size_t
all_parts(struct update *u, const struct dialect *d, const struct topicset *set, struct part parts[UPDATE_SECTIONS_MAX], uint64_t *key)
{
	size_t n = 0;

	*key = frame_key(dialect_number(d), set ? set->hash : 0);
	for (const struct dialect_section *s = d->sections; s->name && n < UPDATE_SECTIONS_MAX; s++) {
		const struct value *v = s->kind == SECTION_LIST ? NULL : state_get(u->state, s->type, NULL);
		enum want w = set ? topicset_wants(set, s->type) : WANT_WHOLE;

		if (s->kind != SECTION_LIST && s->kind != SECTION_MEMBER && (!v || w != WANT_WHOLE || update_muted(u->flags, s->type)))
			continue;
		parts[n++] = (struct part){s, v, w};
		*key = frame_key(*key, section_version(u, d, s, v));
	}
	return n;
}

/* The sections to show, and a key that stands for what they hold; 0: there are none. */
static size_t
find_parts(struct update *u, const struct dialect *d, const struct topicset *set, const struct topicset *but, uint64_t from,
    struct part parts[UPDATE_SECTIONS_MAX], uint64_t *key)
{
	size_t n = 0;

	if (d->whole)
		return all_parts(u, d, set, parts, key);
	*key = dialect_number(d);
	for (size_t i = 0; d->sections[i].name && n < UPDATE_SECTIONS_MAX; i++) {
		const struct dialect_section *s = &d->sections[i];
		const struct value *v = s->kind == SECTION_LIST ? NULL : state_get(u->state, s->type, NULL);
		uint64_t version = section_version(u, d, s, v);
		enum want w;

		if (!version || update_muted(u->flags, s->type) || (version <= from && !(set && adds(set, but, s->type))))
			continue;
		w = set ? topicset_wants(set, s->type) : WANT_WHOLE;
		if (w == WANT_NONE || (w == WANT_PARTS && !s->list && s->kind != SECTION_LIST))
			continue;
		parts[n++] = (struct part){s, v, w};
		*key = frame_key(frame_key(*key, w), version);
		for (size_t k = 0; w == WANT_PARTS && k < set->n; k++)
			if (topic_is_type(set->v[k], s->type))
				*key = frame_key(*key, set->v[k]->hash);
	}
	return n;
}

void
update_value(const struct dialect *d, const struct value *v, struct strbuf *out)
{
	struct strbuf id = {0}, source = {0};
	char time[STAMP_LEN + 1];

	if (v->id) {
		strbuf_adds(&id, ",\"id\":");
		strbuf_addjsons(&id, v->id);
	}
	if (v->source) {
		strbuf_adds(&source, ",\"source\":");
		strbuf_addjsons(&source, v->source);
	}
	dialect_fill(d->value, (struct dialect_var[]){
	    {"type", v->type->name},
	    {"id", id.s ? id.s : ""},
	    {"time", stamp_format(v->ms, time)},
	    {"source", source.s ? source.s : ""},
	    {"demo", v->demo ? ",\"demo\":true" : ""},
	    {"data", v->data},
	    {NULL, NULL}}, out);
	strbuf_free(&id);
	strbuf_free(&source);
}

static struct frame *
value_frame(const struct dialect *d, const struct value *v)
{
	struct strbuf text = {0};
	struct frame *f;

	update_value(d, v, &text);
	f = message_frame(d, v->type->name, text.s, text.len);
	f->ms = v->ms;
	strbuf_free(&text);
	return f;
}

static void
add_value(struct update *u, const struct dialect *d, const struct value *v, struct frames *out)
{
	uint64_t key = frame_key(frame_key(~(uint64_t)0, dialect_number(d)), v->version);
	struct frame *f = frame_cache_get(&u->cache, key);

	if (!f) {
		f = value_frame(d, v);
		frame_cache_put(&u->cache, key, f);
	}
	frames_add(out, f);
}

/* Values that travel alone: all of a type but the one that is a section. */
static void
add_type(struct update *u, const struct dialect *d, const struct value_type *t, uint64_t from, struct frames *out)
{
	const struct dialect_section *s = dialect_section(d, t->name);

	if (t->version <= from || update_muted(u->flags, t->name))
		return;
	for (const struct value *v = t->first; v; v = v->next_of_type)
		if (v->version > from && !(s && (s->kind == SECTION_LIST) == !!v->id))
			add_value(u, d, v, out);
}

static bool
in_list(const struct dialect *d, const char *type)
{
	const struct dialect_section *s = dialect_section(d, type);

	return s && s->kind == SECTION_LIST;
}

static void
add_topic(struct update *u, const struct dialect *d, const struct topicset *but, const struct topic *p, uint64_t from,
    struct frames *out)
{
	char type[TOPICS_NAME_MAX + 1];
	const struct value *v;

	memcpy(type, p->key, p->type_len);
	type[p->type_len] = '\0';
	if (update_muted(u->flags, type) || (p->id && in_list(d, type)))
		return;
	if (but && topicset_wants(but, type) != WANT_WHOLE && !topicset_has(but, p))
		from = 0;
	if (p->id && (v = state_get(u->state, type, p->id)) && v->version > from)
		add_value(u, d, v, out);
	else if (!p->id && state_type(u->state, type))
		add_type(u, d, state_type(u->state, type), from, out);
}

void
update_frames(struct update *u, const struct dialect *d, const struct topicset *set, const struct topicset *but, uint64_t from,
    struct frames *out)
{
	struct part parts[UPDATE_SECTIONS_MAX];
	uint64_t key;
	size_t n = find_parts(u, d, set, but, from, parts, &key);

	if (n) {
		struct frame *f = frame_cache_get(&u->cache, key);

		if (!f) {
			f = state_frame(u, d, parts, n, set);
			frame_cache_put(&u->cache, key, f);
		}
		frames_add(out, f);
	}
	if (d->whole)
		return;
	if (set->n && topic_is_all(set->v[0])) {	/* it sorts first */
		for (const struct value_type *t = state_types(u->state); t; t = t->next)
			add_type(u, d, t, adds(set, but, t->name) ? 0 : from, out);
		return;
	}
	for (size_t i = 0; i < set->n; i++)
		if (!(set->v[i]->id && topicset_wants(set, set->v[i]->whole->key) == WANT_WHOLE))
			add_topic(u, d, but, set->v[i], from, out);
}

/* What whoever has no connection is shown: the flags notwithstanding. */
static bool
snapshot(struct update *u, const struct dialect *d, const struct topicset *set, int64_t wall, bool whole, struct strbuf *out)
{
	static const struct flags all = {true, true, true, true, true};
	const struct flags *flags = u->flags;
	struct part parts[UPDATE_SECTIONS_MAX];
	uint64_t key;
	size_t n;

	u->flags = &all;
	n = find_parts(u, d, set, NULL, 0, parts, &key);
	u->flags = flags;
	if (!n)
		return false;
	update_at(u, wall, 0);
	state_text(u, d, parts, n, set, whole, out);
	return true;
}

bool
update_snapshot(struct update *u, const struct dialect *d, const struct topicset *set, int64_t wall, struct strbuf *out)
{
	return snapshot(u, d, set, wall, true, out);
}

bool
update_body(struct update *u, const struct dialect *d, const struct topicset *set, int64_t wall, struct strbuf *out)
{
	return snapshot(u, d, set, wall, false, out);
}

struct frame *
update_gone(const struct dialect *d, const char *type, const char *id, int64_t wall)
{
	struct strbuf text = {0}, member = {0};
	char time[STAMP_LEN + 1];
	struct frame *f;

	strbuf_adds(&member, ",\"id\":");
	strbuf_addjsons(&member, id);
	dialect_fill(d->value, (struct dialect_var[]){
	    {"type", type},
	    {"id", member.s},
	    {"time", stamp_format(wall, time)},
	    {"data", "null"},
	    {NULL, NULL}}, &text);
	f = message_frame(d, NULL, text.s, text.len);
	f->ms = wall;
	strbuf_free(&member);
	strbuf_free(&text);
	return f;
}

void
update_free(struct update *u)
{
	frame_cache_free(&u->cache);
	for (size_t i = 0; i < UPDATE_SECTIONS_MAX; i++)
		elements_free(&u->elements[i]);
	compose_free(&u->compose);
}
