#include <string.h>

#include "check.h"
#include "collectors/promplan.h"

static const char templates[] =
	"metric service,pod cpu a{pod=~\"{pod}\"}\n"
	"metric service rate b{id=\"{id}\"}\n"
	"flow rate c{s=\"{source}\",t=~\"{target_re}\"}\n";

static bool
reads(struct promplan *p, const char *text, struct strbuf *err)
{
	strbuf_reset(err);
	return promplan_read(p, templates, "f", text, strlen(text), err);
}

/* The first word of what is wrong with this text. */
static void
refused(const char *text, const char *want)
{
	struct promplan p;
	struct strbuf err = {0};

	CHECK(!reads(&p, text, &err));
	CHECK(!p.nodes && !p.query);
	if (!err.s || strncmp(err.s, want, strlen(want)) != 0)
		fprintf(stderr, "got %s\nwant %s\n", err.s ? err.s : "", want);
	CHECK(err.s && !strncmp(err.s, want, strlen(want)));
	strbuf_free(&err);
}

static void
expr(const struct promplan *p, uint32_t i, const char *words, const char *want)
{
	struct strbuf out = {0};

	promplan_words(p, &p->query[i], &out);
	CHECK_STR(out.s, words);
	strbuf_reset(&out);
	promplan_expr(p, &i, 1, &out);
	CHECK_STR(out.s, want);
	strbuf_free(&out);
}

static void
expands(void)
{
	struct promplan p;
	struct strbuf err = {0};

	CHECK(reads(&p, "edge a.b x\n# comment\n\nnode a.b \"A b\" service\r\nnode x X other\n"
	    "metric service rate sum by (le) (d{id=\"{id}\",re=\"{id_re}\"}) # {}{id\n", &err));
	CHECK(p.nodes == 2 && p.edges == 1 && p.queries == 3 && p.node_queries == 2);
	CHECK_STR(p.node[0].name, "A b");
	expr(&p, 0, "cpu of a.b", "a{pod=~\"a\\\\.b(-[0-9]+|(-[bcdfghjklmnpqrstvwxz2456789]{6,10})?-[bcdfghjklmnpqrstvwxz2456789]{5})?\"}");
	expr(&p, 1, "rate of a.b", "sum by (le) (d{id=\"a.b\",re=\"a\\\\.b\"}) # {}{id");
	expr(&p, 2, "rate of a.b > x", "c{s=\"a.b\",t=~\"x\"}");
	promplan_free(&p);
	strbuf_free(&err);
}

/* One query of a rule for many, of the first n of its kind from one on. */
static void
all(const struct promplan *p, uint32_t first, uint32_t step, size_t n, const char *want)
{
	uint32_t list[4] = {first, first + step, first + 2 * step, first + 3 * step};
	struct strbuf out = {0};

	promplan_expr(p, list, n, &out);
	CHECK_STR(out.s, want);
	strbuf_free(&out);
}

static void
for_many(void)
{
	static const char suffix[] = "(-[0-9]+|(-[bcdfghjklmnpqrstvwxz2456789]{6,10})?-[bcdfghjklmnpqrstvwxz2456789]{5})?";
	struct strbuf want = {0}, err = {0};
	struct promplan p;

	CHECK(reads(&p, "node c C odd\nnode a.b A odd\nnode b B odd\nedge c b\nedge c a.b\nedge b c\n"
	    "metric odd x f{id=~\"{ids}\",p=\"{pods}\",{sources}}\nflow y g{{sources}|{targets}|{ids}}\n", &err));
	CHECK(p.rule[3].many && p.rule[3].pods && p.rule[4].many && !p.rule[4].pods && !p.rule[0].many);
	strbuf_addf(&want, "f{id=~\"c|a\\\\.b|b\",p=\"(c|a\\\\.b|b)%s\",{sources}}", suffix);
	all(&p, 0, 1, 3, want.s);
	/* edges are sorted by the places of their ends: c>a.b, c>b, b>c */
	all(&p, 4, 2, 3, "g{c|b|c|a\\\\.b|b|{ids}}");
	all(&p, 8, 2, 1, "g{b|c|{ids}}");
	CHECK(promplan_node(&p, "a.b", 3) == 1 && promplan_node(&p, "a.bc", 3) == 1 && promplan_node(&p, "a.", 2) == -1 && promplan_node(&p, "", 0) == -1);
	CHECK(promplan_edge(&p, "c", "a.b") == 0 && promplan_edge(&p, "c", "b") == 1 && promplan_edge(&p, "b", "c") == 2);
	CHECK(promplan_edge(&p, "b", "a.b") == -1 && promplan_edge(&p, "c", "d") == -1);
	promplan_free(&p);
	strbuf_free(&want);
	strbuf_free(&err);
}

static void
refuses(void)
{
	refused("", "f:1: no node");
	refused("node a A service\nnode a B service\n", "f:2: this node stands here twice: a");
	refused("node a\"}) A service\n", "f:1: an id has letters");
	refused("node {id} A service\n", "f:1: an id has letters");
	refused("node a A\n", "f:1: want node ID NAME TYPE");
	refused("node a A b c\n", "f:1: want node ID NAME TYPE");
	refused("node a \"A service\n", "f:1: want node ID NAME TYPE");
	refused("node a \xff service\n", "f:1: a name has");
	refused("node a A Service\n", "f:1: a type has");
	refused("node a A service\nedge a b\n", "f:2: no node of this id: b");
	refused("node a A service\nedge a a\nedge a a\n", "f:3: this edge stands here twice");
	refused("node a A service\nedge a\n", "f:2: want edge");
	refused("node a A service\nmetric service\n", "f:2: want metric");
	refused("node a A service\nmetric service rate  \n", "f:2: want metric");
	refused("node a A service\nmetric service Rate x\n", "f:2: a metric's name");
	refused("node a A service\nflow x\n", "f:2: want flow");
	refused("node a A service\nmetric pod q x\nmetric pod q y\n", "f:3: this metric of this type stands here twice: q");
	refused("node a A service\nmetric pod q {id} {ids}\n", "f:2: a query is for one thing or for many, not both: q");
	refused("node a A service\nflow q {targets} {source_re}\n", "f:2: a query is for one thing or for many, not both: q");
	refused("nodes a A service\n", "f:1: want node, edge, metric or flow: nodes");
}

static void
many_mistakes(void)
{
	struct promplan p;
	struct strbuf err = {0}, text = {0};

	for (int i = 0; i < 30; i++)
		strbuf_adds(&text, "x\n");
	CHECK(!reads(&p, text.s, &err));
	CHECK(strstr(err.s, "and 21 more mistakes") != NULL);
	strbuf_free(&err);
	strbuf_free(&text);
}

int
main(void)
{
	CHECK(promplan_id_ok("a-b_c.D9") && !promplan_id_ok("") && !promplan_id_ok("a\"b") && !promplan_id_ok("a b") && !promplan_id_ok("é"));
	expands();
	for_many();
	refuses();
	many_mistakes();
	return check_done();
}
