#include <stdio.h>
#include <string.h>

#include "broadcaster/alias.h"
#include "broadcaster/condition.h"
#include "broadcaster/routes.h"
#include "broadcaster/show.h"
#include "broadcaster/topics.h"
#include "lib/stamp.h"

/* A request at a row. */
struct call {
	struct server *s;
	const struct alias *alias;
	const struct dialect_section *section;	/* NULL: the row names none */
	const struct grant *grant;
	struct alias_values values;
	int64_t now;
	struct reply *r;
};

/* The row's text around data, of which there are count elements. */
static void
give(const struct call *c, const char *data, size_t count)
{
	char time[STAMP_LEN + 1], number[24];
	struct strbuf b = {0};

	snprintf(number, sizeof number, "%zu", count);
	alias_fill(c->alias, &c->values, (struct dialect_var[]){
	    {"data", data}, {"count", number}, {"time", stamp_format(c->now, time)}, {NULL, NULL}}, &b);
	reply_json(c->r, &b);
	strbuf_free(&b);
}

static bool
may(const struct call *c)
{
	const char *type = c->section->type;

	if (grant_type(c->grant, type) || grant_has_parts(c->grant, type))
		return true;
	routes_forbid(c->r, topics_type_name(type));
	return false;
}

static bool
picks(void *arg, struct span element)
{
	const struct call *c = arg;

	return alias_picks(c->alias, &c->values, element);
}

static size_t
elements(struct call *c, size_t most, struct strbuf *out)
{
	struct compose_pick pick = {picks, c, most};

	return show_list(c->s->hub, c->alias->dialect, c->section, c->grant, &pick, out);
}

static bool
may_any(const struct call *c)
{
	for (const struct dialect_section *s = c->alias->dialect->sections; s->name; s++)
		if (grant_type(c->grant, s->type) || grant_has_parts(c->grant, s->type))
			return true;
	routes_forbid(c->r, "any of what is told here");
	return false;
}

static void
get_state(struct call *c)
{
	struct strbuf b = {0};

	if (!may_any(c))
		return;
	if (show_body(c->s->hub, c->alias->dialect, c->grant, c->now, &b))
		give(c, b.s, 0);
	else
		reply_problem(c->r, 503, "no %s record has come yet", c->alias->dialect->sections->type);
	strbuf_free(&b);
}

static void
get_list(struct call *c)
{
	struct strbuf b = {0};
	size_t n;

	if (!may(c))
		return;
	n = elements(c, alias_most(c->alias->route, &c->values), &b);
	give(c, b.s, n);
	strbuf_free(&b);
}

static void
get_element(struct call *c)
{
	struct strbuf b = {0};

	if (!may(c))
		return;
	if (elements(c, 1, &b)) {
		b.s[b.len - 1] = '\0';	/* out of its array */
		give(c, b.s + 1, 1);
	} else {
		reply_problem(c->r, 404, "there is no %s %.*s", c->alias->route->member, (int)c->alias->id_len, c->alias->id);
	}
	strbuf_free(&b);
}

/* The first elements of an array as one. Returns how many. */
static size_t
put_first(struct span array, size_t most, struct strbuf *out)
{
	struct json_iter it = json_iter(array);
	struct span one;
	size_t n = 0;

	strbuf_addc(out, '[');
	for (; !(most && n == most) && json_next_element(&it, &one); n++) {
		if (n)
			strbuf_addc(out, ',');
		strbuf_add(out, one.p, one.len);
	}
	strbuf_addc(out, ']');
	return n;
}

/* The section's value, if it may be seen and there is one; NULL: that is answered already. */
static const struct value *
value_of(struct call *c)
{
	const struct value *v;

	if (!may(c))
		return NULL;
	v = state_get(c->s->state, c->section->type, NULL);
	if (v)
		c->r->modified_ms = v->ms;
	else
		reply_problem(c->r, 503, "no %s record has come yet", c->section->type);
	return v;
}

static void
get_value(struct call *c)
{
	const struct value *v = value_of(c);

	if (v)
		give(c, v->data, 1);
}

static void
get_member(struct call *c)
{
	const struct dialect_route *route = c->alias->route;
	const struct value *v = value_of(c);
	char kind = route->kind == ALIAS_ARRAY ? '[' : '{';
	struct strbuf b = {0};
	struct span data;
	size_t n = 0;

	if (!v)
		return;
	data = json_member((struct span){v->data, v->len}, route->member);
	if (json_is(data, 'n'))
		data = kind == '[' ? (struct span){"[]", 2} : (struct span){"{}", 2};
	if (!json_is(data, kind)) {
		reply_problem(c->r, 503, "the last %s record has no %s", c->section->type, route->member);
		return;
	}
	if (kind == '[')
		n = put_first(data, alias_most(route, &c->values), &b);
	else
		strbuf_add(&b, data.p, data.len);
	give(c, b.s, n);
	strbuf_free(&b);
}

/* Healthy, degraded or unhealthy, by its components and by whether records still come. */
static void
get_report(struct call *c)
{
	char time[STAMP_LEN + 1], clients[24];
	const struct dialect *d = c->alias->dialect;
	struct strbuf parts = {0}, b = {0};
	size_t n, good = condition_parts(c->s->state, c->alias->route->components, c->now, &n, &parts);
	bool running = !c->s->input_ended && (n || c->s->opt.flags.enabled);
	const char *status = running && good == n ? "healthy" : n && !good ? "unhealthy" : "degraded";

	snprintf(clients, sizeof clients, "%llu", (unsigned long long)c->s->clients_of[dialect_number(d)]);
	alias_fill(c->alias, &c->values, (struct dialect_var[]){
	    {"status", status}, {"running", running ? "true" : "false"}, {"clients", clients}, {"components", parts.s ? parts.s : ""},
	    {"time", stamp_format(c->now, time)}, {NULL, NULL}}, &b);
	reply_json(c->r, &b);
	strbuf_free(&parts);
	strbuf_free(&b);
}

static void
get_text(struct call *c)
{
	give(c, "", 0);
}

void
routes_dialect(struct server *s, const struct alias *a, const struct http_request *q, int64_t now, struct reply *r)
{
	static void (*const get[])(struct call *) = {
		[ALIAS_STATE] = get_state, [ALIAS_LIST] = get_list, [ALIAS_ELEMENT] = get_element, [ALIAS_VALUE] = get_value,
		[ALIAS_ARRAY] = get_member, [ALIAS_OBJECT] = get_member, [ALIAS_TEXT] = get_text, [ALIAS_REPORT] = get_report,
	};
	struct call c = {.s = s, .alias = a, .grant = q->grant, .now = now, .r = r};
	struct strbuf why = {0};

	if (a->route->section)
		c.section = dialect_section_named(a->dialect, a->route->section);
	if (alias_values(a->route, &q->query, &c.values, &why))
		get[a->route->kind](&c);
	else
		reply_problem(r, 400, "%s", why.s);
	strbuf_free(&why);
}

unsigned
routes_dialect_depends(const struct alias *a)
{
	switch (a->route->kind) {
	case ALIAS_REPORT:
		return 0;
	case ALIAS_STATE:
	case ALIAS_TEXT:
		return DEPENDS_STATE | DEPENDS_SECOND;
	default:
		return DEPENDS_STATE;
	}
}
