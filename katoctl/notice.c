#include <stdlib.h>

#include "katoctl/notice.h"
#include "katoctl/relay.h"
#include "lib/stamp.h"
#include "lib/strbuf.h"
#include "lib/xalloc.h"

void
notice_trouble(struct stage *s, const char *why, bool soon)
{
	free(s->trouble);
	s->trouble = xstrdup(why);
	if (!s->down || s->down_soon != soon)
		s->since_ms = stamp_now();
	s->down_soon = soon;
	s->troubled = s->down = s->notice_due = true;
}

void
notice_back(struct stage *s)
{
	if (!s->down)
		return;
	s->down = false;
	s->since_ms = stamp_now();
	s->notice_due = true;
}

static void
record(const struct stage *s, struct strbuf *b)
{
	char stamp[STAMP_LEN + 1], since[STAMP_LEN + 1];
	const char *name = s->plan->name;

	strbuf_addf(b,
	    "{\"type\":\"source_status\",\"timestamp\":\"%s\",\"source\":\"katoctl/%s\",\"id\":\"katoctl/%s\",\"data\":"
	    "{\"source\":\"katoctl/%s\",\"status\":\"%s\",",
	    stamp_format(stamp_now(), stamp), name, name, name, !s->down ? "up" : s->down_soon ? "degraded" : "down");
	if (s->down) {
		struct strbuf why = {0};

		strbuf_addf(&why, "%s: %s%s", s->restart.state == RESTART_PARKED ? "parked" : "died", s->trouble,
		    s->down_soon ? "; started again" : "");
		strbuf_adds(b, "\"error\":");
		strbuf_addjson(b, why.s, why.len);
		strbuf_addc(b, ',');
		strbuf_free(&why);
	}
	strbuf_addf(b, "\"since\":\"%s\",\"duration_ms\":0,\"interval_ms\":%d}}\n", stamp_format(s->since_ms, since),
	    NOTICE_REPEAT_MS);
}

static int64_t
due(const struct super *u, const struct stage *s)
{
	if (!s->troubled || u->stop_ms >= 0)
		return INT64_MAX;
	return s->notice_due ? 0 : s->noticed_ms + NOTICE_REPEAT_MS;
}

/* May a record of ours still pass all stages? Not once the end of the input is on its way through them. */
static bool
may_speak(const struct super *u)
{
	for (size_t i = 0; i < u->n; i++)
		if (u->v[i].input_over)
			return false;
	return relay_room(u, NULL);
}

int64_t
notice_due(const struct super *u)
{
	int64_t first = INT64_MAX;

	if (!may_speak(u))
		return first;
	for (size_t i = 0; i < u->n; i++)
		if (due(u, &u->v[i]) < first)
			first = due(u, &u->v[i]);
	return first;
}

void
notice_step(struct super *u, int64_t now)
{
	struct strbuf b = {0};

	for (size_t i = 0; i < u->n; i++) {
		struct stage *s = &u->v[i];

		if (now < due(u, s) || !may_speak(u))
			continue;
		s->notice_due = false;
		s->noticed_ms = now;
		strbuf_reset(&b);
		record(s, &b);
		relay_give(u, NULL, b.s, b.len, 1);
	}
	strbuf_free(&b);
}
