#include <math.h>
#include <string.h>
#include <strings.h>

#include "collectors/metrics.h"
#include "lib/jsonget.h"

enum {
	STALE_S = 15,		/* a time stamp so much older than the newest is a worker's cache; older still: KATO's clock was set */
	PLAUSIBLE_MS = 60000,
	MAX_DEPTH = 8,
	MAX_DATA = 512 << 10,	/* bytes of data; over it the list of processors is left out */
};

/* Where every member is a number, and nothing else is let through: a client computes with them. */
static const char *const numeric[] = {"sessions", "performance", "resources", "rates"};

static bool
is_numeric(const char *name)
{
	for (size_t i = 0; i < sizeof numeric / sizeof numeric[0]; i++)
		if (!strcmp(name, numeric[i]))
			return true;
	return false;
}

/* KATO's answers elsewhere hold a redis_url with its password: nothing of that kind passes, by whatever name. */
static bool
is_secret(const cJSON *v)
{
	static const char *const words[] = {"url", "uri", "dsn", "password", "passwd", "secret", "token", "credential", "api_key"};

	for (size_t i = 0; v->string && i < sizeof words / sizeof words[0]; i++)
		if (strcasestr(v->string, words[i]))
			return true;
	return cJSON_IsString(v) && strstr(v->valuestring, "://");
}

static bool
passes(const cJSON *v, bool numbers_only)
{
	if (cJSON_IsNumber(v))
		return isfinite(v->valuedouble) && (!numbers_only || v->valuedouble >= 0);
	if (numbers_only || cJSON_IsNull(v) || cJSON_IsInvalid(v) || is_secret(v))
		return false;
	return true;
}

static void add_value(struct strbuf *out, const cJSON *v, int depth, bool lists);

static void
add_member(struct strbuf *out, const cJSON *v)
{
	if (out->len && out->s[out->len - 1] != '{')
		strbuf_addc(out, ',');
	strbuf_addjsons(out, v->string);
	strbuf_addc(out, ':');
}

static void
add_members(struct strbuf *out, const cJSON *object, bool numbers_only, int depth, bool lists)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, object) {
		if (!passes(v, numbers_only) || (depth == MAX_DEPTH && (cJSON_IsObject(v) || cJSON_IsArray(v))))
			continue;
		if (cJSON_IsArray(v) && !lists)
			continue;
		add_member(out, v);
		add_value(out, v, depth, lists);
	}
}

static void
add_value(struct strbuf *out, const cJSON *v, int depth, bool lists)
{
	const cJSON *e;
	char last;

	if (cJSON_IsNumber(v)) {
		strbuf_addnum(out, v->valuedouble);
	} else if (cJSON_IsString(v)) {
		strbuf_addjsons(out, v->valuestring);
	} else if (cJSON_IsBool(v)) {
		strbuf_adds(out, cJSON_IsTrue(v) ? "true" : "false");
	} else if (cJSON_IsObject(v)) {
		strbuf_addc(out, '{');
		add_members(out, v, false, depth + 1, lists);
		strbuf_addc(out, '}');
	} else {
		strbuf_addc(out, last = '[');
		cJSON_ArrayForEach(e, v) {
			if (!passes(e, false) || depth == MAX_DEPTH)
				continue;
			if (last != '[')
				strbuf_addc(out, ',');
			add_value(out, e, depth + 1, lists);
			last = ',';
		}
		strbuf_addc(out, ']');
	}
}

static void
add_number(struct strbuf *out, const char *name, double v)
{
	if (out->s[out->len - 1] != '{')
		strbuf_addc(out, ',');
	strbuf_addf(out, "\"%s\":", name);
	strbuf_addnum(out, v);
}

static const cJSON *
section(const cJSON *body, const char *name)
{
	const cJSON *v = jsonget(body, name);

	return cJSON_IsObject(v) ? v : NULL;
}

static bool
amount(const cJSON *body, const char *path, double *out)
{
	return jsonget_number(body, path, out) && *out >= 0;
}

static void
open_section(struct strbuf *out, const char *name)
{
	strbuf_addf(out, "%s\"%s\":{", out->s[out->len - 1] == '{' ? "" : ",", name);
}

/* KATO's own members, what it always says 0 for left out, then the names of the plan. */
static void
add_sections(struct strbuf *out, const cJSON *body, const struct metrics_errors *errors)
{
	static const char *const sections[] = {"sessions", "requests", "resources", "performance", "rates"};
	double v, per_second;

	for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
		const char *name = sections[i];
		const cJSON *m, *from = section(body, name);

		open_section(out, name);
		cJSON_ArrayForEach(m, from)
			if (passes(m, true) && strcmp(m->string, "error_rate") != 0 && strcmp(m->string, "total_errors") != 0) {
				add_member(out, m);
				strbuf_addnum(out, m->valuedouble);
			}
		if (!strcmp(name, "sessions") && amount(body, "sessions.total_created", &v) && v > 0 && !jsonget(body, "sessions.total"))
			add_number(out, "total", v);
		if (!strcmp(name, "requests")) {
			if (amount(body, "performance.total_requests", &v))
				add_number(out, "total", v);
			if (amount(body, "rates.requests_per_second", &per_second))
				add_number(out, "per_second", round_to(per_second, 3));
		}
		if (!strcmp(name, "performance") && errors->known && errors->total > 0) {
			add_number(out, "error_rate", round_to(errors->failed / errors->total, 6));
			strbuf_adds(out, ",\"error_rate_source\":\"kato_requests_failed/kato_requests_total, 60 s\"");
		}
		strbuf_addc(out, '}');
	}
}

static void
add_data(struct strbuf *out, const cJSON *body, const struct metrics_errors *errors, bool lists)
{
	const cJSON *v;

	strbuf_addc(out, '{');
	add_sections(out, body, errors);
	cJSON_ArrayForEach(v, body) {
		if (is_numeric(v->string) || !strcmp(v->string, "requests") || !passes(v, false) || (cJSON_IsArray(v) && !lists))
			continue;
		add_member(out, v);
		add_value(out, v, 1, lists);
	}
	if (!cJSON_IsObject(jsonget(body, "processor_manager")))
		strbuf_adds(out, ",\"processor_manager\":{}");
	strbuf_addc(out, '}');
}

/* Numbers among the members of a section, and whether any of them is not zero. */
static int
count_numbers(const cJSON *from, bool *any)
{
	const cJSON *v;
	int n = 0;

	cJSON_ArrayForEach(v, from)
		if (cJSON_IsNumber(v)) {
			n++;
			*any |= v->valuedouble != 0;
		}
	return n;
}

static bool
measured(const cJSON *body, struct strbuf *why)
{
	bool any = false;
	int n = 0;

	for (size_t i = 0; i < sizeof numeric / sizeof numeric[0]; i++)
		n += count_numbers(section(body, numeric[i]), &any);
	if (any)
		return true;
	strbuf_adds(why, n ? "all zero: KATO could not read its own metrics" : "no metrics in the answer");
	return false;
}

enum metrics_result
metrics_read(struct metrics *m, const cJSON *body, const struct metrics_errors *errors, int64_t now_ms, int64_t *ms, struct strbuf *data,
    struct strbuf *why)
{
	double stamp = jsonget_number_or(body, "timestamp", 0);
	size_t before = data->len;

	if (!measured(body, why))
		return METRICS_NONE;
	if (!(stamp > 0 && stamp < 253402300800.0))
		stamp = 0;
	if (stamp > 0 && stamp <= m->newest && stamp > m->newest - STALE_S)
		return METRICS_OLD;
	m->newest = stamp;
	*ms = (int64_t)(stamp * 1000);
	if (*ms < now_ms - PLAUSIBLE_MS || *ms > now_ms + PLAUSIBLE_MS)
		*ms = now_ms;
	add_data(data, body, errors, true);
	if (data->len - before > MAX_DATA) {
		data->len = before;
		add_data(data, body, errors, false);
		if (data->len - before > MAX_DATA) {
			data->len = before;
			strbuf_addf(why, "metrics of over %d bytes", MAX_DATA);
			return METRICS_NONE;
		}
	}
	return METRICS_NEW;
}

static bool
is_ours(const cJSON *point)
{
	const char *path = jsonget_string(point, "labels.path");

	return path && !strncmp(path, "/metrics/kato_requests_", 23);
}

bool
metrics_rise(const cJSON *body, double from, double *rise, double *first, int *points)
{
	const cJSON *list = jsonget(body, "data_points"), *p;
	double value, when, before = 0, sum = 0;
	int n = 0;

	if (!cJSON_IsArray(list))
		return false;
	cJSON_ArrayForEach(p, list) {
		if (!jsonget_number(p, "value", &value) || !jsonget_number(p, "timestamp", &when))
			continue;
		if (!n++ && first)
			*first = when;
		if (when >= from && !is_ours(p))	/* the first point is one request; a counter that fell was begun anew */
			sum += n == 1 ? 1 : value >= before ? value - before : value;
		before = value;
	}
	if (points)
		*points = n;
	*rise = sum;
	return true;
}
