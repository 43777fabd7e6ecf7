#include <string.h>

#include "collectors/source.h"
#include "lib/stamp.h"

static const char *const words[] = {"unknown", "up", "degraded", "down"};

void
source_init(struct source *s, const char *name, int64_t interval_ms)
{
	*s = (struct source){.name = name, .interval_ms = interval_ms};
}

void
source_free(struct source *s)
{
	strbuf_free(&s->error);
}

static void
set(struct source *s, enum source_state state, const char *error, int64_t now, int64_t duration)
{
	if (s->state != state)
		s->since_ms = now;
	if (s->state != state || strcmp(s->error.s ? s->error.s : "", error) != 0)
		s->changed = true;
	s->state = state;
	s->duration_ms = duration;
	strbuf_reset(&s->error);
	strbuf_adds(&s->error, error);
}

void
source_ok(struct source *s, int64_t now, int64_t duration)
{
	set(s, SOURCE_UP, "", now, duration);
	s->last_success_ms = now;
}

void
source_failed(struct source *s, enum source_state state, const char *error, int64_t now, int64_t duration)
{
	set(s, state, error, now, duration);
}

void
source_wrote(struct source *s, int64_t now)
{
	s->sent_ms = now;
}

/* A clock that was stepped back counts as time that passed. */
static bool
passed(int64_t since, int64_t now, int64_t ms)
{
	return now < since || now - since >= ms;
}

bool
source_due(const struct source *s, int64_t now)
{
	if (s->state == SOURCE_UNKNOWN)
		return false;
	/* a tick may come a little early */
	return s->changed || passed(s->status_sent_ms, now, SOURCE_REPEAT_MS) ||
	    passed(s->sent_ms, now, s->interval_ms - s->interval_ms / 8);
}

static void
add_stamp(struct strbuf *out, const char *name, int64_t ms)
{
	char t[STAMP_LEN + 1];

	strbuf_addf(out, ",\"%s\":\"%s\"", name, stamp_format(ms, t));
}

void
source_record(struct source *s, int64_t now, struct strbuf *out)
{
	strbuf_adds(out, "{\"type\":\"source_status\",\"id\":");
	strbuf_addjsons(out, s->name);
	add_stamp(out, "timestamp", now);
	strbuf_adds(out, ",\"source\":");
	strbuf_addjsons(out, s->name);
	strbuf_adds(out, ",\"data\":{\"source\":");
	strbuf_addjsons(out, s->name);
	strbuf_addf(out, ",\"status\":\"%s\"", words[s->state]);
	if (s->error.len) {
		strbuf_adds(out, ",\"error\":");
		strbuf_addjson(out, s->error.s, s->error.len);
	}
	add_stamp(out, "since", s->since_ms);
	if (s->last_success_ms)
		add_stamp(out, "last_success", s->last_success_ms);
	strbuf_addf(out, ",\"duration_ms\":%lld,\"interval_ms\":%lld}}\n", (long long)s->duration_ms,
	    (long long)s->interval_ms);
	s->changed = false;
	s->sent_ms = s->status_sent_ms = now;
}
