#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "healthd/healthmemory.h"
#include "lib/xalloc.h"

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
	strbuf_addjsons(out, value ? value : "");
}

static void
dump_window(const struct window *w, struct strbuf *out)
{
	strbuf_addc(out, '[');
	for (int i = 0; i < w->n; i++) {
		strbuf_addf(out, "%s[%d,", i ? "," : "", w->v[i].minute);
		strbuf_addnum(out, w->v[i].sum);
		strbuf_addc(out, ',');
		strbuf_addnum(out, w->v[i].max);
		strbuf_addf(out, ",%u]", w->v[i].n);
	}
	strbuf_addc(out, ']');
}

static void
dump_service(const struct service *s, struct strbuf *out)
{
	add_name(out, "{\"service\":", s->id);
	add_name(out, ",\"name\":", s->name);
	add_name(out, ",\"type\":", s->type);
	strbuf_addf(out, ",\"status\":%d,\"seen\":%s,\"ms\":%lld,\"score\":", (int)s->status, yes(s->seen), (long long)s->ms);
	strbuf_addnum(out, s->score);
	if (s->summary)
		strbuf_addf(out, ",\"summary\":%s", s->summary);
	if (s->metrics_json)
		strbuf_addf(out, ",\"metrics\":%s", s->metrics_json);
	strbuf_adds(out, "}\n");
}

static void
dump_metric(const struct service *s, const struct metric *m, bool all, struct strbuf *out)
{
	add_name(out, "{\"of\":", s->id);
	add_name(out, ",\"metric\":", m->name);
	strbuf_addf(out, ",\"seen\":%lld,\"since\":%lld,\"score\":", (long long)m->seen_ms, (long long)m->since_ms);
	strbuf_addnum(out, m->score);
	strbuf_adds(out, ",\"mean\":");
	strbuf_addnum(out, m->baseline.mean);
	strbuf_adds(out, ",\"variance\":");
	strbuf_addnum(out, m->baseline.variance);
	strbuf_addf(out, ",\"n\":%u", m->baseline.n);
	if (all) {
		strbuf_adds(out, ",\"window\":");
		dump_window(&m->window, out);
	}
	strbuf_adds(out, "}\n");
}

static void
dump_edge(const struct edge *e, bool all, struct strbuf *out)
{
	add_name(out, "{\"from\":", e->source->id);
	add_name(out, ",\"to\":", e->target->id);
	strbuf_addf(out, ",\"depends\":%s,\"failing\":%s,\"flows\":%s,\"abnormal\":%s", yes(e->depends), yes(e->failing), yes(e->flows),
	    yes(e->abnormal));
	if (all) {
		strbuf_adds(out, ",\"rate\":");
		dump_window(&e->rate, out);
		strbuf_adds(out, ",\"errors\":");
		dump_window(&e->errors, out);
		strbuf_adds(out, ",\"latency\":");
		dump_window(&e->latency, out);
	}
	strbuf_adds(out, "}\n");
}

void
memory_dump(struct derive *d, bool all, struct strbuf *out)
{
	struct things *t = &d->things;

	if (!all && !t->changed)
		return;
	strbuf_addf(out, "{\"newest\":%lld}\n", (long long)d->newest_ms);
	for (struct service *s = NULL; (s = things_next(t, s));) {
		if (all || s->changed)
			dump_service(s, out);
		s->changed = false;
		for (size_t i = 0; i < s->metrics; i++) {
			if (all || s->metric[i].changed)
				dump_metric(s, &s->metric[i], all, out);
			s->metric[i].changed = false;
		}
	}
	for (struct edge *e = NULL; (e = things_next_edge(t, e));) {
		if (all || e->changed)
			dump_edge(e, all, out);
		e->changed = false;
	}
	t->changed = false;
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
	strbuf_adds(&b, "");
	strbuf_reserve(&b, 1);
	b.s[b.len] = '\0';
	*len = b.len;
	return b.s;
}

static void
load_window(struct span list, struct window *w)
{
	struct json_iter it, parts;
	struct span one, part;

	if (!json_is(list, '['))
		return;
	window_free(w);
	it = json_iter(list);
	while (json_next_element(&it, &one) && w->n < WINDOW_MINUTES) {
		double v[4] = {0};
		int n = 0;

		if (!json_is(one, '['))
			return;
		parts = json_iter(one);
		while (n < 4 && json_next_element(&parts, &part) && json_number(part, &v[n]))
			n++;
		if (n < 4 || fabs(v[0]) > 2e9 || v[3] < 1 || v[3] > 4e9 || (w->n && v[0] <= w->v[w->n - 1].minute))
			return;
		window_add(w, (int64_t)v[0] * 60000, 0, WINDOW_MINUTES);
		w->v[w->n - 1] = (struct bucket){v[1], v[2], (uint32_t)v[3], (int32_t)v[0]};
	}
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
	if (!s || !number(line, "status", STATUS_UNKNOWN, STATUS_FAILED, &status) || !number(line, "ms", -ms_limit, ms_limit, &ms) ||
	    !number(line, "score", 0, 100, &score))
		return false;
	name = text(line, "name", &m);
	type = text(line, "type", &m);
	swap_in(&s->name, name ? name : xstrdup(s->id));
	swap_in(&s->type, type ? type : xstrdup("unknown"));
	if (s->seen != flag(line, "seen"))
		d->things.seen += s->seen ? (size_t)-1 : 1;
	s->seen = flag(line, "seen");
	things_status(&d->things, s, (enum status)status);
	s->ms = (int64_t)ms;
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
	double seen, since, score, mean, variance, count;

	free(id);
	free(name);
	if (!m || !number(line, "seen", -ms_limit, ms_limit, &seen) || !number(line, "since", -ms_limit, ms_limit, &since) ||
	    !number(line, "score", 0, 1, &score) || !number(line, "mean", -1e300, 1e300, &mean) || !number(line, "variance", 0, 1e300, &variance) ||
	    !number(line, "n", 0, 4e9, &count))
		return false;
	m->seen_ms = (int64_t)seen;
	m->since_ms = (int64_t)since;
	m->score = score;
	m->baseline = (struct baseline){mean, variance, (uint32_t)count};
	load_window(json_member(line, "window"), &m->window);
	return true;
}

static bool
load_edge(struct derive *d, struct span line)
{
	size_t n, m;
	char *from = text(line, "from", &n), *to = text(line, "to", &m);
	struct edge *e = from && to ? things_edge(&d->things, from, n, to, m, true) : NULL;

	free(from);
	free(to);
	if (!e)
		return false;
	e->depends = flag(line, "depends");
	e->failing = flag(line, "failing");
	e->flows = flag(line, "flows");
	e->abnormal = flag(line, "abnormal");
	load_window(json_member(line, "rate"), &e->rate);
	load_window(json_member(line, "errors"), &e->errors);
	load_window(json_member(line, "latency"), &e->latency);
	return true;
}

static bool
load_line(struct derive *d, struct span line)
{
	double ms;

	if (!json_is(line, '{'))
		return false;
	if (json_member(line, "service").p)
		return load_service(d, line);
	if (json_member(line, "of").p)
		return load_metric(d, line);
	if (json_member(line, "from").p)
		return load_edge(d, line);
	if (!number(line, "newest", -ms_limit, ms_limit, &ms))
		return false;
	d->newest_ms = (int64_t)ms;
	return true;
}

bool
memory_load(struct derive *d, const char *text_, size_t len, struct strbuf *why)
{
	const char *end = text_ + len, *next;
	size_t number_ = 0, at;

	for (const char *p = text_; p < end; p = next + 1) {
		next = memchr(p, '\n', (size_t)(end - p));
		if (!next)
			next = end;
		number_++;
		if (json_check(p, (size_t)(next - p), &at) != JSON_OK || !load_line(d, json_trim(p, (size_t)(next - p)))) {
			strbuf_addf(why, "line %zu makes no sense", number_);
			return false;
		}
	}
	for (struct service *s = NULL; (s = things_next(&d->things, s));) {
		s->changed = false;
		if (s->seen && (!s->summary || !s->metrics_json)) {
			strbuf_adds(why, "a service in it is not whole");
			return false;
		}
	}
	d->things.changed = false;
	return true;
}
