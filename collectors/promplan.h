#ifndef COLLECTORS_PROMPLAN_H
#define COLLECTORS_PROMPLAN_H

/*
 * What to ask a Prometheus server: nodes, edges between them, and templates of PromQL for the metrics of
 * a node's type and of an edge; written out they are queries, one for each metric of each thing. Pure.
 *
 * The file, a line each (# begins a comment line, names with blanks stand in double quotes):
 *   node ID NAME TYPE
 *   edge SOURCE TARGET              ids of nodes
 *   metric TYPE[,TYPE...] NAME PROMQL
 *   flow NAME PROMQL                of edges
 * In PROMQL, {id} is the node's id, {id_re} the same inside a regular expression, {pod} a regular expression of
 * the names Kubernetes gives to pods of it; of an edge {source}, {target}, {source_re}, {target_re}. Other braces stay.
 * A query for many things at once has {ids} or {pods}, regular expressions of all of them with the id as the first group of
 * {pods}, and gives each series the id in its label kato_id; of edges {sources} and {targets}, and labels source and target.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/strbuf.h"

enum {
	PROMPLAN_NODES_MAX = 5000,
	PROMPLAN_EDGES_MAX = 20000,
	PROMPLAN_RULES_MAX = 500,
	PROMPLAN_QUERIES_MAX = 200000,
	PROMPLAN_ID_MAX = 253,
	PROMPLAN_FILE_MAX = 8 << 20,
};

struct promnode {
	char *id, *name, *type;
};

struct promedge {
	uint32_t source, target;	/* nodes */
};

struct promrule {
	char *types;	/* "pod,service"; NULL: of edges */
	char *name, *expr;
	int line;
	bool builtin;	/* one of the file of the same type and name takes its place */
	bool many;	/* asks for many things at once */
	bool pods;	/* by {pods} */
};

/* Queries of a node, and of an edge, stand together and in the order of the rules. */
struct promquery {
	uint32_t of;	/* node, or edge */
	uint32_t rule;
};

struct promplan {
	struct promnode *node;
	struct promedge *edge;
	struct promrule *rule;
	struct promquery *query;	/* of all nodes, then of all edges */
	size_t nodes, edges, rules, queries;
	size_t node_queries;	/* the first so many are of nodes */
	uint32_t *by_id;	/* nodes in the order of their ids */
};

#define PROMPLAN_LABEL "kato_id"	/* of a series of a query for many nodes: which it is of */

/*
 * Reads templates (those that are built in) and the file's text; name is the file's, for messages. False: *err holds a line for
 * each mistake (at most 10): "FILE:LINE: what"; the plan is empty then.
 */
bool promplan_read(struct promplan *, const char *templates, const char *name, const char *text, size_t len, struct strbuf *err);
void promplan_free(struct promplan *);

/* promexpr.c: appends the query, written out; of n queries of one rule that is for many, all of them in one. */
void promplan_expr(const struct promplan *, const uint32_t *query, size_t n, struct strbuf *out);
/* Appends "cpu_usage of api" or "request_rate of web > api". */
void promplan_words(const struct promplan *, const struct promquery *, struct strbuf *out);
/* Appends all queries, a line each: the words, a tab, the query. */
void promplan_list(const struct promplan *, struct strbuf *out);
/* Letters, digits and _ . - only, so that nothing in it can leave its place in a query. */
bool promplan_id_ok(const char *);
/* Their places in the plan; -1: none. */
long promplan_node(const struct promplan *, const char *id, size_t len);
long promplan_edge(const struct promplan *, const char *source, const char *target);

#endif
