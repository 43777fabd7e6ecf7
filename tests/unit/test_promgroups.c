#include <string.h>

#include "check.h"
#include "collectors/promgroups.h"

static void
read_plan(struct promplan *p, const char *text)
{
	struct strbuf err = {0};

	CHECK(promplan_read(p, "", "f", text, strlen(text), &err));
	strbuf_free(&err);
}

/* Each group as "rule:id,id ". */
static void
groups(const char *text, const char *want)
{
	struct promplan p;
	struct promgroups g;
	struct strbuf out = {0};

	read_plan(&p, text);
	promgroups_init(&g, &p);
	for (size_t i = 0; i < g.n; i++) {
		const struct promquery *q = &p.query[g.query[i]];
		bool first = !i || g.end[i] != g.end[i - 1];

		if (first)
			strbuf_addf(&out, "%s%s:", i ? " " : "", promgroups_many(&g, &p, i) ? p.rule[q->rule].name : "");
		strbuf_addf(&out, "%s%s", first ? "" : ",", p.rule[q->rule].types ? p.node[q->of].id : p.node[p.edge[q->of].source].id);
		CHECK(g.end[i] > i && g.end[i] <= g.n);
		if (promgroups_many(&g, &p, i))
			CHECK(promgroups_find(&g, &p, i, g.end[i], q->of) == (long)i);
	}
	CHECK_STR(out.s, want);
	strbuf_free(&out);
	promgroups_free(&g);
	promplan_free(&p);
}

int
main(void)
{
	groups("node a A t\nnode b B t\nedge a b\nmetric t one x{id}\nmetric t two y\nflow f z\n", ":a,a,b,b,a");
	groups("node a A t\nnode b B t\nedge a b\nedge b a\nmetric t one x{id}\nmetric t two {ids}\nflow f {sources}\n", ":a,b two:a,b f:a,b");
	/* no pod is of two of a group */
	groups("node a A t\nnode a-b B t\nnode a-b-c C t\nnode a-c D t\nnode ab E t\nmetric t p {pods}\nmetric t i {ids}\n", "p:a,ab p:a-b,a-c p:a-b-c i:a,a-b,a-b-c,a-c,ab");
	return check_done();
}
