#include <math.h>
#include <string.h>

#include "healthd/deriveout.h"
#include "healthd/traffic.h"

static void
add_flow(struct derive *d, struct window *w, const char *name)
{
	double v;

	if (json_number(json_member(d->record->data, name), &v) && fabs(v) <= THINGS_VALUE_MAX)
		window_add(w, d->ms, v, (int)d->rules.window_minutes);
	else
		window_pass(w, d->ms, (int)d->rules.window_minutes);
}

void
traffic_take(struct derive *d)
{
	struct span data = d->record->data;
	char source[THINGS_NAME_MAX + 1], target[THINGS_NAME_MAX + 1];
	size_t n = things_text(json_member(data, "source_id"), source), m = things_text(json_member(data, "target_id"), target);
	struct traffic_verdict v;
	struct edge *e;

	if (!n || !m) {
		d->bad++;
		return;
	}
	e = things_edge(&d->things, source, n, target, m, true);
	if (!e)
		return;
	e->flows = true;
	e->heard_ms = d->flow_ms;
	add_flow(d, &e->rate, "request_rate");
	add_flow(d, &e->errors, "error_rate");
	add_flow(d, &e->latency, "latency_p95");
	v = rules_traffic(&d->rules, &e->rate, &e->errors, &e->latency);
	deriveout_traffic(d, e, &v);
	if (v.abnormal && !e->told)
		deriveout_traffic_anomaly(d, e, &v);
	e->told = v.abnormal || (e->told && !rules_traffic_calm(&d->rules, &e->rate, &e->errors, &e->latency));
}

void
traffic_end(struct derive *d, struct edge *e)
{
	e->flows = e->told = false;
	window_free(&e->rate);
	window_free(&e->errors);
	window_free(&e->latency);
	deriveout_traffic_gone(d, e);
	things_drop_edge(&d->things, e);
}

/* "data":null of "SOURCE>TARGET". */
void
traffic_gone(struct derive *d, const char *id, size_t len)
{
	for (const char *p = id; (p = memchr(p, '>', len - (size_t)(p - id))); p++) {
		struct edge *e = things_edge(&d->things, id, (size_t)(p - id), p + 1, len - (size_t)(p - id) - 1, false);

		if (!e || !e->flows)
			continue;
		traffic_end(d, e);
		return;
	}
}
