#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "broadcaster/feed.h"
#include "broadcaster/rollback.h"
#include "broadcaster/wsconn.h"
#include "lib/log.h"
#include "lib/stamp.h"

static struct rollback judge;
static char since[STAMP_LEN + 1];	/* of the status told last */

_Static_assert(sizeof ((struct stats *)0)->rollbacks / sizeof(uint64_t) == ROLLBACK_CAUSES, "a counter for each cause");

static double
cpu_seconds(void)
{
	struct rusage u;

	if (getrusage(RUSAGE_SELF, &u) < 0)
		return 0;
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static uint64_t
abnormal(const struct stats *s)
{
	uint64_t n = 0;

	for (int i = 0; i < STATS_LEAVES; i++)
		if (stats_leave_abnormal(i))
			n += s->leaves[i];
	return n;
}

/* How the broadcaster does, to all who want to know how sources do. error NULL: it is well. */
static void
tell(struct server *s, const char *error)
{
	struct strbuf line = {0};
	char now[STAMP_LEN + 1];

	stamp_format(stamp_now(), now);
	memcpy(since, now, sizeof since);
	strbuf_addf(&line, "{\"type\":\"source_status\",\"id\":\"broadcaster\",\"timestamp\":\"%s\",\"source\":\"broadcaster\","
	    "\"data\":{\"source\":\"broadcaster\",\"status\":\"%s\",\"since\":\"%s\",\"interval_ms\":0", now, error ? "degraded" : "up", since);
	if (error) {
		strbuf_adds(&line, ",\"error\":");
		strbuf_addjsons(&line, error);
	}
	strbuf_adds(&line, "}}");
	feed_tell(s, line.s, line.len);
	strbuf_free(&line);
}

static void
trip(struct server *s, const struct rollback_verdict *v)
{
	struct strbuf error = {0};
	char what[100];

	rollback_text(v, what, sizeof what);
	s->stats.rollbacks[v->cause]++;
	if (!strcmp(s->opt.auto_rollback, "on")) {
		log_error("critical: %s: WebSocket is switched off; HUP or a restart switches it on again", what);
		strbuf_addf(&error, "WebSocket is switched off: %s", what);
		s->stats.rolled_back = 1;
		s->opt.flags.enabled = false;
		hub_flags(s->hub, &s->opt.flags, ws_now());
	} else {
		log_error("critical: %s: WEBSOCKET_AUTO_ROLLBACK=on would switch WebSocket off", what);
		strbuf_adds(&error, what);
	}
	tell(s, error.s);
	strbuf_free(&error);
}

void
wsroll_tick(struct server *s, int64_t now)
{
	struct rollback_sample sample = {
		.sends = s->stats.sends,
		.send_errors = s->stats.send_errors,
		.messages = s->stats.fresh,
		.latency = s->stats.fresh_seconds,
		.abnormal = abnormal(&s->stats),
		.cpu = cpu_seconds(),
	};
	static bool begun;
	bool was = judge.tripped;
	struct rollback_verdict v;

	if (!strcmp(s->opt.auto_rollback, "off") || !s->opt.flags.enabled) {
		judge = (struct rollback){0};
		return;
	}
	if (!begun)	/* what happened in the first second counts, too */
		rollback_feed(&judge, &(struct rollback_sample){0}, now - 1000, s->opt.rollback_disconnects);
	begun = true;
	v = rollback_feed(&judge, &sample, now, s->opt.rollback_disconnects);
	if (v.cause)
		trip(s, &v);
	else if (was && !judge.tripped)
		tell(s, NULL);
}

void
ws_rollback_over(struct server *s)
{
	if (!s->stats.rolled_back || !s->opt.flags.enabled)
		return;
	judge = (struct rollback){0};
	s->stats.rolled_back = 0;
	log_info("WebSocket is switched on again");
	tell(s, NULL);
}
