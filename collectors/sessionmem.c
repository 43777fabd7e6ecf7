#include <stdlib.h>
#include <string.h>

#include "collectors/sessionmem.h"
#include "lib/json.h"
#include "lib/xalloc.h"

enum { RUNS_MAX = 2 * TRAIL_STEPS };
#define MS_LIMIT 4e15

static void
dump_run(int64_t at, long long low, long long high, struct strbuf *out)
{
	strbuf_addf(out, "{\"at\":%lld,\"low\":%lld,\"high\":%lld}\n", (long long)at, low, high);
}

/* As far back as a count may lie: a line for each 50 ms that is not like the one before. */
static void
dump_trail(const struct sessions *s, struct sessions_now now, struct strbuf *out)
{
	const struct trail *t = &s->trail;
	int64_t first = (now.mono - s->hold_ms) / TRAIL_STEP_MS - 1, oldest = t->step - TRAIL_STEPS + 1;
	long long low = 0, high = 0;
	bool any = false;

	if (first < oldest)
		first = oldest;
	if (first > t->step)
		first = t->step;
	for (int64_t step = first < 0 ? 0 : first; step <= t->step; step++) {
		int64_t i = step % TRAIL_STEPS;

		if (any && t->at[i].low == low && t->at[i].high == high && low == high)
			continue;
		any = true;
		low = t->at[i].low;
		high = t->at[i].high;
		dump_run(step * TRAIL_STEP_MS + now.wall - now.mono, low, high, out);
	}
}

void
sessionmem_dump(const struct sessions *s, const char *kato, struct sessions_now now, const char *unsent, size_t len, struct strbuf *out)
{
	strbuf_adds(out, "{\"kato\":");
	strbuf_addjsons(out, kato);
	strbuf_addf(out, ",\"saved\":%lld,\"active\":%lld,\"total\":%lld,\"serial\":%llu,\"event\":%lld}\n", (long long)now.wall, s->active, s->total,
	    (unsigned long long)s->serial, (long long)(now.wall - (now.mono - s->event_mono)));
	dump_trail(s, now, out);
	if (!len)
		return;
	strbuf_adds(out, "{\"unsent\":");
	strbuf_addjson(out, unsent, len);
	strbuf_adds(out, "}\n");
}

void
sessionmem_dump_written(struct strbuf *out)
{
	strbuf_adds(out, "{\"written\":true}\n");
}

struct kept {
	bool any, ours;
	int64_t saved, active, total, serial, event;
	struct run {
		int64_t at, low, high;
	} *run;
	size_t nruns;
	struct strbuf unsent;
};

static bool
number(struct span line, const char *name, double least, double most, int64_t *out)
{
	double d;

	if (!json_number(json_member(line, name), &d) || !(d >= least && d <= most) || d != (double)(int64_t)d)
		return false;
	*out = (int64_t)d;
	return true;
}

static bool
take_head(struct kept *k, const char *kato, struct span line)
{
	k->any = true;
	k->ours = json_equals(json_member(line, "kato"), kato);
	k->nruns = 0;
	strbuf_reset(&k->unsent);
	return number(line, "saved", 0, MS_LIMIT, &k->saved) && number(line, "active", 0, SESSIONS_MAX, &k->active) &&
	    number(line, "total", (double)k->active, MS_LIMIT, &k->total) && number(line, "serial", 0, MS_LIMIT, &k->serial) &&
	    number(line, "event", -MS_LIMIT, MS_LIMIT, &k->event);
}

static bool
take_run(struct kept *k, struct span line)
{
	struct run *r = &k->run[k->nruns];

	if (!k->any || k->nruns == RUNS_MAX || !number(line, "at", -MS_LIMIT, MS_LIMIT, &r->at) ||
	    !number(line, "low", 0, SESSIONS_MAX, &r->low) || !number(line, "high", (double)r->low, SESSIONS_MAX, &r->high))
		return false;
	if (k->nruns && r->at < r[-1].at)
		return false;
	k->nruns++;
	return true;
}

static bool
take_line(struct kept *k, const char *kato, struct span line)
{
	struct span unsent = json_member(line, "unsent");

	if (json_member(line, "kato").p)
		return take_head(k, kato, line);
	if (json_member(line, "at").p)
		return take_run(k, line);
	if (unsent.p)
		return json_string(unsent, &k->unsent) && k->unsent.len && k->unsent.s[k->unsent.len - 1] == '\n';
	if (json_member(line, "written").p)
		strbuf_reset(&k->unsent);
	return json_is(line, '{');
}

static bool
take_lines(struct kept *k, const char *kato, const char *p, size_t len)
{
	const char *end = p + len, *nl;
	size_t at;

	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		nl = nl ? nl : end;
		if (json_check(p, (size_t)(nl - p), &at) || !take_line(k, kato, json_trim(p, (size_t)(nl - p))))
			return false;
	}
	return k->any;
}

/* The same moment by our clock: not in the future, not before it began. */
static int64_t
mono_of(int64_t wall, struct sessions_now now)
{
	int64_t age = wall < now.wall ? now.wall - wall : 0;

	return age < now.mono ? now.mono - age : 0;
}

static void
resume(struct sessions *s, const struct kept *k, struct sessions_now now)
{
	s->known = true;
	s->active = k->active;
	s->total = k->total;
	s->began = now.mono;
	s->event_mono = mono_of(k->event, now);
	s->last_count = k->active;
	s->last_asked = mono_of(k->saved, now);
	s->taken_after = s->last_asked - s->hold_ms;
	trail_start(&s->trail, k->nruns ? k->run[0].low : k->active, k->nruns ? mono_of(k->run[0].at, now) : now.mono);
	for (size_t i = 0; i < k->nruns; i++)
		trail_put(&s->trail, k->run[i].low, k->run[i].high, mono_of(k->run[i].at, now));
	trail_set(&s->trail, k->active, now.mono);
}

bool
sessionmem_load(struct sessions *s, const char *kato, struct sessions_now now, const char *text, size_t len, struct strbuf *unsent)
{
	struct kept k = {.run = xcalloc(RUNS_MAX, sizeof *k.run)};
	bool good = take_lines(&k, kato, text, len);

	if (good && k.ours) {
		s->serial = (uint64_t)k.serial;
		if (now.wall - k.saved <= SESSIONMEM_OLD_MS) {
			resume(s, &k, now);
		} else {
			s->old_active = k.active;
			s->old_total = k.total;
		}
		if (now.wall - k.saved <= SESSIONMEM_LATE_MS)
			strbuf_add(unsent, k.unsent.s, k.unsent.len);
	}
	free(k.run);
	strbuf_free(&k.unsent);
	return good;
}
