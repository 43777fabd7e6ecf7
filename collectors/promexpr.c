#include <string.h>

#include "collectors/promplan.h"

/* The letters that Kubernetes makes hashes of (k8s.io/apimachinery/pkg/util/rand). */
#define POD_LETTER "[bcdfghjklmnpqrstvwxz2456789]"
static const char pod_suffix[] = "(-[0-9]+|(-" POD_LETTER "{6,10})?-" POD_LETTER "{5})?";

/* In a double-quoted string of PromQL that is a regular expression: a dot is a dot. */
static void
add_regex(struct strbuf *out, const char *id)
{
	for (; *id; id++)
		strbuf_addf(out, *id == '.' ? "\\\\%c" : "%c", *id);
}

/* Appends what stands for the name in braces; false: it is none of ours. */
static bool
put(const struct promplan *p, const struct promquery *q, bool edge, const char *name, size_t n, struct strbuf *out)
{
	static const char *const names[] = {"id", "source", "target", "id_re", "source_re", "target_re", "pod"};
	const char *id[3] = {NULL, NULL, NULL};
	size_t i;

	if (edge) {
		id[1] = p->node[p->edge[q->of].source].id;
		id[2] = p->node[p->edge[q->of].target].id;
	} else {
		id[0] = p->node[q->of].id;
	}
	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (strlen(names[i]) == n && !memcmp(names[i], name, n))
			break;
	if (i == sizeof names / sizeof *names || !id[i == 6 ? 0 : i % 3])
		return false;
	if (i < 3)
		strbuf_adds(out, id[i]);
	else
		add_regex(out, id[i == 6 ? 0 : i % 3]);
	if (i == 6)
		strbuf_adds(out, pod_suffix);
	return true;
}

void
promplan_expr(const struct promplan *p, const struct promquery *q, struct strbuf *out)
{
	const char *s = p->rule[q->rule].expr, *open, *close;

	for (; (open = strchr(s, '{')) && (close = strpbrk(open + 1, "{}")); s = *close == '}' ? close + 1 : close) {
		strbuf_add(out, s, (size_t)(open - s));
		if (*close == '{' || !put(p, q, !p->rule[q->rule].types, open + 1, (size_t)(close - open - 1), out))
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
	for (size_t i = 0; i < p->queries; i++) {
		promplan_words(p, &p->query[i], out);
		strbuf_addc(out, '\t');
		promplan_expr(p, &p->query[i], out);
		strbuf_addc(out, '\n');
	}
}
