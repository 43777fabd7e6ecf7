#include <string.h>

#include "broadcaster/dialect.h"
#include "broadcaster/routes.h"
#include "broadcaster/topics.h"
#include "broadcaster/update.h"
#include "lib/stamp.h"

enum { NAMED_MAX = 256 };	/* topics in one question */

/* The id-less value of a type. NULL: there is none, which is answered already. */
static const struct value *
value_of(struct server *s, const char *type, struct reply *r)
{
	const struct value *v = state_get(s->state, type, NULL);

	if (v)
		r->modified_ms = v->ms;
	else
		reply_problem(r, 503, "no %s record has come yet", type);
	return v;
}

static void
whole_value(struct server *s, const char *type, struct reply *r)
{
	const struct value *v = value_of(s, type, r);

	if (v)
		reply_text(r, REPLY_JSON, v->data, v->len);
}

void
routes_metrics(struct server *s, const struct http_request *q, int64_t now, struct reply *r)
{
	(void)q, (void)now;
	whole_value(s, "metrics", r);
}

void
routes_containers(struct server *s, const struct http_request *q, int64_t now, struct reply *r)
{
	(void)q, (void)now;
	whole_value(s, "containers", r);
}

void
routes_container(struct server *s, const struct grant *g, const char *name, struct reply *r)
{
	const struct value *v;
	struct span list, one;
	struct json_iter it;

	if (!grant_part(g, "containers", name)) {
		routes_forbid(r, "that container");
		return;
	}
	v = value_of(s, "containers", r);
	if (!v)
		return;
	list = json_member((struct span){v->data, v->len}, "containers");
	it = json_iter(list);
	while (json_is(list, '[') && json_next_element(&it, &one))
		if (json_equals(json_member(one, "name"), name)) {
			reply_text(r, REPLY_JSON, one.p, one.len);
			return;
		}
	reply_problem(r, 404, "no container is named %s", name);
}

void
routes_sessions_count(struct server *s, const struct http_request *q, int64_t now, struct reply *r)
{
	const struct value *v = value_of(s, "sessions", r);
	struct strbuf b = {0};
	char stamp[STAMP_LEN + 1];
	struct span data;

	(void)q, (void)now;
	if (!v)
		return;
	data = (struct span){v->data, v->len};
	strbuf_addc(&b, '{');
	if (routes_put_number(&b, "active_session_count", json_member(data, "active_count"))) {
		routes_put_number(&b, "active_sessions", json_member(data, "active_count"));
		routes_put_number(&b, "total_sessions", json_member(data, "total_count"));
		strbuf_addf(&b, ",\"timestamp\":\"%s\"}", stamp_format(v->ms, stamp));
		reply_json(r, &b);
	} else {
		reply_problem(r, 503, "the last sessions record has no active_count");
	}
	strbuf_free(&b);
}

/* The topics of a list with commas, interned in t. NULL: *why says which is none. */
static struct topicset *
named(struct topics *t, const char *list, struct strbuf *why)
{
	struct topic *v[NAMED_MAX];
	struct topicset *set;
	size_t n = 0, len;

	for (; *list; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		if (!len)
			continue;
		if (n < NAMED_MAX && (v[n] = topics_intern(t, list, len))) {
			n++;
			continue;
		}
		strbuf_adds(why, "topics: ");
		strbuf_addjson(why, list, len < TOPICS_NAME_MAX ? len : TOPICS_NAME_MAX);
		if (n < NAMED_MAX)
			strbuf_adds(why, " is not a topic");
		else
			strbuf_addf(why, " is one more than %d", NAMED_MAX);
		break;
	}
	set = topicset_new(t, v, n);
	if (!why->len)
		return set;
	topicset_unref(t, set);
	return NULL;
}

/* Where it may be seen. */
static void
put_value(struct strbuf *b, const struct grant *g, const struct value *v)
{
	if (!(v->id ? grant_part(g, v->type->name, v->id) : grant_type(g, v->type->name)))
		return;
	if (b->s[b->len - 1] != '[')
		strbuf_addc(b, ',');
	update_value(dialects[0], v, b);
}

static void
put_type(struct strbuf *b, const struct grant *g, const struct value_type *t)
{
	for (const struct value *v = t ? t->first : NULL; v; v = v->next_of_type)
		put_value(b, g, v);
}

static void
put_topic(struct server *s, struct strbuf *b, const struct grant *g, const struct topicset *set, const struct topic *p)
{
	char type[TOPICS_NAME_MAX + 1];
	const struct value *v;

	memcpy(type, p->key, p->type_len);
	type[p->type_len] = '\0';
	if (!p->id)
		put_type(b, g, state_type(s->state, type));
	else if (!topicset_has(set, p->whole) && (v = state_get(s->state, type, p->id)))
		put_value(b, g, v);
}

/* set NULL, or with * in it: everything. */
static void
put_values(struct server *s, struct strbuf *b, const struct grant *g, const struct topicset *set)
{
	bool all = !set || (set->n && topic_is_all(set->v[0]));	/* it sorts first */

	for (const struct value_type *t = all ? state_types(s->state) : NULL; t; t = t->next)
		put_type(b, g, t);
	for (size_t i = 0; !all && i < set->n; i++)
		put_topic(s, b, g, set, set->v[i]);
}

static bool
may_some(const struct grant *g, const char *type)
{
	return grant_type(g, type) || grant_has_parts(g, type);
}

/* Of what was asked for, anything? */
static bool
may_any(const struct grant *g, const struct topicset *set)
{
	char type[TOPICS_NAME_MAX + 1];

	for (size_t i = 0; g && set && i < set->n; i++) {
		const struct topic *p = set->v[i];

		memcpy(type, p->key, p->type_len);
		type[p->type_len] = '\0';
		if (topic_is_all(p) || (p->id ? grant_part(g, type, p->id) : may_some(g, type)))
			return true;
	}
	return !g || !set || !set->n;
}

static void
put_topics(struct server *s, struct strbuf *b, const struct grant *g)
{
	for (const struct value_type *t = state_types(s->state); t; t = t->next)
		if (t->count && may_some(g, t->name))
			strbuf_addf(b, "%s\"%s\"", b->s[b->len - 1] == '[' ? "" : ",", topics_type_name(t->name));
}

void
routes_state(struct server *s, const struct http_request *q, int64_t now, struct reply *r)
{
	const char *list = query_text(&q->query, "topics");
	struct topics *t = topics_new();
	struct strbuf b = {0}, why = {0};
	struct topicset *set = list ? named(t, list, &why) : NULL;
	char stamp[STAMP_LEN + 1];

	if (why.len) {
		reply_problem(r, 400, "%s", why.s);
	} else if (!may_any(q->grant, set)) {
		routes_forbid(r, "any of these topics");
	} else {
		strbuf_adds(&b, "{\"records\":[");
		put_values(s, &b, q->grant, set);
		strbuf_adds(&b, "],\"topics\":[");
		put_topics(s, &b, q->grant);
		strbuf_addf(&b, "],\"epoch\":\"%s\",\"offset\":%llu,\"timestamp\":\"%s\"}", history_epoch(s->history),
		    (unsigned long long)history_newest(s->history), stamp_format(now, stamp));
		reply_json(r, &b);
	}
	topicset_unref(t, set);
	topics_del(t);
	strbuf_free(&b);
	strbuf_free(&why);
}
