#include <stdlib.h>
#include <string.h>

#include "collectors/promrecords.h"
#include "lib/xalloc.h"

void
promrecords_init(struct promrecords *r, const struct promplan *plan)
{
	*r = (struct promrecords){plan, xcalloc(plan->edges + 1, sizeof *r->flowed)};
}

void
promrecords_free(struct promrecords *r)
{
	free(r->flowed);
	*r = (struct promrecords){0};
}

static void
head(struct strbuf *out, const char *type, const char *id, const char *more, const char *stamp)
{
	strbuf_addf(out, "{\"type\":\"%s\",", type);
	if (id) {
		strbuf_addf(out, "\"id\":\"%s", id);	/* ids need no escapes */
		strbuf_addf(out, "%s%s\",", more ? ">" : "", more ? more : "");
	}
	strbuf_addf(out, "\"timestamp\":\"%s\",\"source\":\"prom-services\",\"data\":", stamp);
}

struct reading {
	size_t asked, answered, values;
};

/* Appends the values of the queries from *at on that are of this thing. */
static struct reading
values(const struct promrecords *r, const struct promask *ask, size_t *at, size_t end, uint32_t of, const char *sep, struct strbuf *out)
{
	const struct promplan *p = r->plan;
	struct reading n = {0};

	for (; *at < end && p->query[*at].of == of; ++*at) {
		n.asked++;
		n.answered += ask[*at].state == PROMASK_VALUE || ask[*at].state == PROMASK_EMPTY;
		if (ask[*at].state != PROMASK_VALUE)
			continue;
		strbuf_addf(out, "%s\"%s\":", n.values ? "," : sep, p->rule[p->query[*at].rule].name);
		strbuf_addnum(out, ask[*at].value);
		n.values++;
	}
	return n;
}

size_t
promrecords_services(const struct promrecords *r, const struct promask *ask, const char *stamp, struct strbuf *out)
{
	struct strbuf metrics = {0};
	size_t at = 0, wrote = 0;

	for (uint32_t i = 0; i < r->plan->nodes; i++) {
		const struct promnode *node = &r->plan->node[i];
		struct reading n;

		strbuf_reset(&metrics);
		n = values(r, ask, &at, r->plan->node_queries, i, "", &metrics);
		if (n.asked && !n.answered)
			continue;
		head(out, "services", node->id, NULL, stamp);
		strbuf_adds(out, "{\"name\":");
		strbuf_addjsons(out, node->name);
		strbuf_addf(out, ",\"type\":\"%s\",\"metrics\":{%s}}}\n", node->type, metrics.len ? metrics.s : "");
		wrote++;
	}
	strbuf_free(&metrics);
	return wrote;
}

size_t
promrecords_traffic(struct promrecords *r, const struct promask *ask, const char *stamp, struct strbuf *out)
{
	const struct promplan *p = r->plan;
	struct strbuf metrics = {0};
	size_t at = p->node_queries, wrote = 0;

	for (uint32_t i = 0; i < p->edges; i++) {
		const char *source = p->node[p->edge[i].source].id, *target = p->node[p->edge[i].target].id;
		struct reading n;

		strbuf_reset(&metrics);
		n = values(r, ask, &at, p->queries, i, ",", &metrics);
		if (!n.values && (!r->flowed[i] || n.answered < n.asked))
			continue;
		head(out, "traffic", source, target, stamp);
		if (n.values)
			strbuf_addf(out, "{\"source_id\":\"%s\",\"target_id\":\"%s\"%s}}\n", source, target, metrics.s);
		else
			strbuf_adds(out, "null}\n");
		r->flowed[i] = n.values > 0;
		wrote++;
	}
	strbuf_free(&metrics);
	return wrote;
}

void
promrecords_edges(const struct promrecords *r, const char *stamp, struct strbuf *out)
{
	const struct promplan *p = r->plan;

	head(out, "dependencies", NULL, NULL, stamp);
	strbuf_adds(out, "{\"edges\":[");
	for (size_t i = 0; i < p->edges; i++)
		strbuf_addf(out, "%s{\"source_id\":\"%s\",\"target_id\":\"%s\"}", i ? "," : "", p->node[p->edge[i].source].id,
		    p->node[p->edge[i].target].id);
	strbuf_adds(out, "]}}\n");
}

void
promrecords_leave(const struct promrecords *r, struct promrecords *next, const char *stamp, struct strbuf *out)
{
	const struct promplan *p = r->plan;

	for (size_t i = 0; i < p->edges; i++) {
		const char *source = p->node[p->edge[i].source].id, *target = p->node[p->edge[i].target].id;
		long there = promplan_edge(next->plan, source, target);

		if (there >= 0) {
			next->flowed[there] = r->flowed[i];
		} else if (r->flowed[i]) {
			head(out, "traffic", source, target, stamp);
			strbuf_adds(out, "null}\n");
		}
	}
	for (size_t i = 0; i < p->nodes; i++) {
		if (promplan_node(next->plan, p->node[i].id, strlen(p->node[i].id)) >= 0)
			continue;
		head(out, "services", p->node[i].id, NULL, stamp);
		strbuf_adds(out, "null}\n");
	}
}
