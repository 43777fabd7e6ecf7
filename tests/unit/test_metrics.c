#include "check.h"
#include "collectors/metrics.h"
#include "lib/record.h"

#define NOW 1795213164400
#define KATO(members) "{\"timestamp\":1795213164.3699095," members ",\"uptime_seconds\":null,\"active_sessions\":null,\"error\":null}"
#define GOOD "\"sessions\":{\"active\":1},\"performance\":{\"total_requests\":9.0},\"resources\":{\"memory_percent\":3.5}"

static const struct errorrate none = {0}, some = {.known = true, .rate = 1.0 / 3};
static const struct errorrate burst = {.burst = true, .per_second = 2.0 / 60};

static const struct {
	const char *text;
	const struct errorrate *errors;
	const char *data;
} written[] = {
	/* as captured, with the names of the plan */
	{KATO("\"sessions\":{\"total_created\":0.0,\"total_deleted\":0.0,\"active\":1,\"operations_total\":0.0},"
	    "\"performance\":{\"total_requests\":9.0,\"total_errors\":0.0,\"error_rate\":0.0,\"average_response_time\":0.0022170543670654297},"
	    "\"resources\":{\"cpu_percent\":4.8,\"memory_percent\":3.5,\"disk_percent\":21.3},"
	    "\"databases\":{\"qdrant\":{\"operations\":0.0,\"errors\":0.0},\"redis\":{}},"
	    "\"rates\":{\"requests_per_second\":0.22389342463224074,\"errors_per_minute\":0},"
	    "\"processor_manager\":{\"total_processors\":0,\"max_processors\":100,\"processors\":[]}"), &some,
	    "{\"timestamp\":1795213164.3699095,\"sessions\":{\"active\":1,\"total_created\":0.0,\"total_deleted\":0.0,\"operations_total\":0.0},"
	    "\"requests\":{\"total\":9.0,\"per_second\":0.22389342463224074},"
	    "\"resources\":{\"cpu_percent\":4.8,\"memory_percent\":3.5,\"disk_percent\":21.3},"
	    "\"performance\":{\"total_requests\":9.0,\"total_errors\":0.0,\"average_response_time\":0.0022170543670654297,"
	    "\"error_rate\":0.333333,\"error_rate_source\":\"kato_requests_failed/kato_requests_total, 60 s\"},"
	    "\"databases\":{\"qdrant\":{\"operations\":0.0,\"errors\":0.0},\"redis\":{}},"
	    "\"rates\":{\"requests_per_second\":0.22389342463224074,\"errors_per_minute\":0},"
	    "\"processor_manager\":{\"total_processors\":0,\"max_processors\":100,\"processors\":[]}}"},
	/* a counter that KATO feeds; an error rate that KATO computes */
	{KATO("\"sessions\":{\"active\":5,\"total_created\":127.0},\"performance\":{\"total_requests\":9,\"error_rate\":0.02}"), &none,
	    "{\"timestamp\":1795213164.3699095,\"sessions\":{\"active\":5,\"total_created\":127.0,\"total\":127.0},\"requests\":{\"total\":9},"
	    "\"resources\":{},\"performance\":{\"total_requests\":9,\"error_rate\":0.02,\"error_rate_source\":\"KATO, since its start\"},"
	    "\"rates\":{},\"processor_manager\":{}}"},
	/* numbers pass as they are, and nothing that is none; the last of equal names counts */
	{KATO("\"sessions\":{\"active\":2.5,\"total\":9007199254740993,\"total_created\":3},"
	    "\"performance\":{\"total_requests\":9007199254740993,\"total_errors\":-1,\"error_rate\":0.0,\"average_response_time\":1e400,"
	    "\"a\":\"9\",\"b\":true,\"c\":null,\"d\":[1],\"e\":{\"f\":1},\"g\":1E+2},"
	    "\"resources\":{\"cpu_percent\":1,\"cpu_percent\":2,\"x\":1,\"x\":null,\"bad name\":1,\"\":1,\"\\u0061\":1,"
	    "\"long\":0.00000000000000000000000000000000000000000000000001}"), &none,
	    "{\"timestamp\":1795213164.3699095,\"sessions\":{\"total\":9007199254740993,\"total_created\":3},"
	    "\"requests\":{\"total\":9007199254740993},\"resources\":{\"cpu_percent\":2},"
	    "\"performance\":{\"total_requests\":9007199254740993,\"g\":1E+2},\"rates\":{},\"processor_manager\":{}}"},
	/* a slope that is no rate */
	{KATO("\"sessions\":{\"active\":1,\"active_users\":2},\"rates\":{\"requests_per_second\":512.3,\"requests_per_minute\":30738,\"errors_per_minute\":0}"),
	    &burst, "{\"timestamp\":1795213164.3699095,\"sessions\":{\"active\":1,\"active_users\":2},\"requests\":{\"per_second\":0.033},\"resources\":{},"
	    "\"performance\":{},\"rates\":{\"errors_per_minute\":0},\"processor_manager\":{}}"},
	/* no secret, wherever it stands */
	{KATO(GOOD ",\"redis_url\":\"redis://:pw@redis\",\"extra\":{\"a\":1},\"databases\":{\"redis\":{\"url\":\"redis://:pw@redis\",\"errors\":1}},"
	    "\"processor_manager\":{\"redis_url\":\"redis://:pw@redis\",\"total_processors\":1,\"processors\":[3,"
	    "{\"processor_id\":\"p1\",\"node_id\":\"redis://:pw@redis\",\"created_at\":\"2026-11-20\",\"access_count\":3,\"idle_seconds\":1.5,\"config\":\"pw\"}]}"), &none,
	    "{\"timestamp\":1795213164.3699095,\"sessions\":{\"active\":1},\"requests\":{\"total\":9.0},\"resources\":{\"memory_percent\":3.5},"
	    "\"performance\":{\"total_requests\":9.0},\"databases\":{\"redis\":{\"errors\":1}},\"rates\":{},"
	    "\"processor_manager\":{\"total_processors\":1,\"processors\":[{\"processor_id\":\"p1\",\"created_at\":\"2026-11-20\","
	    "\"access_count\":3,\"idle_seconds\":1.5}]}}"},
	/* sections that are something else */
	{"{\"uptime_seconds\":12.5,\"sessions\":[1],\"performance\":{\"total_requests\":1},\"resources\":\"x\",\"databases\":3,\"rates\":null,"
	    "\"processor_manager\":[]}", &none,
	    "{\"uptime_seconds\":12.5,\"sessions\":{},\"requests\":{\"total\":1},\"resources\":{},\"performance\":{\"total_requests\":1},"
	    "\"rates\":{},\"processor_manager\":{}}"},
	{"{\"sessions\":{\"active\":0}}", &none,
	    "{\"sessions\":{\"active\":0},\"requests\":{},\"resources\":{},\"performance\":{},\"rates\":{},\"processor_manager\":{}}"},
};

static const struct {
	const char *text;
	bool kato;
	const char *why;
} empty[] = {
	{"", false, "not JSON at byte 0"},
	{"{\"a\":NaN}", false, "not JSON at byte 5"},
	{"<html>", false, "not JSON at byte 0"},
	{"{\"sessions\":{\"active\":3}} x", false, "not JSON at byte 26"},
	{"[]", false, "not what KATO answers"},
	{"{}", false, "not what KATO answers"},
	{"{\"status\":\"ok\"}", false, "not what KATO answers"},
	{"{\"error\":\"no\"}", false, "KATO has no metrics"},
	{KATO(GOOD) "\n", true, NULL},
	{"{\"sessions\":null,\"processor_manager\":{},\"error\":\"Redis\"}", true, "KATO has no metrics"},
	{"{\"sessions\":{\"active\":3},\"error\":\"\"}", true, "KATO has no metrics"},
	{"{\"sessions\":{\"active\":3},\"error\":{\"message\":\"x\"}}", true, "KATO has no metrics"},
	{"{\"sessions\":{\"active\":\"3\"},\"performance\":{\"total_requests\":\"9\"}}", true, "no figures in the answer"},
	{KATO("\"sessions\":{\"active\":0},\"performance\":{\"total_requests\":0.0},\"resources\":{\"cpu_percent\":0.0,\"memory_percent\":0}"),
	    true, "all figures are zero: KATO does not measure itself"},
	{KATO("\"sessions\":{\"active\":7},\"performance\":{\"total_requests\":0.0},\"resources\":{\"memory_percent\":0}"),
	    true, "all figures are zero: KATO does not measure itself"},
};

static void
writing(void)
{
	struct strbuf b = {0}, why = {0};
	struct metrics m;
	int64_t ms;
	bool kato;

	for (size_t i = 0; i < sizeof written / sizeof written[0]; i++) {
		m = (struct metrics){0};
		strbuf_reset(&b);
		CHECK(metrics_look(&m, written[i].text, strlen(written[i].text), NOW, 0, &ms, &kato, &why) == METRICS_NEW && kato);
		metrics_write(written[i].text, strlen(written[i].text), written[i].errors, &b);
		CHECK_STR(b.s, written[i].data);
	}
	for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++) {
		m = (struct metrics){0};
		strbuf_reset(&why);
		strbuf_adds(&why, "");
		CHECK((metrics_look(&m, empty[i].text, strlen(empty[i].text), NOW, 0, &ms, &kato, &why) == METRICS_NONE) == (empty[i].why != NULL));
		CHECK(kato == empty[i].kato);
		CHECK_STR(why.s ? why.s : "", empty[i].why ? empty[i].why : "");
	}
	strbuf_free(&b);
	strbuf_free(&why);
}

/* Answers as they come, on one clock. */
static void
times(void)
{
	static const struct {
		const char *stamp;
		int64_t now, mono;
		enum metrics_result want;
		int64_t ms;
	} answers[] = {
		{"1795213164.3699095", NOW, 0, METRICS_NEW, 1795213164369},
		{"1795213164.3699095", NOW + 3000, 3000, METRICS_OLD, 0},
		{"1795213160.5", NOW + 3000, 3000, METRICS_OLD, 0},	/* another worker's cache */
		{"1795213170.219", NOW + 6000, 6000, METRICS_NEW, 1795213170219},
		{"1795213170.219", NOW + 125999, 125999, METRICS_OLD, 0},
		{"1795213170.219", NOW + 126000, 126000, METRICS_NONE, 0},	/* it stands still */
		{"1795213170.219", NOW + 129000, 129000, METRICS_NONE, 0},
		{"1795213290.5", NOW + 132000, 132000, METRICS_NEW, 1795213290500},
		{"1795209690.5", NOW + 135000, 135000, METRICS_NEW, NOW + 135000},	/* KATO's clock was set back */
		{"1795219690.5", NOW + 138000, 138000, METRICS_NEW, NOW + 138000},	/* and ahead */
		{"0", NOW + 141000, 141000, METRICS_NEW, NOW + 141000},	/* no time at all */
		{"null", NOW + 141000, 141000, METRICS_NEW, NOW + 141000},
		{"\"now\"", NOW + 141000, 141000, METRICS_NEW, NOW + 141000},
		{"-5", NOW + 141000, 141000, METRICS_NEW, NOW + 141000},
		{"1e300", NOW + 141000, 141000, METRICS_NEW, NOW + 141000},
	};
	struct metrics m = {0};
	struct strbuf text = {0}, why = {0};
	int64_t ms;
	bool kato;

	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		strbuf_reset(&text);
		strbuf_addf(&text, "{\"timestamp\":%s," GOOD "}", answers[i].stamp);
		CHECK(metrics_look(&m, text.s, text.len, answers[i].now, answers[i].mono, &ms, &kato, &why) == answers[i].want);
		CHECK(answers[i].want != METRICS_NEW || ms == answers[i].ms);
		if (answers[i].want == METRICS_NEW && ms != answers[i].ms)
			fprintf(stderr, "  %s: %lld\n", answers[i].stamp, (long long)ms);
	}
	strbuf_free(&text);
	strbuf_free(&why);
}

/* Whatever a server piles up, the record fits a line. */
static void
piles(void)
{
	struct strbuf text = {0}, data = {0}, why = {0};
	struct metrics m = {0};
	int64_t ms;
	size_t at;
	bool kato;

	strbuf_adds(&text, "{" GOOD ",\"rates\":{\"x\":1");
	for (int i = 0; i < 20000; i++)
		strbuf_addf(&text, ",\"m%d\":%d", i, i);
	strbuf_adds(&text, "},\"databases\":{\"x\":{}");
	for (int i = 0; i < 2000; i++) {
		strbuf_addf(&text, ",\"d%d\":{\"x\":1", i);
		for (int j = 0; j < 70; j++)
			strbuf_addf(&text, ",\"a_rather_long_name_of_a_member_that_goes_on_for_a_while_%d\":1000000000000000000000000000000", j);
		strbuf_adds(&text, "}");
	}
	strbuf_adds(&text, "},\"processor_manager\":{\"processors\":[{}");
	for (int i = 0; i < 5000; i++)
		strbuf_addf(&text, ",{\"processor_id\":\"%0200d\",\"node_id\":\"%0300d\",\"access_count\":1}", i, i);
	strbuf_adds(&text, "]}}");
	CHECK(metrics_look(&m, text.s, text.len, NOW, 0, &ms, &kato, &why) == METRICS_NEW);
	metrics_write(text.s, text.len, &none, &data);
	CHECK(data.len < 900000);
	CHECK(json_check(data.s, data.len, &at) == JSON_OK);
	CHECK(strstr(data.s, "\"m62\":62") && !strstr(data.s, "\"m63\":63"));
	strbuf_free(&text);
	strbuf_free(&data);
	strbuf_free(&why);
}

int
main(void)
{
	CHECK(!metrics_is_fast("{\"rates\":{\"requests_per_second\":50}}", 36));
	CHECK(metrics_is_fast("{\"rates\":{\"requests_per_second\":51}}", 36));
	CHECK(!metrics_is_fast("{\"rates\":[]}", 12));
	writing();
	times();
	piles();
	return check_done();
}
