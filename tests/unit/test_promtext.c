#include "broadcaster/promtext.h"
#include "check.h"

static struct stats stats;
static struct state *state;
static struct strbuf out;

static void
put(const char *line)
{
	const struct value *v;
	struct record r;

	CHECK(record_parse(line, strlen(line), &r) == RECORD_OK && state_put(state, &r, 0, &v) == STATE_CHANGED);
}

static void
render(void)
{
	const struct promtext in = {.stats = &stats, .state = state, .clients = 3, .events = 7, .now_ms = 5000, .version = "1.2.3"};

	strbuf_reset(&out);
	promtext(&in, &out);
}

static int
count(const char *text)
{
	int n = 0;

	for (const char *p = out.s; (p = strstr(p, text)); p++)
		n++;
	return n;
}

static bool
has(const char *line)
{
	struct strbuf b = {0};
	bool found;

	strbuf_addf(&b, "\n%s\n", line);
	found = strstr(out.s, b.s) != NULL;
	strbuf_free(&b);
	return found;
}

static void
counts(void)
{
	histogram_add(&stats.broadcast_seconds, 0.0003);
	histogram_add(&stats.broadcast_seconds, 0.3);
	histogram_add(&stats.broadcast_seconds, 100);
	stats.lines = 4;
	stats.lines_bad = 1;
	stats.records_bad_state = 2;
	stats.refused_origin = 9;
	stats_sent(&stats, "system_alert", 6);
	render();
	CHECK(has("kato_live_build_info{version=\"1.2.3\"} 1") && has("kato_live_lines_total 5") && has("kato_live_records_total 4"));
	CHECK(has("kato_live_lines_dropped_total 3") && has("kato_live_refused_total{reason=\"origin\"} 9"));
	CHECK(has("kato_live_websocket_active_connections 3") && has("websocket_active_connections 3"));
	CHECK(has("websocket_messages_sent_total{message_type=\"system_alert\"} 6"));
	CHECK(has("websocket_broadcast_duration_seconds_bucket{le=\"0.00025\"} 0"));
	CHECK(has("websocket_broadcast_duration_seconds_bucket{le=\"0.0005\"} 1"));
	CHECK(has("websocket_broadcast_duration_seconds_bucket{le=\"0.5\"} 2"));
	CHECK(has("websocket_broadcast_duration_seconds_bucket{le=\"+Inf\"} 3"));
	CHECK(has("websocket_broadcast_duration_seconds_count 3") && has("websocket_broadcast_duration_seconds_sum 100.3003"));
	CHECK(has("kato_live_events_total 7") && has("kato_live_input_open 1") && !strstr(out.s, "container_cpu"));
}

static void
last_metrics(void)
{
	put("{\"type\":\"metrics\",\"data\":{\"requests\":{\"total\":9,\"Per-Second\":0.5},\"a.b\":1,\"a_b\":2,\"x\":{\"count\":3},\"s\":\"7\","
	    "\"list\":[1],\"t\":true,\"huge\":1e999,\"line\\n\\\\break\":4}}");
	render();
	CHECK(has("kato_live_metrics_requests_total 9") && has("# TYPE kato_live_metrics_requests_total counter"));
	CHECK(has("kato_live_metrics_requests_per_second 0.5") && has("# TYPE kato_live_metrics_requests_per_second gauge"));
	CHECK(has("kato_live_metrics_a_b 1") && !has("kato_live_metrics_a_b 2"));
	CHECK(has("kato_live_metrics_x_count_value 3") && has("kato_live_metrics_line__break 4"));
	CHECK(!strstr(out.s, "metrics_s ") && !strstr(out.s, "metrics_list") && !strstr(out.s, "metrics_huge") && !strstr(out.s, "metrics_t "));
	CHECK(has("# HELP kato_live_metrics_line__break Member line  break of the last metrics record."));
}

static void
last_containers(void)
{
	put("{\"type\":\"containers\",\"data\":{\"containers\":[{\"name\":\"b\",\"cpu\":1,\"status\":\"running\"},{\"name\":\"a\\\"\\\\\\n\",\"cpu\":2},"
	    "{\"name\":\"b\",\"cpu\":3},{\"cpu\":4},5,{\"name\":\"c\",\"memory\":{\"usage_bytes\":6}}]}}");
	put("{\"type\":\"source_status\",\"id\":\"x\",\"data\":{\"status\":\"up\"}}");
	put("{\"type\":\"source_status\",\"id\":\"y\",\"data\":{\"status\":\"down\"}}");
	render();
	CHECK(count("\nkato_live_container_cpu_percent{") == 2 && has("kato_live_container_cpu_percent{name=\"a\\\"\\\\\\n\"} 2"));
	CHECK(has("kato_live_container_memory_bytes{name=\"c\"} 6") && has("kato_live_containers_omitted 3"));
	CHECK(has("kato_live_container_running{name=\"b\"} 1") && has("kato_live_container_running{name=\"c\"} 0"));
	CHECK(has("kato_live_source_up{source=\"x\"} 1") && has("kato_live_source_up{source=\"y\"} 0"));
	CHECK(!strstr(out.s, "container_pids"));
}

static void
bounds(void)
{
	struct strbuf b = {0};

	strbuf_adds(&b, "{\"type\":\"containers\",\"data\":{\"containers\":[");
	for (int i = 0; i < 5000; i++)
		strbuf_addf(&b, "%s{\"name\":\"c%d\",\"cpu\":1}", i ? "," : "", i);
	strbuf_adds(&b, "]}}");
	put(b.s);
	strbuf_reset(&b);
	strbuf_adds(&b, "{\"type\":\"metrics\",\"data\":{");
	for (int i = 0; i < 3000; i++)
		strbuf_addf(&b, "%s\"m%d\":1", i ? "," : "", i);
	strbuf_adds(&b, "}}");
	put(b.s);
	render();
	CHECK(count("\nkato_live_container_cpu_percent{") == PROMTEXT_CONTAINERS && has("kato_live_containers_omitted 3000"));
	CHECK(count("\nkato_live_metrics_m") == PROMTEXT_MEMBERS);
	strbuf_free(&b);
}

int
main(void)
{
	state = state_new(100, 10 << 20);
	stats_init(&stats, 0, 0);
	counts();
	last_metrics();
	last_containers();
	bounds();
	state_del(state);
	strbuf_free(&out);
	return check_done();
}
