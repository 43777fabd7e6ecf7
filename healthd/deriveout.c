#include <stdio.h>
#include <string.h>

#include "healthd/deriveout.h"
#include "lib/stamp.h"

/* {"type":T,"id":"A[joint B[joint C]]","timestamp":…,"source":"healthd"[,"demo":true],"data": */
static void
head(struct derive *d, const char *type, const char *const *id, size_t n, const char *joint)
{
	struct strbuf *out = d->out, text = {0};

	strbuf_addf(out, "{\"type\":\"%s\",", type);
	for (size_t i = 0; i < n; i++) {
		strbuf_adds(&text, i ? joint : "");
		strbuf_adds(&text, id[i]);
	}
	if (n) {
		strbuf_adds(out, "\"id\":");
		strbuf_addjson(out, text.s, text.len);
		strbuf_addc(out, ',');
	}
	strbuf_free(&text);
	strbuf_addf(out, "\"timestamp\":\"%s\",\"source\":\"healthd\",%s\"data\":", d->stamp, d->record->demo ? "\"demo\":true," : "");
}

static void
tail(struct derive *d)
{
	strbuf_adds(d->out, "}\n");
	d->added++;
}

/* "name":"value", with what stands in front. */
static void
put(struct derive *d, const char *name, const char *value)
{
	strbuf_addf(d->out, "%s:", name);
	strbuf_addjsons(d->out, value);
}

static void
put_number(struct derive *d, const char *name, double value)
{
	strbuf_addf(d->out, "%s:", name);
	strbuf_addround(d->out, value, 6);
}

static const char *
name_of(const struct service *s)
{
	return s->name ? s->name : s->id;
}

void
deriveout_gone(struct derive *d, const char *type, const char *id)
{
	head(d, type, &id, 1, "");
	strbuf_adds(d->out, "null");
	tail(d);
}

void
deriveout_service(struct derive *d, const struct service *s)
{
	head(d, "service_health", (const char *[]){s->id}, 1, "");
	put(d, "{\"resource_id\"", s->id);
	put(d, ",\"resource_name\"", name_of(s));
	put(d, ",\"resource_type\"", s->type);
	put(d, ",\"status\"", status_word(s->status));
	put_number(d, ",\"health_score\"", s->score);
	strbuf_addf(d->out, ",\"anomalies\":%s,\"metrics\":%s,\"last_updated\":\"%s\"}", s->summary, s->metrics_json, d->stamp);
	tail(d);
}

void
deriveout_health_change(struct derive *d, const struct service *s, enum status was)
{
	head(d, "health_change", (const char *[]){"health", s->id, d->stamp}, 3, "_");
	put(d, "{\"resource_id\"", s->id);
	put(d, ",\"resource_name\"", name_of(s));
	put(d, ",\"old_status\"", status_word(was));
	put(d, ",\"new_status\"", status_word(s->status));
	put_number(d, ",\"health_score\"", s->score);
	strbuf_addc(d->out, '}');
	tail(d);
}

/* The services it needs that are not well: what could be behind it. */
static void
put_causes(struct derive *d, const struct service *s)
{
	struct strbuf one = {0};
	int n = 0;

	strbuf_adds(d->out, ",\"potential_causes\":[");
	for (size_t i = 0; i < s->nout; i++) {
		const struct service *t = s->out[i]->target;

		if (!s->out[i]->depends || !status_unwell(t->status))
			continue;
		strbuf_reset(&one);
		strbuf_addf(&one, "%s is %s", name_of(t), status_word(t->status));
		strbuf_adds(d->out, n++ ? "," : "");
		strbuf_addjson(d->out, one.s, one.len);
	}
	strbuf_addc(d->out, ']');
	strbuf_free(&one);
}

static void
put_anomaly(struct derive *d, const struct service *s, const struct metric *m, const struct verdict *v, bool event)
{
	char since[STAMP_LEN + 1], message[160];
	struct strbuf text = {0}, id = {0};

	stamp_format(m->since_ms, since);
	strbuf_addf(&id, "%s_%s_%s", s->id, m->name, since);
	snprintf(message, sizeof message, " is %.1f%% %s the expected %.6g", v->percent < 0 ? -v->percent : v->percent,
	    v->percent < 0 ? "below" : "above", v->expected);
	strbuf_addf(&text, "%s%s", m->name, message);
	put(d, "{\"alert_id\"", id.s);
	put(d, ",\"resource_id\"", s->id);
	put(d, ",\"resource_name\"", name_of(s));
	put(d, ",\"severity\"", rules_severity(m->score));
	put(d, ",\"metric_name\"", m->name);
	put_number(d, ",\"current_value\"", m->value);
	put_number(d, ",\"expected_value\"", v->expected);
	strbuf_adds(d->out, ",\"deviation_percentage\":");
	strbuf_addround(d->out, v->percent, 1);
	put(d, ",\"detected_at\"", since);
	put(d, ",\"message\"", text.s);
	if (event)
		put(d, ",\"description\"", text.s);
	put_causes(d, s);
	strbuf_addc(d->out, '}');
	strbuf_free(&text);
	strbuf_free(&id);
}

void
deriveout_anomaly(struct derive *d, const struct service *s, const struct metric *m, const struct verdict *v, bool began)
{
	head(d, "anomaly", (const char *[]){s->id, m->name}, 2, ":");
	put_anomaly(d, s, m, v, false);
	tail(d);
	if (!began)
		return;
	head(d, "anomaly_detected", (const char *[]){"anomaly", s->id, m->name, d->stamp}, 4, "_");
	put_anomaly(d, s, m, v, true);
	tail(d);
}

void
deriveout_anomaly_over(struct derive *d, const struct service *s, const struct metric *m)
{
	head(d, "anomaly", (const char *[]){s->id, m->name}, 2, ":");
	strbuf_adds(d->out, "null");
	tail(d);
}

void
deriveout_failing(struct derive *d, const struct edge *e, bool failing)
{
	const struct service *t = e->target;

	head(d, "failing_dependency", (const char *[]){e->source->id, t->id}, 2, ">");
	if (!failing) {
		strbuf_adds(d->out, "null");
		tail(d);
		return;
	}
	put(d, "{\"source_id\"", e->source->id);
	put(d, ",\"source_name\"", name_of(e->source));
	put(d, ",\"target_id\"", t->id);
	put(d, ",\"target_name\"", name_of(t));
	put(d, ",\"status\"", status_word(t->status));
	put_number(d, ",\"health_score\"", t->score);
	strbuf_addf(d->out, ",\"anomalies\":%s", t->summary ? t->summary : "[]");
	put(d, ",\"error_details\":{\"status\"", status_word(t->status));
	put_number(d, ",\"health_score\"", t->score);
	strbuf_addf(d->out, ",\"anomalies\":%s,\"metrics\":%s", t->summary ? t->summary : "[]", t->metrics_json ? t->metrics_json : "{}");
	put(d, ",\"timestamp\"", d->stamp);
	strbuf_adds(d->out, "}}");
	tail(d);
}

void
deriveout_overall(struct derive *d)
{
	const struct things *t = &d->things;

	head(d, "overall_health", NULL, 0, "");
	strbuf_addf(d->out, "{\"status\":\"%s\",\"services\":%zu,\"healthy\":%zu,\"degraded\":%zu,\"failed\":%zu,\"unwell\":%zu}",
	    rules_overall(&d->rules, t->seen, t->degraded, t->failed), t->seen, t->seen - t->degraded - t->failed, t->degraded, t->failed,
	    t->degraded + t->failed);
	tail(d);
}

void
deriveout_traffic(struct derive *d, const struct edge *e, const struct traffic_verdict *v)
{
	head(d, "traffic_health", (const char *[]){e->source->id, e->target->id}, 2, ">");
	put(d, "{\"source_id\"", e->source->id);
	put(d, ",\"target_id\"", e->target->id);
	put_number(d, ",\"request_rate\"", window_mean(&e->rate));
	put_number(d, ",\"error_rate\"", window_mean(&e->errors));
	put_number(d, ",\"latency_p95\"", window_mean(&e->latency));
	strbuf_addf(d->out, ",\"is_abnormal\":%s", v->abnormal ? "true" : "false");
	put_number(d, ",\"anomaly_score\"", v->score);
	strbuf_addf(d->out, ",\"trend\":\"%s\"}", rules_trend(&d->rules, &e->rate));
	tail(d);
}

void
deriveout_traffic_gone(struct derive *d, const struct edge *e)
{
	head(d, "traffic_health", (const char *[]){e->source->id, e->target->id}, 2, ">");
	strbuf_adds(d->out, "null");
	tail(d);
}

void
deriveout_traffic_anomaly(struct derive *d, const struct edge *e, const struct traffic_verdict *v)
{
	char text[200];

	snprintf(text, sizeof text, "%.3g requests/s, %.1f%% errors, P95 %.0f ms", window_mean(&e->rate), 100 * window_mean(&e->errors),
	    1000 * window_mean(&e->latency));
	head(d, "traffic_anomaly", (const char *[]){"traffic", e->source->id, e->target->id, d->stamp}, 4, "_");
	put(d, "{\"source_id\"", e->source->id);
	put(d, ",\"target_id\"", e->target->id);
	put(d, ",\"anomaly_type\"", v->why ? v->why : "traffic_anomaly");
	put(d, ",\"description\"", text);
	strbuf_addc(d->out, '}');
	tail(d);
}
