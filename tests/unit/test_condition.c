#include "broadcaster/condition.h"
#include "lib/record.h"

#include "check.h"

static struct state *s;

static void
put(const char *type, const char *id, const char *status, int64_t now)
{
	char line[256];
	struct record r;
	const struct value *v;

	snprintf(line, sizeof line, "{\"type\":\"%s\",\"timestamp\":\"2026-11-20T22:00:00.000Z\"%s%s%s,\"data\":{\"status\":\"%s\"}}", type,
	    *id ? ",\"id\":\"" : "", id, *id ? "\"" : "", status);
	CHECK(record_parse(line, strlen(line), &r) == RECORD_OK);
	CHECK(state_put(s, &r, now, &v) == STATE_CHANGED);
}

static void
source(void)
{
	CHECK(!condition_source(s, "prom", 1000));
	put("source_status", "prom", "up", 1000);
	CHECK(condition_source(s, "prom", 1000) && condition_source(s, "prom", 1000 + CONDITION_SILENT_MS - 1));
	CHECK(!condition_source(s, "prom", 1000 + CONDITION_SILENT_MS) && !condition_source(s, "pro", 1000) && !condition_source(s, "prom2", 1000));
	put("source_status", "prom", "degraded", 2000);
	CHECK(!condition_source(s, "prom", 2000));
	put("source_status", "prom@b", "up", 2000);
	CHECK(condition_source(s, "prom", 2000));
	put("source_status", "katoctl/prom", "degraded", 2000);
	CHECK(condition_source(s, "prom", 2000));
	put("source_status", "katoctl/prom", "down", 2000);
	CHECK(!condition_source(s, "prom", 2000));
	put("source_status", "katoctl/prom", "up", 2000);
	CHECK(condition_source(s, "prom", 2000));
}

static void
components(void)
{
	static const struct alias_component parts[] = {{"a", .source = "prom"}, {"b", .type = "graph"}, {.name = NULL}};
	struct strbuf b = {0};
	size_t n;

	CHECK(condition_parts(s, parts, 2000, &n, &b) == 1 && n == 2);
	CHECK_STR(b.s, "\"a\":\"healthy\",\"b\":\"unhealthy\"");
	put("graph", "", "x", 2000);
	strbuf_reset(&b);
	CHECK(condition_parts(s, parts, 2000, &n, &b) == 2 && n == 2);
	CHECK(condition_parts(s, NULL, 2000, &n, &b) == 0 && n == 0);
	strbuf_free(&b);
}

int
main(void)
{
	s = state_new(100, 100000);
	source();
	components();
	state_del(s);
	return check_done();
}
