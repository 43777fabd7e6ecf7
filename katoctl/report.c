#include <inttypes.h>
#include <string.h>

#include "katoctl/refeed.h"
#include "katoctl/report.h"
#include "lib/stamp.h"

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

static void
add_speed(const struct stage *s, const struct meter *m, int64_t now, struct strbuf *b)
{
	struct meter_rate r = {0, 0};
	double lag;

	if (m)
		r = meter_rate(m, now, s->count.lines, s->count.bytes);
	strbuf_adds(b, ",\"lines_per_second\":");
	strbuf_addround(b, r.lines, 2);
	strbuf_adds(b, ",\"bytes_per_second\":");
	strbuf_addround(b, r.bytes, 0);
	strbuf_adds(b, ",\"lag_seconds\":");
	if (m && meter_lag(m, stamp_now(), &lag))
		strbuf_addround(b, lag, 3);
	else
		strbuf_adds(b, "null");
	strbuf_adds(b, ",\"last_stderr\":");
	if (s->last_err)
		strbuf_addjson(b, s->last_err, strlen(s->last_err));
	else
		strbuf_adds(b, "null");
}

void
report_json(const struct super *u, const struct meter *meters, int64_t now, struct strbuf *b)
{
	strbuf_adds(b, "{\"stages\":[");
	for (size_t i = 0; i < u->n; i++) {
		const struct stage *s = &u->v[i];

		strbuf_addf(b, "%s{\"name\":\"%s\",\"kind\":\"%s\",\"state\":\"%s\",", i ? "," : "", s->plan->name,
		    refeed_word(s), super_state(u, s));
		add_process(s, now, b);
		strbuf_addf(b,
		    ",\"lines\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"torn\":%" PRIu64 ",\"dropped\":%" PRIu64
		    ",\"outstanding\":%" PRIu64,
		    s->count.lines, s->count.bytes, s->torn, s->dropped, s->in.lines);
		add_speed(s, meters ? &meters[i] : NULL, now, b);
		strbuf_addc(b, '}');
	}
	strbuf_adds(b, "]}\n");
}
