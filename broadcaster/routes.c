#include <string.h>

#include "broadcaster/alias.h"
#include "broadcaster/dialect.h"
#include "broadcaster/hub.h"
#include "broadcaster/promtext.h"
#include "broadcaster/routes.h"
#include "broadcaster/topics.h"
#include "lib/stamp.h"

static const char container_stats[] = "/api/v1/system/container-stats";

bool
routes_put_number(struct strbuf *b, const char *name, struct span value)
{
	double v;

	if (!json_number(value, &v))
		return false;
	if (b->s[b->len - 1] != '{')
		strbuf_addc(b, ',');
	strbuf_addf(b, "\"%s\":", name);
	strbuf_add(b, value.p, value.len);
	return true;
}

void
routes_forbid(struct reply *r, const char *topic)
{
	reply_problem(r, 403, "the token does not allow %s", topic);
}

static void
get_stats(struct server *s, const struct http_request *q, int64_t now, struct reply *r)
{
	struct strbuf b = {0}, why = {0};
	long long minutes;

	if (!query_int(&q->query, "minutes", 1, 1440, 10, &minutes, &why)) {
		reply_problem(r, 400, "%s", why.s);
	} else {
		strbuf_addf(&b, "{\"time_range_minutes\":%lld,\"timestamp\":", minutes);
		strbuf_addround(&b, (double)now / 1000, 3);
		strbuf_adds(&b, ",\"time_series\":");
		series_json(s->series, (int)minutes, now, query_text(&q->query, "series"), q->grant, &b);
		strbuf_addc(&b, '}');
		reply_json(r, &b);
	}
	strbuf_free(&b);
	strbuf_free(&why);
}

/* An object of those members that are numbers; left out when there are none. */
static void
put_object(struct strbuf *b, const char *name, const char *const *members, const struct span *values, size_t n)
{
	struct strbuf inner = {0};

	strbuf_addc(&inner, '{');
	for (size_t i = 0; i < n; i++)
		routes_put_number(&inner, members[i], values[i]);
	if (inner.len > 1)
		strbuf_addf(b, ",\"%s\":%s}", name, inner.s);
	strbuf_free(&inner);
}

/* KATO counts no sessions it created, so 0 there is no measurement; session-watch does. */
static struct span
total_created(struct span metrics, struct span sessions)
{
	struct span v = json_path(metrics, "sessions.total_created");
	double n;

	return json_number(v, &n) && n > 0 ? v : json_member(sessions, "total_count");
}

static void
get_overview(struct server *s, const struct http_request *q, int64_t now, struct reply *r)
{
	const struct value *m = grant_type(q->grant, "metrics") ? state_get(s->state, "metrics", NULL) : NULL;
	const struct value *ses = grant_type(q->grant, "sessions") ? state_get(s->state, "sessions", NULL) : NULL;
	struct span metrics = {m ? m->data : NULL, m ? m->len : 0}, sessions = {ses ? ses->data : NULL, ses ? ses->len : 0};
	struct span active = json_member(sessions, "active_count"), part;
	struct span counts[] = {active.p ? active : json_path(metrics, "sessions.active"), total_created(metrics, sessions)};
	struct span processors[] = {json_path(metrics, "processor_manager.total_processors")};
	static const char *const passed[] = {"performance", "resources"};
	struct strbuf b = {0};
	char stamp[STAMP_LEN + 1];
	size_t before;

	(void)now;
	if (!grant_type(q->grant, "metrics") && !grant_type(q->grant, "sessions")) {
		routes_forbid(r, "metrics or sessions");
		return;
	}
	strbuf_addf(&b, "{\"timestamp\":\"%s\"", stamp_format(m ? m->ms : ses ? ses->ms : 0, stamp));
	before = b.len;
	put_object(&b, "sessions", (const char *const[]){"active", "total_created"}, counts, 2);
	put_object(&b, "processors", (const char *const[]){"total"}, processors, 1);
	for (size_t i = 0; i < 2; i++) {
		part = json_member(metrics, passed[i]);
		if (json_is(part, '{'))
			strbuf_addf(&b, ",\"%s\":%.*s", passed[i], (int)part.len, part.p);
	}
	if (b.len == before) {
		reply_problem(r, 404, "neither metrics nor sessions are known yet");
	} else {
		strbuf_addc(&b, '}');
		reply_json(r, &b);
	}
	strbuf_free(&b);
}

static bool
may_section(const struct grant *g)
{
	for (const struct dialect_section *d = dialects[0]->sections; d->name; d++)
		if (grant_type(g, d->type) || grant_has_parts(g, d->type))
			return true;
	return false;
}

static void
get_snapshot(struct server *s, const struct http_request *q, int64_t now, struct reply *r)
{
	struct strbuf b = {0};

	if (hub_snapshot(s->hub, dialects[0], q->grant, now, &b))
		reply_json(r, &b);
	else if (!may_section(q->grant))
		routes_forbid(r, "any of metrics, containers and sessions");
	else
		reply_problem(r, 503, "none of metrics, containers and sessions is known yet");
	strbuf_free(&b);
}

static void
get_healthz(struct server *s, const struct http_request *q, int64_t now, struct reply *r)
{
	static const char alive[] = "{\"status\":\"alive\"}\n";

	(void)s, (void)q, (void)now;
	reply_text(r, REPLY_JSON, alive, sizeof alive - 1);
}

static void
get_readyz(struct server *s, const struct http_request *q, int64_t now, struct reply *r)
{
	static const char ready[] = "{\"status\":\"ready\"}\n";

	(void)q, (void)now;
	if (s->input_ended)
		reply_problem(r, 503, "the input has ended: what is served gets no newer");
	else
		reply_text(r, REPLY_JSON, ready, sizeof ready - 1);
}

static void
get_health(struct server *s, const struct http_request *q, int64_t now, struct reply *r)
{
	struct strbuf b = {0};
	char stamp[STAMP_LEN + 1];

	(void)q;
	strbuf_addf(&b, "{\"status\":\"%s\",\"service\":\"kato-live\",\"version\":\"" VERSION "\",\"uptime_seconds\":%lld,"
	    "\"connected_clients\":%zu,\"input\":\"%s\",\"timestamp\":\"%s\"}", s->input_ended ? "degraded" : "healthy",
	    (long long)(stamp_mono() - s->stats.started_mono) / 1000, hub_clients(s->hub), s->input_ended ? "ended" : "open",
	    stamp_format(now, stamp));
	reply_json(r, &b);
	strbuf_free(&b);
}

static void
get_prometheus(struct server *s, const struct http_request *q, int64_t now, struct reply *r)
{
	struct promtext in = {
		.stats = &s->stats, .state = s->state, .clients = hub_clients(s->hub), .events = history_newest(s->history),
		.history_bytes = history_bytes(s->history), .http_bytes = body_bytes(), .now_ms = now, .version = VERSION,
	};
	struct strbuf b = {0};

	(void)q;
	promtext(&in, &b);
	reply_text(r, "text/plain; version=0.0.4; charset=utf-8", b.s, b.len);
	strbuf_free(&b);
}

static void
get_config(struct server *s, const struct http_request *q, int64_t now, struct reply *r)
{
	struct strbuf b = {0};
	char stamp[STAMP_LEN + 1];

	(void)q;
	strbuf_addc(&b, '{');
	pageconf_json(&s->opt.page, &b);
	strbuf_adds(&b, ",\"version\":\"" VERSION "\",\"flags\":");
	hub_flags_json(&s->opt.flags, &b);
	strbuf_addf(&b, ",\"demo\":%s,\"timestamp\":\"%s\"}", s->demo ? "true" : "false", stamp_format(now, stamp));
	reply_json(r, &b);
	strbuf_free(&b);
}

static const struct route {
	const char *path;
	void (*get)(struct server *, const struct http_request *, int64_t now_ms, struct reply *);
	const char *needs;	/* the topic a token must allow; "*": a token without limits; NULL: the handler looks */
	unsigned depends;
	bool open;		/* no token is needed */
} routes[] = {
	{"/api/v1/system/metrics", routes_metrics, "metrics", DEPENDS_STATE, false},
	{container_stats, routes_containers, "containers", DEPENDS_STATE, false},
	{"/api/v1/sessions/count", routes_sessions_count, "sessions", DEPENDS_STATE, false},
	{"/api/v1/state", routes_state, NULL, DEPENDS_STATE | DEPENDS_HISTORY | DEPENDS_SECOND, false},
	{"/api/v1/system/stats", get_stats, NULL, DEPENDS_SERIES | DEPENDS_SECOND, false},
	{"/api/v1/analytics/overview", get_overview, NULL, DEPENDS_STATE, false},
	{"/api/v1/snapshot", get_snapshot, NULL, DEPENDS_STATE | DEPENDS_SECOND, false},
	{"/api/v1/events", routes_events, NULL, DEPENDS_HISTORY, false},
	{"/api/v1/alerts", routes_alerts, "system_alert", DEPENDS_HISTORY, false},
	{"/api/v1/ws/subscriptions", routes_subscriptions, "*", 0, false},
	{"/api/v1/ws/stats", routes_ws_stats, "*", 0, false},
	{"/api/v1/health", get_health, NULL, 0, false},
	{"/health", get_health, NULL, 0, false},
	{"/config.json", get_config, NULL, 0, true},
	{"/healthz", get_healthz, NULL, 0, true},
	{"/readyz", get_readyz, NULL, 0, true},
	{"/metrics", get_prometheus, "*", 0, false},
};

static bool
under(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return !strncmp(path, folder, n) && (!path[n] || path[n] == '/');
}

static const struct route *
find(const char *path)
{
	for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
		if (!strcmp(path, routes[i].path))
			return &routes[i];
	return NULL;
}

unsigned
routes_depends(const char *path)
{
	const struct route *route = find(path);
	struct alias alias;

	if (route)
		return route->depends;
	return alias_at(path, &alias) ? routes_dialect_depends(&alias) : 0;
}

bool
routes_open(const char *path)
{
	const struct route *route = find(path);

	return route ? route->open : !under(path, "/api") && !dialect_of(path) && !dialect_events_at(path, strlen(path));
}

static bool
allows(const struct grant *g, const char *topic)
{
	return !topic || !g || !g->limited || grant_type(g, topic);
}

bool
routes_reply(struct server *s, const struct http_request *q, int64_t now, struct reply *r)
{
	const struct route *route = find(q->path);
	struct alias alias;

	if (route) {
		if (allows(q->grant, route->needs))
			route->get(s, q, now, r);
		else
			routes_forbid(r, *route->needs == '*' ? "what is of no topic" : topics_type_name(route->needs));
		return true;
	}
	if (under(q->path, container_stats) && q->path[sizeof container_stats]) {
		routes_container(s, q->grant, q->path + sizeof container_stats, r);
		return true;
	}
	if (alias_at(q->path, &alias)) {
		routes_dialect(s, &alias, q, now, r);
		return true;
	}
	if (dialect_at(q->path, strlen(q->path))) {
		if (s->opt.flags.enabled) {
			reply_problem(r, 426, "%s is a WebSocket: ask for an upgrade", q->path);
			reply_header(r, "Upgrade", "websocket");
		} else {
			reply_problem(r, 503, "WebSocket is switched off; the HTTP routes serve on");
		}
		return true;
	}
	if (!under(q->path, "/api") && !dialect_of(q->path))
		return false;
	reply_problem(r, 404, "there is no route %s", q->path);
	return true;
}
