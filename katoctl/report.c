#include <inttypes.h>

#include "katoctl/report.h"

static void
add_process(const struct stage *s, int64_t now, struct strbuf *b)
{
	struct strbuf exit = {0};

	if (s->proc.pid) {
		strbuf_addf(b, "\"pid\":%d,\"uptime_seconds\":", (int)s->proc.pid);
		strbuf_addround(b, (double)(now - s->restart.started_ms) / 1000, 1);
	} else {
		strbuf_adds(b, "\"pid\":null,\"uptime_seconds\":null");
	}
	strbuf_addf(b, ",\"restarts\":%" PRIu64 ",\"last_exit\":", s->restart.starts ? s->restart.starts - 1 : 0);
	if (s->has_exited) {
		child_describe(s->status, &exit);
		strbuf_addjson(b, exit.s, exit.len);
	} else {
		strbuf_adds(b, "null");
	}
	strbuf_free(&exit);
}

void
report_json(const struct super *u, int64_t now, struct strbuf *b)
{
	strbuf_adds(b, "{\"stages\":[");
	for (size_t i = 0; i < u->n; i++) {
		const struct stage *s = &u->v[i];

		strbuf_addf(b, "%s{\"name\":\"%s\",\"kind\":\"%s\",\"state\":\"%s\",", i ? "," : "", s->plan->name,
		    plan_word(s->plan->kind), super_state(u, s));
		add_process(s, now, b);
		strbuf_addf(b,
		    ",\"lines\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"torn\":%" PRIu64 ",\"dropped\":%" PRIu64
		    ",\"outstanding\":%" PRIu64 "}",
		    s->count.lines, s->count.bytes, s->torn, s->dropped, s->in.lines);
	}
	strbuf_adds(b, "]}\n");
}
