#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "healthd/healthmemory.h"
#include "healthd/windowtext.h"
#include "lib/xalloc.h"

enum { PART_BYTES = 64 << 10 };

static const double ms_limit = 4e15;	/* no time is further away: sums of two cannot overflow */

static const char *
yes(bool b)
{
	return b ? "true" : "false";
}

static void
add_name(struct strbuf *out, const char *member, const char *value)
{
	strbuf_adds(out, member);
	strbuf_addjsons(out, value);
}

static void
add_window(struct strbuf *out, const char *member, const struct window *w)
{
	strbuf_adds(out, member);
	windowtext_add(w, out);
}

static void
dump_service(const struct service *s, struct strbuf *out)
{
	add_name(out, "{\"service\":", s->id);
	if (s->name)
		add_name(out, ",\"name\":", s->name);
	if (s->type)
		add_name(out, ",\"type\":", s->type);
	strbuf_addf(out, ",\"status\":%d,\"seen\":%s,\"heard\":%lld,\"score\":", (int)s->status, yes(s->seen), (long long)s->heard_ms);
	strbuf_addnum(out, s->score);
	if (s->summary)
		strbuf_addf(out, ",\"summary\":%s", s->summary);
	if (s->metrics_json)
		strbuf_addf(out, ",\"metrics\":%s", s->metrics_json);
	strbuf_adds(out, "}\n");
}

static void
dump_metric(const struct service *s, const struct metric *m, struct strbuf *out)
{
	add_name(out, "{\"of\":", s->id);
	add_name(out, ",\"metric\":", m->name);
	strbuf_addf(out, ",\"seen\":%lld,\"since\":%lld,\"score\":", (long long)m->seen_ms, (long long)m->since_ms);
	strbuf_addnum(out, m->score);
	strbuf_adds(out, ",\"mean\":");
	strbuf_addnum(out, m->baseline.mean);
	strbuf_adds(out, ",\"variance\":");
	strbuf_addnum(out, m->baseline.variance);
	strbuf_addf(out, ",\"n\":%u,\"streak\":%u", m->baseline.n, m->streak);
	add_window(out, ",\"window\":", &m->window);
	strbuf_adds(out, "}\n");
}

static void
dump_edge(const struct edge *e, struct strbuf *out)
{
	add_name(out, "{\"from\":", e->source->id);
	add_name(out, ",\"to\":", e->target->id);
	strbuf_addf(out, ",\"depends\":%s,\"failing\":%s,\"flows\":%s,\"told\":%s,\"heard\":%lld", yes(e->depends), yes(e->failing), yes(e->flows),
	    yes(e->told), (long long)e->heard_ms);
	if (e->flows) {
		add_window(out, ",\"rate\":", &e->rate);
		add_window(out, ",\"errors\":", &e->errors);
		add_window(out, ",\"latency\":", &e->latency);
	}
	strbuf_adds(out, "}\n");
}

static void
dump_head(const struct derive *d, struct strbuf *out)
{
	strbuf_addf(out, "{\"newest\":%lld,\"flow\":%lld,\"swept\":%lld,\"overall\":%lld,\"told\":[%zu,%zu,%zu]}\n", (long long)d->newest_ms,
	    (long long)d->flow_ms, (long long)d->swept_ms, (long long)d->overall_ms, d->told[0], d->told[1], d->told[2]);
}

bool
memory_part(const struct derive *d, struct memory_cursor *c, struct strbuf *out)
{
	const size_t begin = out->len;

	if (!c->step) {
		dump_head(d, out);
		c->step = 1;
	}
	while (c->step == 1 && out->len - begin < PART_BYTES) {
		c->service = things_next(&d->things, c->service);
		if (!c->service) {
			c->step = 2;
			break;
		}
		dump_service(c->service, out);
		for (size_t i = 0; i < c->service->metrics; i++)
			dump_metric(c->service, &c->service->metric[i], out);
	}
	while (c->step == 2 && out->len - begin < PART_BYTES) {
		c->edge = things_next_edge(&d->things, c->edge);
		if (!c->edge)
			return false;
		dump_edge(c->edge, out);
	}
	return true;
}

void
memory_turn(struct strbuf *out)
{
	strbuf_adds(out, "{\"turn\":1}\n");
}

void
memory_line(const char *line, size_t len, struct strbuf *out)
{
	strbuf_addc(out, ' ');	/* nothing of a record's is taken for a line of ours */
	strbuf_add(out, line, len);
	strbuf_addc(out, '\n');
}

static bool
number(struct span line, const char *name, double min, double max, double *out)
{
	return json_number(json_member(line, name), out) && *out >= min && *out <= max;
}

static bool
flag(struct span line, const char *name)
{
	struct span v = json_member(line, name);

	return v.p && *v.p == 't';
}

/* A copy; NULL: it is no string, or too long. */
static char *
text(struct span line, const char *name, size_t *len)
{
	struct strbuf b = {0};

	if (!json_string(json_member(line, name), &b) || b.len > THINGS_NAME_MAX) {
		strbuf_free(&b);
		return NULL;
	}
	strbuf_adds(&b, "");	/* an empty one ends in NUL, too */
	*len = b.len;
	return b.s;
}

static void
swap_in(char **where, char *value)
{
	free(*where);
	*where = value;
}

static char *
copy(struct span v, char kind)
{
	return json_is(v, kind) ? xmemdup0(v.p, v.len) : NULL;
}

static bool
load_service(struct derive *d, struct span line)
{
	size_t n, m;
	char *id = text(line, "service", &n), *name, *type;
	struct service *s = id ? things_service(&d->things, id, n, true) : NULL;
	double status, ms, score;

	free(id);
	if (!s || !number(line, "status", STATUS_UNKNOWN, STATUS_FAILED, &status) || !number(line, "heard", -ms_limit, ms_limit, &ms) ||
	    !number(line, "score", 0, 100, &score))
		return false;
	name = text(line, "name", &m);
	type = text(line, "type", &m);
	swap_in(&s->name, name);
	swap_in(&s->type, type);
	if (s->seen != flag(line, "seen"))
		d->things.seen += s->seen ? (size_t)-1 : 1;
	s->seen = flag(line, "seen");
	things_status(&d->things, s, (enum status)status);
	s->heard_ms = (int64_t)ms;
	s->score = score;
	swap_in(&s->summary, copy(json_member(line, "summary"), '['));
	swap_in(&s->metrics_json, copy(json_member(line, "metrics"), '{'));
	return true;
}

static bool
load_metric(struct derive *d, struct span line)
{
	size_t n, k;
	char *id = text(line, "of", &n), *name = text(line, "metric", &k);
	struct service *s = id && name ? things_service(&d->things, id, n, true) : NULL;
	struct metric *m = s ? things_metric(&d->things, s, name, k) : NULL;
	double seen, since, score, mean, variance, count, streak;

	free(id);
	free(name);
	if (!m || !number(line, "seen", -ms_limit, ms_limit, &seen) || !number(line, "since", -ms_limit, ms_limit, &since) ||
	    !number(line, "score", 0, 1, &score) || !number(line, "mean", -1e300, 1e300, &mean) || !number(line, "variance", 0, 1e300, &variance) ||
	    !number(line, "n", 0, 4e9, &count) || !number(line, "streak", 0, 100, &streak))
		return false;
	m->streak = (uint8_t)streak;
	m->seen_ms = (int64_t)seen;
	m->since_ms = (int64_t)since;
	m->score = score;
	m->baseline = (struct baseline){mean, variance, (uint32_t)count};
	window_free(&m->window);
	return windowtext_take(json_member(line, "window"), &m->window);
}

static bool
load_edge(struct derive *d, struct span line)
{
	size_t n, m;
	char *from = text(line, "from", &n), *to = text(line, "to", &m);
	struct edge *e = from && to ? things_edge(&d->things, from, n, to, m, true) : NULL;
	double heard;

	free(from);
	free(to);
	if (!e)
		return false;
	if (!number(line, "heard", -ms_limit, ms_limit, &heard))
		return false;
	e->depends = flag(line, "depends");
	e->failing = flag(line, "failing");
	e->flows = flag(line, "flows");
	e->told = flag(line, "told");
	e->heard_ms = (int64_t)heard;
	window_free(&e->rate);
	window_free(&e->errors);
	window_free(&e->latency);
	return !e->flows || (windowtext_take(json_member(line, "rate"), &e->rate) && windowtext_take(json_member(line, "errors"), &e->errors) &&
	    windowtext_take(json_member(line, "latency"), &e->latency));
}

static bool
load_head(struct derive *d, struct span line)
{
	struct json_iter it = json_iter(json_member(line, "told"));
	double newest, flow, swept, overall, n;
	struct span one;

	if (!number(line, "newest", -ms_limit, ms_limit, &newest) || !number(line, "flow", 0, ms_limit, &flow) ||
	    !number(line, "swept", 0, ms_limit, &swept) || !number(line, "overall", -ms_limit, ms_limit, &overall))
		return false;
	for (size_t i = 0; i < 3; i++) {
		if (!json_next_element(&it, &one) || !json_number(one, &n) || n < 0 || n > THINGS_SERVICES_MAX)
			return false;
		d->told[i] = (size_t)n;
	}
	d->newest_ms = (int64_t)newest;
	d->flow_ms = (int64_t)flow;
	d->swept_ms = (int64_t)swept;
	d->overall_ms = (int64_t)overall;
	return true;
}

static bool
load_line(struct derive *d, struct span line)
{
	if (!json_is(line, '{'))
		return false;
	if (json_member(line, "service").p)
		return load_service(d, line);
	if (json_member(line, "of").p)
		return load_metric(d, line);
	if (json_member(line, "from").p)
		return load_edge(d, line);
	return load_head(d, line);
}

/* Judged, and what follows from it is known to others already. */
static void
in_silence(struct derive *d, const char *line, size_t len)
{
	struct strbuf out = {0};
	struct record r;

	if (record_parse(line, len, &r) == RECORD_OK)
		derive_record(d, &r, &out);
	strbuf_free(&out);
}

static void
all_in_silence(struct derive *d, const char *p, const char *end)
{
	for (const char *next; p < end && (next = memchr(p, '\n', (size_t)(end - p))); p = next + 1)
		in_silence(d, p, (size_t)(next - p));
}

/* A service that was seen has all of it. */
static bool
whole(const struct derive *d)
{
	for (struct service *s = NULL; (s = things_next(&d->things, s));)
		if (s->seen && (!s->name || !s->type || !s->summary || !s->metrics_json))
			return false;
	return true;
}

static bool
bad(struct strbuf *why, size_t line)
{
	strbuf_addf(why, "line %zu makes no sense", line);
	return false;
}

bool
memory_load(struct derive *d, const char *text_, size_t len, struct strbuf *last, struct strbuf *why)
{
	const char *end = text_ + len, *next, *turn = NULL;
	size_t count = 0, at;

	for (const char *p = text_; p < end; p = next + 1) {
		struct span line;

		next = memchr(p, '\n', (size_t)(end - p));
		if (!next)
			next = end;
		count++;
		line = json_trim(p, (size_t)(next - p));
		if (json_check(line.p, line.len, &at) != JSON_OK)
			return bad(why, count);
		if (json_member(line, "turn").p && *p != ' ') {
			if (!turn && !whole(d))
				return bad(why, count);
			all_in_silence(d, turn ? turn : next, turn ? p : next);
			turn = next < end ? next + 1 : end;
		} else if (!turn && !load_line(d, line)) {
			return bad(why, count);
		}
	}
	if (turn)
		strbuf_add(last, turn, (size_t)(end - turn));
	if (!turn && !whole(d)) {
		strbuf_adds(why, "a service in it is not whole");
		return false;
	}
	return true;
}

void
memory_catch_up(struct derive *d, struct strbuf *last, const char *line, size_t len)
{
	const char *end, *stop, *next;

	if (!last->len)
		return;
	end = stop = last->s + last->len;
	for (const char *p = last->s; p < end && (next = memchr(p, '\n', (size_t)(end - p))); p = next + 1)
		if ((size_t)(next - p) == len + 1 && !memcmp(p + 1, line, len)) {
			stop = p;
			break;
		}
	all_in_silence(d, last->s, stop);
	strbuf_free(last);
}
