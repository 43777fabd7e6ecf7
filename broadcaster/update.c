#include <string.h>

#include "broadcaster/message.h"
#include "broadcaster/update.h"
#include "lib/stamp.h"

enum want { WANT_NONE, WANT_PARTS, WANT_WHOLE };

static enum want
wants(const struct topicset *set, const char *type)
{
	enum want w = WANT_NONE;

	for (size_t i = 0; set && i < set->n; i++) {
		if (topic_is_all(set->v[i]))
			return WANT_WHOLE;
		if (!topic_is_type(set->v[i], type))
			continue;
		if (!set->v[i]->id)
			return WANT_WHOLE;
		w = WANT_PARTS;
	}
	return w;
}

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
	enum want w = wants(set, type), had = wants(but, type);

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
	const struct value *value;
	enum want want;
};

static void
add_parts(struct update *u, const struct part *p, size_t index, const struct topicset *set, struct strbuf *out)
{
	struct elements *list = &u->elements[index];
	const char *comma = "";

	if (list->version != p->value->version)
		elements_index(list, (struct span){p->value->data, p->value->len}, p->section->list, p->section->key, p->value->version);
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

static struct frame *
state_frame(struct update *u, const struct dialect *d, const struct part *parts, size_t n, const struct topicset *set)
{
	struct strbuf sections = {0}, times = {0}, text = {0};
	char time[STAMP_LEN + 1];
	bool demo = false;
	int64_t oldest = 0;
	struct frame *f;

	for (size_t i = 0; i < n; i++) {
		const struct value *v = parts[i].value;

		strbuf_addf(&sections, "%s\"%s\":", i ? "," : "", parts[i].section->name);
		strbuf_addf(&times, "%s\"%s\":\"%s\"", i ? "," : "", parts[i].section->name, stamp_format(v->ms, time));
		if (parts[i].want == WANT_WHOLE || !set)
			strbuf_add(&sections, v->data, v->len);
		else
			add_parts(u, &parts[i], (size_t)(parts[i].section - d->sections), set, &sections);
		demo = demo || v->demo;
		if (!oldest || v->ms < oldest)
			oldest = v->ms;
	}
	dialect_fill(d->state, (struct dialect_var[]){
	    {"time", stamp_format(u->wall, time)},
	    {"demo", demo ? ",\"demo\":true" : ""},
	    {"times", times.s},
	    {"sections", sections.s},
	    {NULL, NULL}}, &text);
	f = message_frame(d, d->state_type, text.s, text.len);
	f->ms = oldest;
	strbuf_free(&sections);
	strbuf_free(&times);
	strbuf_free(&text);
	return f;
}

/* The sections to show, and a key that stands for what they hold; 0: there are none. */
static size_t
find_parts(const struct update *u, const struct dialect *d, const struct topicset *set, const struct topicset *but, uint64_t from,
    struct part parts[UPDATE_SECTIONS_MAX], uint64_t *key)
{
	size_t n = 0;

	*key = (uint64_t)(d - dialects);
	for (size_t i = 0; d->sections[i].name && n < UPDATE_SECTIONS_MAX; i++) {
		const struct dialect_section *s = &d->sections[i];
		const struct value *v = state_get(u->state, s->type, NULL);
		enum want w;

		if (!v || update_muted(u->flags, s->type) || (v->version <= from && !adds(set, but, s->type)))
			continue;
		w = wants(set, s->type);
		if (w == WANT_NONE || (w == WANT_PARTS && !s->list))
			continue;
		parts[n++] = (struct part){s, v, w};
		*key = frame_key(frame_key(*key, w), v->version);
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
	uint64_t key = frame_key(frame_key(~(uint64_t)0, (uint64_t)(d - dialects)), v->version);
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
	bool section = dialect_section(d, t->name) != NULL;

	if (t->version <= from || update_muted(u->flags, t->name))
		return;
	for (const struct value *v = t->first; v; v = v->next_of_type)
		if (v->version > from && !(section && !v->id))
			add_value(u, d, v, out);
}

static void
add_topic(struct update *u, const struct dialect *d, const struct topicset *but, const struct topic *p, uint64_t from,
    struct frames *out)
{
	char type[TOPICS_NAME_MAX + 1];
	const struct value *v;

	memcpy(type, p->key, p->type_len);
	type[p->type_len] = '\0';
	if (update_muted(u->flags, type))
		return;
	if (but && wants(but, type) != WANT_WHOLE && !topicset_has(but, p))
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
	if (set->n && topic_is_all(set->v[0])) {	/* it sorts first */
		for (const struct value_type *t = state_types(u->state); t; t = t->next)
			add_type(u, d, t, adds(set, but, t->name) ? 0 : from, out);
		return;
	}
	for (size_t i = 0; i < set->n; i++)
		if (!(set->v[i]->id && wants(set, set->v[i]->whole->key) == WANT_WHOLE))
			add_topic(u, d, but, set->v[i], from, out);
}

bool
update_snapshot(struct update *u, const struct dialect *d, const struct topicset *set, int64_t wall, struct strbuf *out)
{
	struct part parts[UPDATE_SECTIONS_MAX];
	size_t n = 0;
	struct frame *f;
	unsigned char head[FRAME_HEADER_MAX];
	size_t h;

	for (size_t i = 0; d->sections[i].name && n < UPDATE_SECTIONS_MAX; i++) {
		const struct dialect_section *s = &d->sections[i];
		const struct value *v = state_get(u->state, s->type, NULL);
		enum want w = set ? wants(set, s->type) : WANT_WHOLE;

		if (v && (w == WANT_WHOLE || (w == WANT_PARTS && s->list)))
			parts[n++] = (struct part){s, v, w};
	}
	if (!n)
		return false;
	update_at(u, wall, 0);
	f = state_frame(u, d, parts, n, set);
	for (h = 2; frame_header(FRAME_TEXT, f->len - h, head) != h;)
		h = h == 2 ? 4 : 10;
	strbuf_add(out, frame_bytes(f) + h, f->len - h);
	frame_unref(f);
	return true;
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
}
