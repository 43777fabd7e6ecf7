#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/promplan.h"
#include "lib/utf8.h"
#include "lib/xalloc.h"

enum { MISTAKES_MAX = 10, NAME_MAX_BYTES = 256 };

struct reader {
	struct promplan *plan;
	const char *file;
	int line;
	bool builtin;
	int mistakes;
	struct strbuf *err;
	struct wait {	/* edges whose nodes may stand further down */
		char *source, *target;
		int line;
	} *wait;
	size_t waits;
};

static bool
wrong(struct reader *r, int line, const char *what, const char *word)
{
	if (r->mistakes++ < MISTAKES_MAX)
		strbuf_addf(r->err, "%s%s:%d: %s%s%s", r->err->len ? "\n" : "", r->file, line, what, word ? ": " : "", word ? word : "");
	return false;
}

bool
promplan_id_ok(const char *s)
{
	size_t n = strlen(s);

	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr("_.-", s[i]))
			return false;
	return n > 0 && n <= PROMPLAN_ID_MAX;
}

static bool
is_word(const char *s, const char *more)
{
	if (!islower((unsigned char)*s))
		return false;
	for (; *s; s++)
		if (!islower((unsigned char)*s) && !isdigit((unsigned char)*s) && *s != '_' && !strchr(more, *s))
			return false;
	return true;
}

/* The next word at *p, quotes taken off, ended where it stands; NULL: none, or a quote is open. */
static char *
word(char **p)
{
	char *s = *p + strspn(*p, " \t"), *e;

	if (!*s)
		return NULL;
	if (*s == '"') {
		e = strchr(++s, '"');
		if (!e)
			return NULL;
	} else {
		e = s + strcspn(s, " \t");
	}
	*p = *e ? e + 1 : e;
	*e = '\0';
	return s;
}

static struct promnode *
find(const struct promplan *p, const char *id)
{
	for (size_t i = 0; i < p->nodes; i++)
		if (!strcmp(p->node[i].id, id))
			return &p->node[i];
	return NULL;
}

static bool
take_node(struct reader *r, char *rest)
{
	struct promplan *p = r->plan;
	char *id = word(&rest), *name = id ? word(&rest) : NULL, *type = name ? word(&rest) : NULL;

	if (!type || word(&rest))
		return wrong(r, r->line, "want node ID NAME TYPE", NULL);
	if (!promplan_id_ok(id))
		return wrong(r, r->line, "an id has letters, digits and _ . - only, at most 253", id);
	if (!*name || strlen(name) > NAME_MAX_BYTES || !utf8_valid(name, strlen(name)))
		return wrong(r, r->line, "a name has 1 to 256 bytes of UTF-8", NULL);
	if (!is_word(type, "-"))
		return wrong(r, r->line, "a type has lower-case letters, digits, _ and - only", type);
	if (p->nodes == PROMPLAN_NODES_MAX)
		return wrong(r, r->line, "more than 5000 nodes", NULL);
	if (find(p, id))
		return wrong(r, r->line, "this node stands here twice", id);
	if (!(p->nodes & (p->nodes - 1)))
		p->node = xreallocarray(p->node, p->nodes ? 2 * p->nodes : 1, sizeof *p->node);
	p->node[p->nodes++] = (struct promnode){xstrdup(id), xstrdup(name), xstrdup(type)};
	return true;
}

static bool
take_edge(struct reader *r, char *rest)
{
	char *source = word(&rest), *target = source ? word(&rest) : NULL;

	if (!target || word(&rest))
		return wrong(r, r->line, "want edge SOURCE TARGET", NULL);
	if (r->waits == PROMPLAN_EDGES_MAX)
		return wrong(r, r->line, "more than 20000 edges", NULL);
	if (!(r->waits & (r->waits - 1)))
		r->wait = xreallocarray(r->wait, r->waits ? 2 * r->waits : 1, sizeof *r->wait);
	r->wait[r->waits++] = (struct wait){xstrdup(source), xstrdup(target), r->line};
	return true;
}

/* Is the word one of the list, "a,b,c"? */
static bool
lists(const char *list, const char *type)
{
	size_t n = strlen(type);

	for (const char *p = list; (p = strstr(p, type)); p += n)
		if ((p == list || p[-1] == ',') && (p[n] == ',' || !p[n]))
			return true;
	return false;
}

static bool
holds_any(const char *s, const char *const *words)
{
	for (; *words; words++)
		if (strstr(s, *words))
			return true;
	return false;
}

static bool
add_rule(struct reader *r, const char *types, const char *name, const char *expr)
{
	static const char *const one[][8] = {{"{id}", "{id_re}", "{pod}", NULL}, {"{source}", "{target}", "{source_re}", "{target_re}", NULL}};
	static const char *const many[][4] = {{"{ids}", "{pods}", NULL}, {"{sources}", "{targets}", NULL}};
	struct promplan *p = r->plan;
	bool all = holds_any(expr, many[!types]);

	if (all && holds_any(expr, one[!types]))
		return wrong(r, r->line, "a query is for one thing or for many, not both", name);
	p->rule = xreallocarray(p->rule, p->rules + 1, sizeof *p->rule);
	p->rule[p->rules++] = (struct promrule){types ? xstrdup(types) : NULL, xstrdup(name), xstrdup(expr), r->line, r->builtin, all,
	    types && strstr(expr, "{pods}")};
	return true;
}

static bool
take_rule(struct reader *r, char *rest, bool of_edges)
{
	struct promplan *p = r->plan;
	char *types = of_edges ? NULL : word(&rest), *name = of_edges || types ? word(&rest) : NULL;

	if (name)
		rest += strspn(rest, " \t");
	if (!name || !*rest)
		return wrong(r, r->line, of_edges ? "want flow NAME PROMQL" : "want metric TYPE[,TYPE...] NAME PROMQL", NULL);
	if (types && !is_word(types, "-,"))
		return wrong(r, r->line, "types are lower-case words joined by commas", types);
	if (!is_word(name, "") || strlen(name) > 64)
		return wrong(r, r->line, "a metric's name has lower-case letters, digits and _ only, at most 64", name);
	if (!utf8_valid(rest, strlen(rest)))
		return wrong(r, r->line, "the query is not UTF-8", NULL);
	if (p->rules == PROMPLAN_RULES_MAX)
		return wrong(r, r->line, "more than 500 metrics", NULL);
	return add_rule(r, types, name, rest);
}

static void
take_line(struct reader *r, char *line)
{
	char *rest = line, *first = word(&rest);

	if (!first || *first == '#')
		return;
	if (!strcmp(first, "node"))
		take_node(r, rest);
	else if (!strcmp(first, "edge"))
		take_edge(r, rest);
	else if (!strcmp(first, "metric"))
		take_rule(r, rest, false);
	else if (!strcmp(first, "flow"))
		take_rule(r, rest, true);
	else
		wrong(r, r->line, "want node, edge, metric or flow", first);
}

static void
take_text(struct reader *r, const char *text, size_t len)
{
	const char *end = text + len, *next;

	r->line = 0;
	for (const char *p = text; p < end; p = next + 1) {
		char *line;
		size_t n;

		next = memchr(p, '\n', (size_t)(end - p));
		if (!next)
			next = end;
		r->line++;
		for (n = (size_t)(next - p); n && isspace((unsigned char)p[n - 1]); n--)
			;
		line = xmemdup0(p, n);
		if (strlen(line) != n)
			wrong(r, r->line, "a NUL byte in it", NULL);
		else
			take_line(r, line);
		free(line);
	}
}

static int
by_ends(const void *a, const void *b)
{
	const struct promedge *x = a, *y = b;

	return x->source != y->source ? (x->source > y->source) - (x->source < y->source) : (x->target > y->target) - (x->target < y->target);
}

static int
by_id(const void *a, const void *b, void *nodes)
{
	const struct promnode *node = nodes;

	return strcmp(node[*(const uint32_t *)a].id, node[*(const uint32_t *)b].id);
}

/* Once all nodes are known. */
static void
join_edges(struct reader *r)
{
	struct promplan *p = r->plan;

	p->by_id = xcalloc(p->nodes + 1, sizeof *p->by_id);
	for (size_t i = 0; i < p->nodes; i++)
		p->by_id[i] = (uint32_t)i;
	qsort_r(p->by_id, p->nodes, sizeof *p->by_id, by_id, p->node);
	p->edge = xcalloc(r->waits + 1, sizeof *p->edge);
	for (size_t i = 0; i < r->waits; i++) {
		const struct wait *w = &r->wait[i];
		long s = promplan_node(p, w->source, strlen(w->source)), t = promplan_node(p, w->target, strlen(w->target));

		if (s < 0 || t < 0)
			wrong(r, w->line, "no node of this id", s < 0 ? w->source : w->target);
		else
			p->edge[p->edges++] = (struct promedge){(uint32_t)s, (uint32_t)t};
	}
	qsort(p->edge, p->edges, sizeof *p->edge, by_ends);
	for (size_t i = 1; i < p->edges; i++)
		if (!by_ends(&p->edge[i - 1], &p->edge[i]))
			wrong(r, r->line, "this edge stands here twice", p->node[p->edge[i].source].id);
}

/* Is the rule the one that holds for a node of this type (NULL: for an edge)? */
static bool
holds(const struct promplan *p, size_t rule, const char *type)
{
	const struct promrule *it = &p->rule[rule];

	if (!type != !it->types || (it->types && type && !lists(it->types, type)))
		return false;
	for (size_t i = rule + 1; i < p->rules; i++) {
		const struct promrule *later = &p->rule[i];

		if (!strcmp(later->name, it->name) && (type ? later->types && lists(later->types, type) : !later->types))
			return false;
	}
	return true;
}

static void
add_queries(struct promplan *p, size_t of, const char *type)
{
	for (size_t i = 0; i < p->rules && p->queries < PROMPLAN_QUERIES_MAX; i++) {
		if (!holds(p, i, type))
			continue;
		if (!(p->queries & (p->queries - 1)))
			p->query = xreallocarray(p->query, p->queries ? 2 * p->queries : 1, sizeof *p->query);
		p->query[p->queries++] = (struct promquery){(uint32_t)of, (uint32_t)i};
	}
}

/* The same metric of the same type twice in the file. */
static void
check_rules(struct reader *r)
{
	const struct promplan *p = r->plan;

	for (size_t i = 0; i < p->rules; i++)
		for (size_t k = 0; k < i; k++) {
			const struct promrule *a = &p->rule[k], *b = &p->rule[i];

			if (a->builtin == b->builtin && !strcmp(a->name, b->name) && (a->types ? b->types && !strcmp(a->types, b->types) : !b->types))
				wrong(r, b->line, "this metric of this type stands here twice", b->name);
		}
}

bool
promplan_read(struct promplan *p, const char *templates, const char *name, const char *text, size_t len, struct strbuf *err)
{
	struct reader r = {.plan = p, .file = "templates", .builtin = true, .err = err};

	*p = (struct promplan){0};
	take_text(&r, templates, strlen(templates));
	r.file = name;
	r.builtin = false;
	take_text(&r, text, len);
	join_edges(&r);
	check_rules(&r);
	for (size_t i = 0; i < p->nodes; i++)
		add_queries(p, i, p->node[i].type);
	p->node_queries = p->queries;
	for (size_t i = 0; i < p->edges; i++)
		add_queries(p, i, NULL);
	if (p->queries == PROMPLAN_QUERIES_MAX)
		wrong(&r, r.line, "more than 200000 queries", NULL);
	if (!p->nodes)
		wrong(&r, r.line ? r.line : 1, "no node: nothing to ask for", NULL);
	if (r.mistakes > MISTAKES_MAX)
		strbuf_addf(err, "\n%s: and %d more mistakes", name, r.mistakes - MISTAKES_MAX);
	for (size_t i = 0; i < r.waits; i++) {
		free(r.wait[i].source);
		free(r.wait[i].target);
	}
	free(r.wait);
	if (r.mistakes)
		promplan_free(p);
	return !r.mistakes;
}

void
promplan_free(struct promplan *p)
{
	for (size_t i = 0; i < p->nodes; i++) {
		free(p->node[i].id);
		free(p->node[i].name);
		free(p->node[i].type);
	}
	for (size_t i = 0; i < p->rules; i++) {
		free(p->rule[i].types);
		free(p->rule[i].name);
		free(p->rule[i].expr);
	}
	free(p->node);
	free(p->edge);
	free(p->rule);
	free(p->query);
	free(p->by_id);
	*p = (struct promplan){0};
}
