#include <stdlib.h>
#include <string.h>

#include "collectors/promplan.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

/* Whatever a file holds, it is refused in words, or every query of it can be written out. */
int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	static const char templates[] = "metric pod,service cpu a{pod=~\"{pod}\"}\nmetric pod n b{i=~\"{ids}\",p=~\"{pods}\"}\nflow many d{{sources}{targets}}\nflow rate c{s=\"{source}\",t=~\"{target_re}\"}\n";
	struct strbuf out = {0};
	struct promplan plan;

	if (promplan_read(&plan, templates, "f", (const char *)p, n, &out) == (out.len > 0))
		abort();
	for (uint32_t i = 0; i < plan.queries; i++) {
		strbuf_reset(&out);
		promplan_words(&plan, &plan.query[i], &out);
		promplan_expr(&plan, &i, 1, &out);
	}
	for (size_t i = 0; i < plan.nodes; i++)
		if (promplan_node(&plan, plan.node[i].id, strlen(plan.node[i].id)) != (long)i)
			abort();
	for (size_t i = 0; i < plan.edges; i++)
		if (promplan_edge(&plan, plan.node[plan.edge[i].source].id, plan.node[plan.edge[i].target].id) != (long)i)
			abort();
	promplan_free(&plan);
	strbuf_free(&out);
	return 0;
}
