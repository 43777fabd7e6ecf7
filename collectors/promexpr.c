#include <stdlib.h>
#include <string.h>

#include "collectors/promplan.h"
#include "lib/xalloc.h"

/* The letters that Kubernetes makes hashes of (k8s.io/apimachinery/pkg/util/rand). */
#define POD_LETTER "[bcdfghjklmnpqrstvwxz2456789]"
static const char pod_suffix[] = "(-[0-9]+|(-" POD_LETTER "{6,10})?-" POD_LETTER "{5})?";

enum part { ID, ID_RE, POD, SOURCE, SOURCE_RE, TARGET, TARGET_RE, IDS, PODS, SOURCES, TARGETS, PARTS };

static const struct {
	const char *name;
	bool of_edges;
} parts[] = {
	[ID] = {"id", false}, [ID_RE] = {"id_re", false}, [POD] = {"pod", false}, [SOURCE] = {"source", true}, [SOURCE_RE] = {"source_re", true},
	[TARGET] = {"target", true}, [TARGET_RE] = {"target_re", true}, [IDS] = {"ids", false}, [PODS] = {"pods", false},
	[SOURCES] = {"sources", true}, [TARGETS] = {"targets", true},
};

struct place {
	const struct promplan *plan;
	const uint32_t *query;
	size_t n;
	struct strbuf *out;
};

/* In a double-quoted string of PromQL that is a regular expression: a dot is a dot. */
static void
add_regex(struct strbuf *out, const char *id)
{
	for (; *id; id++)
		strbuf_addf(out, *id == '.' ? "\\\\%c" : "%c", *id);
}

/* The node that a query is of, or is at an end of. */
static uint32_t
node_of(const struct place *w, size_t i, enum part part)
{
	uint32_t of = w->plan->query[w->query[i]].of;

	if (!parts[part].of_edges)
		return of;
	return part == TARGET || part == TARGET_RE || part == TARGETS ? w->plan->edge[of].target : w->plan->edge[of].source;
}

static int
by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* "a|b|c", each once. */
static void
add_all(const struct place *w, enum part part)
{
	uint32_t *list = xcalloc(w->n, sizeof *list);

	for (size_t i = 0; i < w->n; i++)
		list[i] = node_of(w, i, part);
	qsort(list, w->n, sizeof *list, by_number);
	for (size_t i = 0; i < w->n; i++) {
		if (i && list[i] == list[i - 1])
			continue;
		strbuf_adds(w->out, i ? "|" : "");
		add_regex(w->out, w->plan->node[list[i]].id);
	}
	free(list);
}

/* Appends what stands for the name in braces; false: it is none of ours. */
static bool
put(const struct place *w, const char *name, size_t n)
{
	const struct promrule *rule = &w->plan->rule[w->plan->query[w->query[0]].rule];
	int part = 0;

	while (part < PARTS && (strlen(parts[part].name) != n || memcmp(parts[part].name, name, n) != 0))
		part++;
	if (part == PARTS || parts[part].of_edges != !rule->types)
		return false;
	if (part == PODS)
		strbuf_addc(w->out, '(');
	if (part >= IDS)
		add_all(w, (enum part)part);
	else if (part == ID || part == SOURCE || part == TARGET)
		strbuf_adds(w->out, w->plan->node[node_of(w, 0, (enum part)part)].id);
	else
		add_regex(w->out, w->plan->node[node_of(w, 0, (enum part)part)].id);
	if (part == PODS)
		strbuf_addc(w->out, ')');
	if (part == POD || part == PODS)
		strbuf_adds(w->out, pod_suffix);
	return true;
}

void
promplan_expr(const struct promplan *p, const uint32_t *query, size_t n, struct strbuf *out)
{
	const struct place w = {p, query, n, out};
	const char *s = p->rule[p->query[query[0]].rule].expr, *open, *close;

	for (; (open = strchr(s, '{')) && (close = strpbrk(open + 1, "{}")); s = *close == '}' ? close + 1 : close) {
		strbuf_add(out, s, (size_t)(open - s));
		if (*close == '{' || !put(&w, open + 1, (size_t)(close - open - 1)))
			strbuf_add(out, open, (size_t)(close - open) + (*close == '}'));
	}
	strbuf_adds(out, s);
}

void
promplan_words(const struct promplan *p, const struct promquery *q, struct strbuf *out)
{
	const struct promrule *r = &p->rule[q->rule];

	strbuf_addf(out, "%s of ", r->name);
	if (r->types)
		strbuf_adds(out, p->node[q->of].id);
	else
		strbuf_addf(out, "%s > %s", p->node[p->edge[q->of].source].id, p->node[p->edge[q->of].target].id);
}

void
promplan_list(const struct promplan *p, struct strbuf *out)
{
	for (uint32_t i = 0; i < p->queries; i++) {
		promplan_words(p, &p->query[i], out);
		strbuf_addc(out, '\t');
		promplan_expr(p, &i, 1, out);
		strbuf_addc(out, '\n');
	}
}

long
promplan_node(const struct promplan *p, const char *id, size_t len)
{
	size_t low = 0, high = p->nodes;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const char *other = p->node[p->by_id[mid]].id;
		int order = strncmp(other, id, len);

		if (!order && !other[len])
			return p->by_id[mid];
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return -1;
}

long
promplan_edge(const struct promplan *p, const char *source, const char *target)
{
	long s = promplan_node(p, source, strlen(source)), t = promplan_node(p, target, strlen(target));
	size_t low = 0, high = s < 0 || t < 0 ? 0 : p->edges;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct promedge *e = &p->edge[mid];

		if (e->source == s && e->target == t)
			return (long)mid;
		if (e->source < s || (e->source == s && e->target < t))
			low = mid + 1;
		else
			high = mid;
	}
	return -1;
}
