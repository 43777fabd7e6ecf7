#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "healthd/derive.h"
#include "healthd/deriveout.h"
#include "healthd/traffic.h"
#include "lib/stamp.h"
#include "lib/xalloc.h"

void
derive_init(struct derive *d)
{
	*d = (struct derive){0};
	rules_default(&d->rules);
	things_init(&d->things);
}

void
derive_free(struct derive *d)
{
	things_free(&d->things);
}

static void
keep_text(char **where, struct span value, const char *otherwise)
{
	char buf[THINGS_NAME_MAX + 1];
	const char *s = things_text(value, buf) ? buf : otherwise;

	if (*where && !strcmp(*where, s))
		return;
	free(*where);
	*where = xstrdup(s);
}

/* The values of the record's metrics, and as JSON with no more than numbers in it. */
static void
take_metrics(struct derive *d, struct service *s, struct span metrics)
{
	struct json_iter it = json_iter(metrics);
	struct span key, value;
	struct strbuf json = {0};
	char name[THINGS_NAME_MAX + 1];

	for (size_t i = 0; i < s->metrics; i++) {
		s->metric[i].present = false;
		window_pass(&s->metric[i].window, d->ms, (int)d->rules.window_minutes);
	}
	strbuf_addc(&json, '{');
	while (json_next_member(&it, &key, &value)) {
		size_t n = things_text(key, name);
		struct metric *m;
		double v;

		if (!n || !json_number(value, &v) || fabs(v) > THINGS_VALUE_MAX || !(m = things_metric(&d->things, s, name, n)))
			continue;
		strbuf_adds(&json, json.len > 1 ? "," : "");
		strbuf_add(&json, key.p, key.len);
		strbuf_addc(&json, ':');
		strbuf_add(&json, value.p, value.len);
		m->present = true;
		m->value = v;
		m->seen_ms = d->ms;
		window_add(&m->window, d->ms, v, (int)d->rules.window_minutes);
	}
	strbuf_addc(&json, '}');
	free(s->metrics_json);
	s->metrics_json = json.s;
}

/* Score and status; the anomalies in words beside it. */
static void
judge_service(struct derive *d, struct service *s)
{
	struct strbuf list = {0}, one = {0};
	double errors = 0;
	int n = 0;

	strbuf_addc(&list, '[');
	for (size_t i = 0; i < s->metrics; i++) {
		const struct metric *m = &s->metric[i];

		if (m->kind == KIND_ERROR_RATE)
			errors = window_mean(&m->window);
		strbuf_reset(&one);
		if (!rules_anomaly(&d->rules, m->kind, &m->window, &one))
			continue;
		strbuf_adds(&list, n++ ? "," : "");
		strbuf_addjson(&list, one.s, one.len);
	}
	strbuf_addc(&list, ']');
	strbuf_free(&one);
	free(s->summary);
	s->summary = list.s;
	s->score = round_to(rules_score(&d->rules, n, errors), 2);
	things_status(&d->things, s, rules_status(&d->rules, s->score, s->status));
}

static void
judge_metric(struct derive *d, struct service *s, struct metric *m)
{
	struct verdict v = rules_judge(&d->rules, m->kind, &m->baseline, m->value);
	bool began = false;

	if (!m->since_ms) {
		m->streak = (uint8_t)(v.enters ? m->streak + 1 : 0);
		if (v.enters && v.chance && m->streak < d->rules.confirm_samples)
			return;
		if (!v.enters) {
			baseline_add(&m->baseline, m->value, (uint32_t)d->rules.baseline_samples);
			return;
		}
		m->since_ms = d->ms ? d->ms : 1;
		m->score = m->streak = 0;
		began = true;
	} else if (v.leaves || (!v.over && (double)(d->ms - m->since_ms) > d->rules.relearn_minutes * 60000)) {
		if (!v.leaves)	/* it has become what is usual; over a limit nothing is */
			m->baseline = (struct baseline){0};
		m->since_ms = 0;
		deriveout_anomaly_over(d, s, m);
		return;
	}
	m->score = v.score > m->score ? v.score : m->score;
	deriveout_anomaly(d, s, m, &v, began);
}

/* Each metric's anomaly: begins, goes on, or is over; one that is no longer measured is over after a while. */
static void
judge_metrics(struct derive *d, struct service *s)
{
	for (size_t i = 0; i < s->metrics; i++) {
		struct metric *m = &s->metric[i];

		if (m->seen_ms > d->ms)	/* the clock was set back */
			m->seen_ms = d->ms;
		if (m->since_ms > d->ms + DERIVE_GAP_MS)
			m->since_ms = d->ms ? d->ms : 1;
		if (m->present) {
			judge_metric(d, s, m);
		} else if (m->since_ms && d->ms - m->seen_ms > DERIVE_GAP_MS) {
			m->since_ms = 0;
			deriveout_anomaly_over(d, s, m);
		}
	}
}

static bool
is_failing(const struct edge *e)
{
	return e->depends && status_unwell(e->target->status);
}

static void
tell_edge(struct derive *d, struct edge *e)
{
	bool failing = is_failing(e);

	if (failing || e->failing)
		deriveout_failing(d, e, failing);
	e->failing = failing;
}

static void
tell_overall(struct derive *d)
{
	const struct things *t = &d->things;
	size_t now[3] = {t->seen, t->degraded, t->failed};
	int64_t since = d->ms - d->overall_ms;

	if (d->overall_ms && !memcmp(now, d->told, sizeof now) && since >= 0 && since < DERIVE_REPEAT_MS)
		return;
	memcpy(d->told, now, sizeof now);
	d->overall_ms = d->ms;
	deriveout_overall(d);
}

/* "data":null: it is gone, and with it what was told of it. */
static void
gone(struct derive *d, struct service *s)
{
	if (!s->seen)
		return;
	deriveout_gone(d, "service_health", s->id);
	for (size_t i = 0; i < s->metrics; i++)
		if (s->metric[i].since_ms)
			deriveout_anomaly_over(d, s, &s->metric[i]);
	things_forget(&d->things, s);
	for (struct edge *e = s->in; e; e = e->next_in)
		tell_edge(d, e);
	things_drop(&d->things, s);
}

static void
take_service(struct derive *d, const char *id, size_t len)
{
	struct span data = d->record->data;
	bool there = json_is(data, '{');
	struct service *s = things_service(&d->things, id, len, there);
	enum status was;

	if (!s)
		return;
	if (!there) {
		gone(d, s);
		tell_overall(d);
		return;
	}
	was = s->status;
	if (!s->seen)
		d->things.seen++;
	s->seen = true;
	s->heard_ms = d->flow_ms;
	keep_text(&s->name, json_member(data, "name"), s->id);
	keep_text(&s->type, json_member(data, "type"), "unknown");
	take_metrics(d, s, json_member(data, "metrics"));
	judge_service(d, s);
	deriveout_service(d, s);
	if (was != STATUS_UNKNOWN && was != s->status)
		deriveout_health_change(d, s, was);
	judge_metrics(d, s);
	for (struct edge *e = s->in; e; e = e->next_in)
		tell_edge(d, e);
	tell_overall(d);
}

static void
take_edge(struct derive *d, struct span one)
{
	char source[THINGS_NAME_MAX + 1], target[THINGS_NAME_MAX + 1];
	size_t n = things_text(json_member(one, "source_id"), source), m = things_text(json_member(one, "target_id"), target);
	struct edge *e = n && m ? things_edge(&d->things, source, n, target, m, true) : NULL;

	if (e)
		e->depends = e->listed = true;
}

/* The whole list, always. */
static void
take_dependencies(struct derive *d)
{
	struct span edges = json_member(d->record->data, "edges"), one;
	struct json_iter it;

	if (!json_is(edges, '[')) {
		d->bad++;
		return;
	}
	for (struct edge *e = NULL; (e = things_next_edge(&d->things, e));)
		e->listed = false;
	it = json_iter(edges);
	while (json_next_element(&it, &one))
		take_edge(d, one);
	for (struct edge *e = things_next_edge(&d->things, NULL), *next; e; e = next) {
		next = things_next_edge(&d->things, e);
		e->depends = e->listed;
		if (e->failing != is_failing(e))
			tell_edge(d, e);
		things_drop_edge(&d->things, e);
	}
}

/* What has not been heard of for long, while others were, is gone. */
static void
sweep(struct derive *d)
{
	const int64_t longest = (int64_t)(d->rules.forget_minutes * 60000);
	bool any = false;

	d->swept_ms = d->flow_ms;
	for (struct edge *e = things_next_edge(&d->things, NULL), *next; e; e = next) {
		next = things_next_edge(&d->things, e);
		if (e->flows && d->flow_ms - e->heard_ms > longest)
			traffic_end(d, e);
	}
	for (struct service *s = things_next(&d->things, NULL), *next; s; s = next) {
		next = things_next(&d->things, s);
		if (!s->seen || d->flow_ms - s->heard_ms <= longest)
			continue;
		gone(d, s);
		any = true;
	}
	if (any)
		tell_overall(d);
}

/* A step of the clock, either way, is not time that passed. */
static void
take_time(struct derive *d)
{
	int64_t step = d->ms - d->newest_ms;

	if (step > 0)
		d->flow_ms += step < DERIVE_STEP_MS ? step : d->newest_ms ? DERIVE_STEP_MS : 0;
	if (step > 0 || step < -DERIVE_STEP_MS)
		d->newest_ms = d->ms;
}

bool
derive_judges(const struct record *r)
{
	return record_is(r, "services") || record_is(r, "traffic") || record_is(r, "dependencies");
}

void
derive_record(struct derive *d, const struct record *r, struct strbuf *out)
{
	bool services = record_is(r, "services"), traffic = record_is(r, "traffic"), dependencies = record_is(r, "dependencies");
	char id[THINGS_NAME_MAX + 1];
	size_t n = things_text(r->id, id);

	if (!services && !traffic && !dependencies)
		return;
	d->records++;
	d->record = r;
	d->out = out;
	d->ms = r->stamped ? r->ms : d->newest_ms;
	take_time(d);
	stamp_format(d->ms, d->stamp);
	if (dependencies)
		take_dependencies(d);
	else if (traffic && json_is(r->data, '{'))
		traffic_take(d);
	else if (!n || !(json_is(r->data, '{') || json_is(r->data, 'n')))
		d->bad++;
	else if (traffic)
		traffic_gone(d, id, n);
	else
		take_service(d, id, n);
	if (d->flow_ms - d->swept_ms >= DERIVE_STEP_MS)
		sweep(d);
}
