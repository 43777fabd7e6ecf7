#include <stdlib.h>
#include <string.h>

#include "collectors/promgroups.h"
#include "lib/xalloc.h"

struct place {
	uint32_t query, rule, depth;	/* rule 0: for single things; else its number and 1 */
};

static int
by_group(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->rule != y->rule)
		return x->rule < y->rule ? -1 : 1;
	if (x->depth != y->depth)
		return x->depth < y->depth ? -1 : 1;
	return (x->query > y->query) - (x->query < y->query);
}

/* How many nodes there are of which this could be a pod, going by the dashes. */
static uint32_t
depth(const struct promplan *p, const char *id)
{
	uint32_t n = 0;

	for (const char *dash = id; (dash = strchr(dash, '-')); dash++)
		n += promplan_node(p, id, (size_t)(dash - id)) >= 0;
	return n;
}

void
promgroups_init(struct promgroups *g, const struct promplan *p)
{
	struct place *list = xcalloc(p->queries + 1, sizeof *list);

	*g = (struct promgroups){.n = p->queries};
	g->query = xcalloc(p->queries + 1, sizeof *g->query);
	g->end = xcalloc(p->queries + 1, sizeof *g->end);
	for (uint32_t i = 0; i < p->queries; i++) {
		const struct promrule *rule = &p->rule[p->query[i].rule];

		list[i] = (struct place){i, rule->many ? p->query[i].rule + 1 : 0, rule->pods ? depth(p, p->node[p->query[i].of].id) : 0};
	}
	qsort(list, p->queries, sizeof *list, by_group);
	for (size_t i = p->queries, end = i; i-- > 0;) {
		if (i + 1 < p->queries && (list[i].rule != list[i + 1].rule || list[i].depth != list[i + 1].depth))
			end = i + 1;
		g->query[i] = list[i].query;
		g->end[i] = (uint32_t)end;
	}
	free(list);
}

void
promgroups_free(struct promgroups *g)
{
	free(g->query);
	free(g->end);
	*g = (struct promgroups){0};
}

bool
promgroups_many(const struct promgroups *g, const struct promplan *p, size_t place)
{
	return p->rule[p->query[g->query[place]].rule].many;
}

long
promgroups_find(const struct promgroups *g, const struct promplan *p, size_t first, size_t end, uint32_t of)
{
	size_t low = first, high = end;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		uint32_t that = p->query[g->query[mid]].of;

		if (that == of)
			return (long)mid;
		if (that < of)
			low = mid + 1;
		else
			high = mid;
	}
	return -1;
}
