#include <limits.h>
#include <string.h>

#include "broadcaster/routes.h"
#include "lib/stamp.h"

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 100000 };

/* The history from its newest event, or from before, down to since. */
struct walk {
	const struct history *history;
	uint64_t offset, after;
	int64_t ms;
	long long limit;	/* how many more may be told */
	bool more;		/* there was one beyond the limit */
};

static bool
begin(struct server *s, const struct http_request *q, struct walk *w, struct strbuf *why)
{
	struct query_since since;
	long long before;

	*w = (struct walk){.history = s->history, .offset = history_newest(s->history)};
	if (!query_int(&q->query, "limit", 1, LIMIT_MAX, LIMIT_DEFAULT, &w->limit, why) ||
	    !query_int(&q->query, "before", 1, LLONG_MAX, 0, &before, why) ||
	    !query_since(&q->query, history_epoch(s->history), &since, why))
		return false;
	w->after = since.offset;
	w->ms = since.ms;
	if (before && (uint64_t)before <= w->offset)
		w->offset = (uint64_t)before - 1;
	return true;
}

static const struct event *
next(struct walk *w)
{
	const struct event *e;

	while (!w->more && w->offset > w->after && (e = history_at(w->history, w->offset))) {
		w->offset--;
		if (e->ms >= w->ms)
			return e;
	}
	return NULL;
}

/* Counts one that is to be told. False: it is beyond the limit. */
static bool
one_more(struct walk *w)
{
	if (w->limit-- > 0)
		return true;
	w->more = true;
	return false;
}

static void
finish(const struct walk *w, struct strbuf *b, struct reply *r)
{
	strbuf_addf(b, "],\"epoch\":\"%s\",\"offset\":%llu,\"oldest\":%llu,\"more\":%s}", history_epoch(w->history),
	    (unsigned long long)history_newest(w->history), (unsigned long long)history_oldest(w->history), w->more ? "true" : "false");
	reply_json(r, b);
}

static bool
type_ok(const char *type, struct strbuf *why)
{
	if (!type || (strlen(type) <= RECORD_TYPE_MAX && strspn(type, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(type)))
		return true;
	strbuf_adds(why, "type: ");
	strbuf_addjson(why, type, strnlen(type, RECORD_TYPE_MAX));
	strbuf_adds(why, " is not a record type");
	return false;
}

/* The topics' names are plural, the types are not: both do. */
static bool
is_type(const struct event *e, const char *type)
{
	size_t n = strlen(e->type);

	return !type || (!strncmp(e->type, type, n) && (!type[n] || !strcmp(type + n, "s")));
}

static bool
may_type(const struct grant *g, const char *type)
{
	char one[RECORD_TYPE_MAX + 1];
	size_t n = strlen(type);

	if (grant_type(g, type) || !n || type[n - 1] != 's' || n > RECORD_TYPE_MAX)
		return grant_type(g, type);
	memcpy(one, type, n - 1);
	one[n - 1] = '\0';
	return grant_type(g, one);
}

void
routes_events(struct server *s, const struct http_request *q, int64_t now, struct reply *r)
{
	const char *type = query_text(&q->query, "type");
	struct strbuf b = {0}, why = {0};
	const struct event *e;
	struct walk w;

	(void)now;
	if (!type_ok(type, &why) || !begin(s, q, &w, &why)) {
		reply_problem(r, 400, "%s", why.s);
	} else if (type && !may_type(q->grant, type)) {
		routes_forbid(r, type);
	} else {
		strbuf_adds(&b, "{\"events\":[");
		while ((e = next(&w))) {
			if (!is_type(e, type) || !grant_type(q->grant, e->type) || !one_more(&w))
				continue;
			if (b.s[b.len - 1] != '[')
				strbuf_addc(&b, ',');
			strbuf_add(&b, e->message, e->len);
		}
		finish(&w, &b, r);
	}
	strbuf_free(&b);
	strbuf_free(&why);
}

struct alert_filter {
	const char *level, *type, *state;
};

static bool
wanted(struct span alert, const struct alert_filter *f)
{
	struct span state = json_member(alert, "state");

	return json_is(alert, '{') && (!f->level || json_equals(json_member(alert, "level"), f->level)) &&
	    (!f->type || json_equals(json_member(alert, "type"), f->type)) &&
	    (!f->state || (state.p ? json_equals(state, f->state) : !strcmp(f->state, "firing")));
}

/* A member of the message, put into the alert that lacks it. */
static void
lend(struct strbuf *b, struct span alert, struct span message, const char *name)
{
	struct span v = json_member(message, name);

	if (!v.p || json_member(alert, name).p)
		return;
	if (b->s[b->len - 1] != '{')
		strbuf_addc(b, ',');
	strbuf_addf(b, "\"%s\":", name);
	strbuf_add(b, v.p, v.len);
}

/* The alert as it is, and what its message says of all its alerts. */
static void
put_alert(struct strbuf *b, struct span alert, struct span message)
{
	static const char *const lent[] = {"id", "timestamp", "source", "offset", "demo"};
	struct span inner = json_trim(alert.p + 1, alert.len - 2);

	strbuf_adds(b, b->s[b->len - 1] == '[' ? "{" : ",{");
	strbuf_add(b, inner.p, inner.len);
	for (size_t i = 0; i < sizeof lent / sizeof lent[0]; i++)
		lend(b, alert, message, lent[i]);
	strbuf_addc(b, '}');
}

static void
put_alerts(struct strbuf *b, const struct event *e, const struct alert_filter *f, struct walk *w)
{
	struct span message = {e->message, e->len}, list = json_member(message, "alerts"), alert;
	struct json_iter it = json_iter(list);

	while (!w->more && json_is(list, '[') && json_next_element(&it, &alert))
		if (wanted(alert, f) && one_more(w))
			put_alert(b, alert, message);
}

void
routes_alerts(struct server *s, const struct http_request *q, int64_t now, struct reply *r)
{
	struct alert_filter f = {.type = query_text(&q->query, "type")};
	struct strbuf b = {0}, why = {0};
	const struct event *e;
	struct walk w;

	(void)now;
	if (!query_choice(&q->query, "level", "info|warning|error", &f.level, &why) ||
	    !query_choice(&q->query, "state", "firing|resolved", &f.state, &why) || !type_ok(f.type, &why) || !begin(s, q, &w, &why)) {
		reply_problem(r, 400, "%s", why.s);
	} else {
		strbuf_adds(&b, "{\"alerts\":[");
		while ((e = next(&w)))
			if (!strcmp(e->type, "system_alert"))
				put_alerts(&b, e, &f, &w);
		finish(&w, &b, r);
	}
	strbuf_free(&b);
	strbuf_free(&why);
}
