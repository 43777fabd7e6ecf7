#include <string.h>

#include "collectors/sessions.h"
#include "lib/stamp.h"

void
sessions_init(struct sessions *s, const char *source, int64_t hold_ms)
{
	memset(s, 0, sizeof *s);
	s->source = source;
	s->hold_ms = hold_ms;
}

void
sessions_write(const struct sessions *s, int64_t wall, struct strbuf *out)
{
	char t[STAMP_LEN + 1];

	strbuf_addf(out, "{\"type\":\"sessions\",\"timestamp\":\"%s\",\"source\":\"%s\",\"data\":{\"active_count\":%lld,"
	    "\"total_count\":%lld}}\n", stamp_format(wall, t), s->source, s->active, s->total);
}

/* The event's name: of KATO's making where there is one, so that a restart does not rename it. */
static void
add_id(struct sessions *s, bool created, const struct hint *h, int64_t wall, struct strbuf *out)
{
	struct strbuf id = {0};

	strbuf_adds(&id, created ? "created_" : "destroyed_");
	if (h)
		strbuf_addf(&id, "%s_%lld", h->session, (long long)(h->ms ? h->ms : wall));
	else
		strbuf_addf(&id, "%lld_%llu", (long long)wall, (unsigned long long)++s->serial);
	strbuf_addjson(out, id.s, id.len);
	strbuf_free(&id);
}

static void
add_member(struct strbuf *out, const char *name, const char *text)
{
	if (!*text)
		return;
	strbuf_addf(out, ",\"%s\":", name);
	strbuf_addjsons(out, text);
}

/* The count moves by delta: one session_event, and the sessions record. h NULL: nobody named it. */
static void
event(struct sessions *s, long long delta, const struct hint *h, struct sessions_now now, struct strbuf *out)
{
	bool created = delta > 0;
	char t[STAMP_LEN + 1];

	strbuf_adds(out, "{\"type\":\"session_event\",\"id\":");
	add_id(s, created, h, now.wall, out);
	strbuf_addf(out, ",\"event_type\":\"session_%s\",\"timestamp\":\"%s\",\"source\":\"%s\",\"data\":{\"current_count\":%lld,"
	    "\"previous_count\":%lld,\"delta\":%lld,\"time_since_last_event\":", created ? "created" : "destroyed",
	    stamp_format(now.wall, t), s->source, s->active + delta, s->active, delta);
	strbuf_addround(out, (double)(now.mono - s->event_mono) / 1000, 3);
	if (h) {
		add_member(out, "session_id", h->session);
		add_member(out, "node_id", h->node);
		add_member(out, "reason", h->reason);
	} else if (s->doubt.count.reason) {
		add_member(out, "reason", s->doubt.count.reason);
	}
	strbuf_adds(out, "}}\n");
	s->active += delta;
	s->events++;
	if (created)
		s->total += delta;
	s->event_mono = now.mono;
	trail_set(&s->trail, s->active, now.mono);
	sessions_write(s, now.wall, out);
}

static void
baseline(struct sessions *s, const struct sessions_count *c, struct sessions_now now)
{
	s->known = true;
	s->active = c->n;
	s->total = s->old_total + (c->n > s->old_active ? c->n - s->old_active : 0);
	s->events++;
	s->began = s->event_mono = now.mono;
	s->last_count = c->n;
	s->last_asked = c->asked;
	s->taken_after = c->asked - s->hold_ms;
	trail_start(&s->trail, c->n, now.mono);
}

/* The difference that no event explains. */
static void
nameless(struct sessions *s, long long delta, struct sessions_now now, struct strbuf *out)
{
	long long n = delta < 0 ? -delta : delta, step = delta < 0 ? -1 : 1;

	if (s->doubt.count.hinted) {
		s->missed += (uint64_t)n;
		s->nameless[delta < 0].n += n;
		s->nameless[delta < 0].wall = s->doubt.wall;
	}
	if (n > SESSIONS_NAMELESS_MAX || s->doubt.count.blind)
		event(s, delta, NULL, now, out);
	else
		while (n--)
			event(s, step, NULL, now, out);
}

static void
judge(struct sessions *s, struct sessions_now now, struct strbuf *out)
{
	long long low, high, n = s->doubt.count.n;

	if (s->doubt.fresh && s->named_mono < s->doubt.taken_after)
		low = high = s->active;		/* nothing but this worker's counts has spoken since */
	else
		trail_range(&s->trail, s->doubt.taken_after, now.mono, &low, &high);
	s->doubt.on = false;
	if (n < low || n > high)
		nameless(s, n < low ? n - low : n - high, now, out);
}

/* When the count was taken at the earliest. A worker's answer that differs from its last one is fresh. */
static int64_t
taken_after(const struct sessions *s, const struct sessions_count *c)
{
	int64_t oldest = c->asked - s->hold_ms, at = oldest;

	if (c->same)
		at = c->n != s->last_count ? s->last_asked - SESSIONS_SLACK_MS : s->taken_after;
	return at > oldest ? at : oldest;
}

void
sessions_count(struct sessions *s, const struct sessions_count *c, struct sessions_now now, struct strbuf *out)
{
	bool fresh = c->same && c->n != s->last_count;

	if (!s->known) {
		baseline(s, c, now);
		return;
	}
	sessions_settle(s, now, out);
	s->taken_after = taken_after(s, c);
	s->last_count = c->n;
	s->last_asked = c->asked;
	if (s->doubt.on)
		return;		/* the older one is judged first */
	s->doubt.on = true;
	s->doubt.count = *c;
	s->doubt.fresh = fresh;
	s->doubt.taken_after = s->taken_after;
	s->doubt.due = now.mono + (c->hinted ? SESSIONS_GRACE_MS : 0);
	s->doubt.wall = now.wall;
	sessions_settle(s, now, out);
}

void
sessions_settle(struct sessions *s, struct sessions_now now, struct strbuf *out)
{
	if (s->doubt.on && now.mono >= s->doubt.due)
		judge(s, now, out);
}

int
sessions_wait(const struct sessions *s, int64_t mono)
{
	if (!s->doubt.on)
		return -1;
	return s->doubt.due > mono ? (int)(s->doubt.due - mono) : 0;
}

/*
 * When it happened by our clock. The quickest of the latest events tells how the clocks differ; while
 * there are few, clocks are taken to agree where that can be.
 */
static int64_t
happened(struct sessions *s, const struct hint *h, int64_t wall)
{
	int64_t least = wall - h->ms;
	unsigned n;

	s->delays[s->delay_n++ % SESSIONS_DELAYS] = least;
	n = s->delay_n < SESSIONS_DELAYS ? s->delay_n : SESSIONS_DELAYS;
	for (unsigned i = 0; i < n; i++)
		if (s->delays[i] < least)
			least = s->delays[i];
	if (n < SESSIONS_DELAYS && least > 0 && least < SESSIONS_DEBT_MS)
		least = 0;
	return h->ms + least;
}

/* Was it told already, without its name, because the count that showed it was quicker? */
static bool
told(struct sessions *s, const struct hint *h, int64_t wall)
{
	int64_t at = h->ms ? happened(s, h, wall) : wall;
	bool destroyed = h->kind == HINT_DESTROYED;

	if (s->nameless[destroyed].n && wall - s->nameless[destroyed].wall > SESSIONS_DEBT_MS)
		s->nameless[destroyed].n = 0;
	if (!s->nameless[destroyed].n || at > s->nameless[destroyed].wall)
		return false;
	s->nameless[destroyed].n--;
	return true;
}

/*
 * One goes where there is none: it came over a worker we do not hear, or whose event is still on its way;
 * or before us, and our first count was an old one.
 */
static void
came_unheard(struct sessions *s, const struct hint *h, struct sessions_now now, struct strbuf *out)
{
	struct hint came = *h;

	seen_came(&s->seen, h);
	if (now.mono - s->began > s->hold_ms) {
		*came.reason = '\0';
		event(s, 1, &came, now, out);
		return;
	}
	s->active++;
	s->total++;
	s->events++;
	trail_set(&s->trail, s->active, now.mono);
}

bool
sessions_hint(struct sessions *s, const struct hint *h, struct sessions_now now, struct strbuf *out)
{
	if (!seen_take(&s->seen, h) || !s->known || told(s, h, now.wall))
		return false;
	if (h->kind == HINT_DESTROYED && s->active < 1)
		came_unheard(s, h, now, out);
	event(s, h->kind == HINT_CREATED ? 1 : -1, h, now, out);
	s->named_mono = now.mono;
	return true;
}
