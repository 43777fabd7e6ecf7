#include "broadcaster/alias.h"

#include "check.h"

static struct alias a;

static const char *
id_of(const char *path)
{
	static struct strbuf b;

	strbuf_reset(&b);
	if (!alias_at(path, &a))
		return "none";
	strbuf_add(&b, a.id ? a.id : "", a.id_len);
	return b.s;
}

#define LIVE "/api/v1/live-diagnostics"

static void
paths(void)
{
	CHECK(alias_at("/api/v1/dashboard/complete", &a) && a.route->kind == ALIAS_VALUE && !strcmp(a.dialect->name, "openrisk"));
	CHECK(alias_at(LIVE "/snapshot", &a) && a.route->kind == ALIAS_STATE && !strcmp(a.dialect->name, "topdeck"));
	CHECK(!alias_at(LIVE, &a) && !alias_at(LIVE "/", &a) && !alias_at(LIVE "/snapshot/", &a) && !alias_at("", &a) && !alias_at("/ws", &a));
	CHECK_STR(id_of(LIVE "/services/api/health"), "api");
	CHECK(a.route->kind == ALIAS_ELEMENT);
	CHECK_STR(id_of(LIVE "/services/a/b/health"), "a/b");
	CHECK_STR(id_of(LIVE "/services/health/health"), "health");
	CHECK_STR(id_of(LIVE "/services/health/error-logs"), "health");
	CHECK(a.route->kind == ALIAS_TEXT);
	CHECK_STR(id_of(LIVE "/services//health"), "none");
	CHECK_STR(id_of(LIVE "/services/health"), "none");
	CHECK_STR(id_of(LIVE "/services/x/health/"), "none");
	CHECK_STR(id_of(LIVE "/health"), "");
}

/* Every row of every dialect is whole. */
static void
rows(void)
{
	size_t n = 0;

	for (size_t i = 0; i < dialects_count; i++)
		for (const struct dialect_route *r = dialects[i]->routes; r && r->path; r++, n++) {
			size_t params = 0;

			CHECK(dialect_of(r->path) == dialects[i]);	/* so that its refusals have its shape */
			CHECK(!r->section || dialect_section_named(dialects[i], r->section));
			CHECK((r->section != NULL) == (r->kind != ALIAS_STATE && r->kind != ALIAS_TEXT && r->kind != ALIAS_REPORT));
			CHECK((r->member != NULL) == (r->kind == ALIAS_ELEMENT || r->kind == ALIAS_ARRAY || r->kind == ALIAS_OBJECT));
			CHECK((strstr(r->path, "{id}") != NULL) == (r->kind == ALIAS_ELEMENT || r->kind == ALIAS_TEXT));
			while (r->params && r->params[params].name)
				params++;
			CHECK(params <= ALIAS_PARAMS_MAX);
		}
	CHECK(n == 16);
}

static struct alias_values values;
static struct strbuf why;

static bool
ask(const char *path, size_t n, const char *const *v)
{
	struct query q = {.n = n};

	for (size_t i = 0; i < n; i++)
		q.v[i] = v[i];
	strbuf_reset(&why);
	return alias_at(path, &a) && alias_values(a.route, &q, &values, &why);
}

#define ASK(path, ...) ask(path, sizeof (const char *[]){__VA_ARGS__} / sizeof(char *), (const char *[]){__VA_ARGS__})

static void
params(void)
{
	CHECK(ASK(LIVE "/anomalies", "x=1") && alias_most(a.route, &values) == 50);
	CHECK(ASK(LIVE "/anomalies", "limit=500", "severity=high") && alias_most(a.route, &values) == 500);
	CHECK(!ASK(LIVE "/anomalies", "limit=501"));
	CHECK_STR(why.s, "limit: \"501\" is not a whole number from 1 to 500");
	CHECK(!ASK(LIVE "/anomalies", "limit=3", "severity=High"));
	CHECK(!ASK(LIVE "/anomalies", "duration_hours=0"));
	CHECK(ASK("/api/v1/dashboard/top-risks", "limit=0") && alias_most(a.route, &values) == 1);
	CHECK(ASK("/api/v1/dashboard/top-risks", "limit=51") && alias_most(a.route, &values) == 50);
	CHECK(ASK("/api/v1/dashboard/top-risks", "limit=") && alias_most(a.route, &values) == 5);
	CHECK(!ASK("/api/v1/dashboard/top-risks", "limit=five"));
	CHECK(ASK("/api/v1/dashboard/complete", "limit=five") && alias_most(a.route, &values) == 0);
}

static bool
picked(const char *element)
{
	return alias_picks(&a, &values, (struct span){element, strlen(element)});
}

static void
picks(void)
{
	CHECK(ASK(LIVE "/anomalies", "severity=high"));
	CHECK(picked("{\"severity\":\"high\"}") && picked("{\"severity\":\"\\u0068igh\"}") && !picked("{\"severity\":\"low\"}") && !picked("{}"));
	CHECK(ASK(LIVE "/anomalies", "severity=") && picked("{}"));
	CHECK(ASK(LIVE "/traffic-patterns", "abnormal_only=yes"));
	CHECK(picked("{\"is_abnormal\":true}") && !picked("{\"is_abnormal\":false}") && !picked("{\"is_abnormal\":\"true\"}") && !picked("{}"));
	CHECK(ASK(LIVE "/traffic-patterns", "abnormal_only=no") && picked("{\"is_abnormal\":false}"));
	CHECK(ASK(LIVE "/services/a \"b\"/health", "resource_type=x"));
	CHECK(picked("{\"resource_id\":\"a \\\"b\\\"\"}") && !picked("{\"resource_id\":\"a\"}") && !picked("{\"resource_id\":\"a \\\"b\\\"c\"}") && !picked("{}"));
}

static void
texts(void)
{
	struct strbuf b = {0};

	CHECK(ASK(LIVE "/services/a \"b\"/error-logs", "limit=7"));
	alias_fill(&a, &values, (struct dialect_var[]){{"time", "T"}, {"data", ""}, {NULL, NULL}}, &b);
	CHECK_STR(b.s, "{\"resource_id\":\"a \\\"b\\\"\",\"count\":0,\"limit\":7,\"duration_hours\":1,\"timestamp\":\"T\","
	    "\"logs\":[],\"ml_analysis\":null,\"error_logs\":{\"logs\":[],\"ml_analysis\":null}}");
	strbuf_reset(&b);
	CHECK(ASK("/api/v1/dashboard/top-risks", "limit=7"));
	alias_fill(&a, &values, (struct dialect_var[]){{"data", "[1,$x]"}, {"count", "2"}, {NULL, NULL}}, &b);
	CHECK_STR(b.s, "{\"top_risks\":[1,$x],\"count\":2}");
	strbuf_free(&b);
}

int
main(void)
{
	paths();
	rows();
	params();
	picks();
	texts();
	strbuf_free(&why);
	return check_done();
}
