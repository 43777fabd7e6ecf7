#include <string.h>

#include "collectors/metrics.h"
#include "lib/json.h"

enum { NAME_BYTES_MAX = 64, NUMBER_BYTES_MAX = 40 };

/* Members of a section that may pass: safe names, no two the same, numbers from 0. */
struct figures {
	struct {
		struct span name, value;
	} v[METRICS_MEMBERS_MAX];
	size_t n;
};

static bool
is_name(struct span key)
{
	if (key.len < 3 || key.len > NAME_BYTES_MAX + 2)
		return false;
	for (size_t i = 1; i < key.len - 1; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", key.p[i]))
			return false;
	return true;
}

static bool
is_figure(struct span value)
{
	double v;

	return value.len <= NUMBER_BYTES_MAX && json_number(value, &v) && v >= 0;
}

static bool
is_whole(struct span value)
{
	double v;

	return is_figure(value) && json_number(value, &v) && v < 1e15 && v == (double)(int64_t)v;
}

static bool
same(struct span a, struct span b)
{
	return a.len == b.len && !memcmp(a.p, b.p, a.len);
}

static void
figures_put(struct figures *f, struct span name, struct span value)
{
	size_t i;

	for (i = 0; i < f->n && !same(f->v[i].name, name); i++)
		;
	if (i == METRICS_MEMBERS_MAX)
		return;
	if (i == f->n)
		f->v[f->n++].name = name;
	f->v[i].value = value;	/* the last of equal names counts, as it does for browsers and jq */
}

static void
figures_of(struct span section, struct figures *f)
{
	struct json_iter it = json_iter(section);
	struct span name, value;
	size_t kept = 0;

	f->n = 0;
	while (json_is(section, '{') && json_next_member(&it, &name, &value))
		if (is_name(name))
			figures_put(f, name, value);
	for (size_t i = 0; i < f->n; i++)
		if (is_figure(f->v[i].value))
			f->v[kept++] = f->v[i];
	f->n = kept;
}

/* Behind what stands in an object already. */
static void
add_name(struct strbuf *out, const char *name)
{
	strbuf_addf(out, "%s\"%s\":", out->s[out->len - 1] == '{' ? "" : ",", name);
}

static void
add_span(struct strbuf *out, const char *name, struct span value)
{
	add_name(out, name);
	strbuf_add(out, value.p, value.len);
}

/* words: "total_requests total_errors"; NULL: none. */
static bool
is_among(struct span name, const char *words)
{
	for (size_t n; words && *words; words += n + (words[n] == ' ')) {
		n = strcspn(words, " ");
		if (name.len - 2 == n && !memcmp(name.p + 1, words, n))
			return true;
	}
	return false;
}

/* The figures of a section but some, as the inside of an object. */
static void
add_figures(struct strbuf *out, struct span section, const char *but)
{
	struct figures f;

	figures_of(section, &f);
	for (size_t i = 0; i < f.n; i++) {
		if (is_among(f.v[i].name, but))
			continue;
		strbuf_addf(out, "%s%.*s:", out->s[out->len - 1] == '{' ? "" : ",", (int)f.v[i].name.len, f.v[i].name.p);
		strbuf_add(out, f.v[i].value.p, f.v[i].value.len);
	}
}

static void
add_sessions(struct strbuf *out, struct span body)
{
	struct span sessions = json_member(body, "sessions"), active = json_member(sessions, "active");
	struct span created = json_member(sessions, "total_created");
	double v;

	strbuf_adds(out, "\"sessions\":{");
	if (is_whole(active))
		add_span(out, "active", active);
	add_figures(out, sessions, "active");
	if (is_figure(created) && json_number(created, &v) && v > 0 && !is_figure(json_member(sessions, "total")))	/* 0: KATO does not count them */
		add_span(out, "total", created);
	strbuf_addc(out, '}');
}

static void
add_requests(struct strbuf *out, struct span body, const struct errorrate *e)
{
	struct span total = json_path(body, "performance.total_requests"), rate = json_path(body, "rates.requests_per_second");

	strbuf_adds(out, ",\"requests\":{");
	if (is_figure(total))
		add_span(out, "total", total);
	if (!e->burst && is_figure(rate)) {
		add_span(out, "per_second", rate);
	} else if (e->burst && e->per_second >= 0) {
		add_name(out, "per_second");
		strbuf_addround(out, e->per_second, 3);
	}
	strbuf_addc(out, '}');
}

static void
add_performance(struct strbuf *out, struct span body, const struct errorrate *e)
{
	struct span own = json_path(body, "performance.error_rate");
	double v;

	strbuf_adds(out, ",\"performance\":{");
	add_figures(out, json_member(body, "performance"), "error_rate");
	if (e->known) {
		add_name(out, "error_rate");
		strbuf_addround(out, e->rate, 6);
		strbuf_adds(out, ",\"error_rate_source\":\"" ERRORRATE_SOURCE "\"");
	} else if (is_figure(own) && json_number(own, &v) && v > 0 && v <= 1) {
		add_span(out, "error_rate", own);
		strbuf_adds(out, ",\"error_rate_source\":\"KATO, since its start\"");
	}
	strbuf_addc(out, '}');
}

static void
add_section(struct strbuf *out, struct span body, const char *name, const char *but)
{
	add_name(out, name);
	strbuf_addc(out, '{');
	add_figures(out, json_member(body, name), but);
	strbuf_addc(out, '}');
}

/* An object of objects of numbers. */
static void
add_databases(struct strbuf *out, struct span body)
{
	struct span databases = json_member(body, "databases"), name, value;
	struct json_iter it = json_iter(databases);
	size_t n = 0;

	if (!json_is(databases, '{'))
		return;
	strbuf_adds(out, ",\"databases\":{");
	while (n < METRICS_MEMBERS_MAX && json_next_member(&it, &name, &value)) {
		if (!is_name(name) || !json_is(value, '{'))
			continue;
		strbuf_addf(out, "%s%.*s:{", n++ ? "," : "", (int)name.len, name.p);
		add_figures(out, value, NULL);
		strbuf_addc(out, '}');
	}
	strbuf_addc(out, '}');
}

/* A short string without an address and its password in it. */
static bool
is_harmless(struct span s)
{
	return json_is(s, '"') && s.len <= METRICS_STRING_MAX && !(memchr(s.p, '@', s.len) && memchr(s.p, '/', s.len));
}

static void
add_processor(struct strbuf *out, struct span p)
{
	static const char *const texts[] = {"processor_id", "node_id", "created_at", "last_accessed"};
	static const char *const figures[] = {"access_count", "idle_seconds"};
	struct span value;

	strbuf_addc(out, '{');
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (is_harmless(value = json_member(p, texts[i])))
			add_span(out, texts[i], value);
	for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
		if (is_figure(value = json_member(p, figures[i])))
			add_span(out, figures[i], value);
	strbuf_addc(out, '}');
}

static void
add_manager(struct strbuf *out, struct span body)
{
	struct span manager = json_member(body, "processor_manager"), list = json_member(manager, "processors"), p;
	struct json_iter it = json_iter(list);
	size_t n = 0;

	strbuf_adds(out, ",\"processor_manager\":{");
	add_figures(out, manager, NULL);
	if (json_is(list, '[')) {
		add_name(out, "processors");
		strbuf_addc(out, '[');
		while (n < METRICS_PROCESSORS_MAX && json_next_element(&it, &p)) {
			if (!json_is(p, '{'))
				continue;
			if (n++)
				strbuf_addc(out, ',');
			add_processor(out, p);
		}
		strbuf_addc(out, ']');
	}
	strbuf_addc(out, '}');
}

bool
metrics_is_fast(const char *text, size_t len)
{
	double rate;

	return json_number(json_path(json_trim(text, len), "rates.requests_per_second"), &rate) && rate > METRICS_FAST;
}

void
metrics_write(const char *text, size_t len, const struct errorrate *e, struct strbuf *out)
{
	static const char *const alone[] = {"timestamp", "uptime_seconds", "active_sessions"};
	struct span body = json_trim(text, len), value;

	strbuf_addc(out, '{');
	for (size_t i = 0; i < sizeof alone / sizeof alone[0]; i++)
		if (is_figure(value = json_member(body, alone[i])))
			add_span(out, alone[i], value);
	if (out->s[out->len - 1] != '{')
		strbuf_addc(out, ',');
	add_sessions(out, body);
	add_requests(out, body, e);
	add_section(out, body, "resources", NULL);
	add_performance(out, body, e);
	add_databases(out, body);
	add_section(out, body, "rates", e->burst ? "requests_per_second requests_per_minute" : NULL);
	add_manager(out, body);
	strbuf_addc(out, '}');
}

/* How many figures a section has; *any: one of them is not 0. */
static size_t
count(struct span body, const char *name, bool *any)
{
	struct figures f;
	double v;

	figures_of(json_member(body, name), &f);
	for (size_t i = 0; i < f.n; i++)
		*any |= json_number(f.v[i].value, &v) && v > 0;
	return f.n;
}

/* NULL: it tells something; else what is wrong. */
static const char *
emptiness(struct span body)
{
	bool any = false, some = false;
	size_t own = count(body, "performance", &any) + count(body, "resources", &any) + count(body, "rates", &any);

	if (!own && !count(body, "sessions", &some))
		return "no figures in the answer";
	return own && !any ? "all figures are zero: KATO does not measure itself" : NULL;
}

static bool
is_katos(struct span body)
{
	return json_is(json_member(body, "sessions"), '{') || json_is(json_member(body, "performance"), '{') ||
	    json_is(json_member(body, "processor_manager"), '{');
}

/* Why the text tells nothing; false: it tells something. */
static bool
is_empty(const char *text, size_t len, bool *kato, struct strbuf *why)
{
	struct span body = json_trim(text, len), error;
	enum json_error wrong;
	const char *empty;
	size_t at;

	*kato = false;
	if ((wrong = json_check(text, len, &at)) != JSON_OK) {
		strbuf_addf(why, "%s at byte %zu", json_strerror(wrong), at);
		return true;
	}
	*kato = is_katos(body);
	error = json_member(body, "error");
	if (error.p && !json_is(error, 'n'))
		empty = "KATO has no metrics";
	else
		empty = *kato ? emptiness(body) : "not what KATO answers";
	if (empty)
		strbuf_adds(why, empty);
	return empty != NULL;
}

enum metrics_result
metrics_look(struct metrics *m, const char *text, size_t len, int64_t now_ms, int64_t mono, int64_t *ms, bool *kato,
    struct strbuf *why)
{
	double stamp = 0;

	*ms = now_ms;
	if (is_empty(text, len, kato, why)) {
		*m = (struct metrics){0};
		return METRICS_NONE;
	}
	if (!json_number(json_member(json_trim(text, len), "timestamp"), &stamp) || stamp < 0 || stamp > 253402300799.0)
		stamp = 0;
	if (stamp * 1000 > (double)(now_ms - METRICS_PLAUSIBLE_MS) && stamp * 1000 < (double)(now_ms + METRICS_PLAUSIBLE_MS))
		*ms = (int64_t)(stamp * 1000 + 0.001);	/* cut to ms, but 0.219 is 219 */
	if (stamp == 0 || stamp > m->newest || stamp <= m->newest - METRICS_STALE_S) {
		*m = (struct metrics){stamp, mono};
		return METRICS_NEW;
	}
	if (mono - m->newest_mono < METRICS_FROZEN_MS)
		return METRICS_OLD;
	strbuf_adds(why, "the same reading again and again: KATO's time stamp stands still");
	return METRICS_NONE;
}
