#include "broadcaster/series.h"
#include "check.h"

static const int64_t T = 1795212000000;

static void
take(struct series_set *s, const char *type, const char *data, int64_t ms, int64_t now)
{
	series_take(s, type, (struct span){data, strlen(data)}, ms, now);
}

static const char *
json(const struct series_set *s, int minutes, int64_t now)
{
	static struct strbuf b;

	strbuf_reset(&b);
	series_json(s, minutes, now, NULL, NULL, &b);
	return b.s;
}

static bool
has(const struct series_set *s, const char *text)
{
	return strstr(json(s, 10, T), text) != NULL;
}

static void
table(void)
{
	struct series_set *s = series_new();

	CHECK_STR(json(s, 10, T), "{\"kato_cpu_usage_percent\":[],\"kato_memory_usage_percent\":[],\"kato_requests_per_second\":[],"
	    "\"kato_error_rate\":[],\"kato_average_response_time\":[],\"kato_active_sessions\":[],"
	    "\"containers_cpu_percent\":[],\"containers_memory_percent\":[]}");
	take(s, "metrics", "{\"resources\":{\"cpu_percent\":1.5,\"memory_percent\":2},\"rates\":{\"requests_per_second\":3},"
	    "\"performance\":{\"error_rate\":0.004,\"average_response_time\":0.005},\"sessions\":{\"active\":6}}", T, T);
	take(s, "containers", "{\"aggregated\":{\"total_cpu_percent\":7,\"total_memory_percent\":8},\"containers\":["
	    "{\"name\":\"a\\\"b\",\"cpu\":9,\"memory\":{\"usage_mb\":10}},{\"name\":3},{},4,{\"name\":\"c\",\"cpu\":\"x\"}]}", T, T);
	CHECK(has(s, "\"kato_cpu_usage_percent\":[{\"timestamp\":1795212000,\"value\":1.5}]"));
	CHECK(has(s, "\"kato_memory_usage_percent\":[{\"timestamp\":1795212000,\"value\":2}]"));
	CHECK(has(s, "\"kato_requests_per_second\":[{\"timestamp\":1795212000,\"value\":3}]"));
	CHECK(has(s, "\"kato_error_rate\":[{\"timestamp\":1795212000,\"value\":0.004}]"));
	CHECK(has(s, "\"kato_average_response_time\":[{\"timestamp\":1795212000,\"value\":0.005}]"));
	CHECK(has(s, "\"kato_active_sessions\":[{\"timestamp\":1795212000,\"value\":6}]"));
	CHECK(has(s, "\"containers_cpu_percent\":[{\"timestamp\":1795212000,\"value\":7}]"));
	CHECK(has(s, "\"containers_memory_percent\":[{\"timestamp\":1795212000,\"value\":8}]"));
	CHECK(has(s, "\"container.a\\\"b.cpu_percent\":[{\"timestamp\":1795212000,\"value\":9}]"));
	CHECK(has(s, "\"container.a\\\"b.memory_mb\":[{\"timestamp\":1795212000,\"value\":10}]"));
	CHECK(!has(s, "container.c") && series_containers(s) == 2);
	/* the better source takes over, and the other is back when it falls silent */
	take(s, "sessions", "{\"active_count\":50}", T + 1000, T + 1000);
	take(s, "metrics", "{\"sessions\":{\"active\":60}}", T + 2000, T + 2000);
	CHECK(has(s, "\"value\":50}") && !has(s, "\"value\":60}"));
	take(s, "metrics", "{\"sessions\":{\"active\":61}}", T + 90000, T + 90000);
	CHECK(has(s, "\"value\":61}"));
	take(s, "metrics", "{\"requests\":{\"per_second\":33},\"rates\":{\"requests_per_second\":34}}", T, T);
	CHECK(has(s, "\"value\":33}") && !has(s, "\"value\":34}"));
	series_del(s);
}

static void
wrong_times_are_harmless(void)
{
	struct series_set *s = series_new();
	uint64_t version = series_version(s);

	take(s, "metrics", "{\"resources\":{\"cpu_percent\":99}}", 4070908800000, T);
	take(s, "metrics", "{\"resources\":{\"cpu_percent\":98}}", 0, T);
	take(s, "metrics", "{\"resources\":{\"cpu_percent\":97}}", INT64_MIN / 2, T);
	take(s, "metrics", "[1]", T, T);
	CHECK(has(s, "\"kato_cpu_usage_percent\":[]") && series_version(s) == version);
	take(s, "metrics", "{\"resources\":{\"cpu_percent\":1}}", T, T);
	take(s, "metrics", "{\"resources\":{\"cpu_percent\":2}}", T - 3000, T);
	take(s, "metrics", "{\"resources\":{\"cpu_percent\":1e999}}", T, T);
	CHECK(has(s, "[{\"timestamp\":1795211997,\"value\":2},{\"timestamp\":1795212000,\"value\":1}]"));
	series_del(s);
}

static void
one_each(struct series_set *s, int from, int n, int64_t now)
{
	struct strbuf b = {0};

	strbuf_adds(&b, "{\"containers\":[");
	for (int i = 0; i < n; i++)
		strbuf_addf(&b, "%s{\"name\":\"c%d\",\"cpu\":%d,\"memory\":{\"usage_mb\":1}}", i ? "," : "", from + i, i);
	strbuf_adds(&b, "]}");
	series_take(s, "containers", (struct span){b.s, b.len}, now, now);
	strbuf_free(&b);
}

static void
containers_are_bounded(void)
{
	struct series_set *s = series_new();

	for (int i = 0; i < 50; i++)
		one_each(s, i * 1000, 1000, T);
	CHECK(series_containers(s) == SERIES_CONTAINERS && has(s, "\"container.c0.cpu_percent\"") && !has(s, "\"container.c1000.cpu_percent\""));
	one_each(s, 0, 1, T + 50000);
	one_each(s, 60000, 2, T + SERIES_STALE_MS + 1);	/* two of the silent make room, c0 does not */
	CHECK(series_containers(s) == SERIES_CONTAINERS && has(s, "\"container.c60001.cpu_percent\"") && has(s, "\"container.c0.memory_mb\""));
	one_each(s, 70000, 1, T + 2 * SERIES_DAY_MS);
	CHECK(series_containers(s) == 1);
	one_each(s, 70001, 1, T);	/* a clock set back */
	CHECK(series_containers(s) == 2);
	series_del(s);
}

int
main(void)
{
	table();
	wrong_times_are_harmless();
	containers_are_bounded();
	return check_done();
}
