#include <stdlib.h>
#include <string.h>

#include "lib/xalloc.h"
#include "rulewords.h"

static void
rule_free(struct rule *r)
{
	free(r->name);
	free(r->on);
	free(r->each.path);
	free(r->partial.path);
	free(r->by.path);
	free(r->interval.path);
	free(r->by_member);
	for (size_t i = 0; i < RULE_VALUES; i++)
		free(r->value[i].path);
	for (size_t i = 0; i < RULE_LEVELS; i++)
		free(r->level[i].word);
	for (size_t i = 0; i < RULE_MEMBERS; i++) {
		free(r->with[i].from.path);
		free(r->with[i].name);
	}
	text_free(&r->say);
	text_free(&r->resolved);
	text_free(&r->gone);
	text_free(&r->silent);
}

void
rules_free(struct rules *rs)
{
	for (size_t i = 0; i < rs->n; i++)
		rule_free(&rs->v[i]);
	free(rs->v);
	*rs = (struct rules){0};
}

static void
begin_rule(struct rulewords *p, struct rules *rs, const char *name)
{
	if (!rulewords_is_name(name))
		rulewords_wrong(p, p->line, *name ? name : "alert", "a rule begins with: alert NAME, of lower-case words joined by _");
	for (size_t i = 0; i < rs->n; i++)
		if (!strcmp(rs->v[i].name, name))
			rulewords_wrong(p, p->line, name, "a second rule of that name");
	if (rs->n == RULES_MAX)
		rulewords_wrong(p, p->line, name, "more rules than the 256 there is room for");
	rs->v = xreallocarray(rs->v, rs->n + 1, sizeof *rs->v);
	rs->v[rs->n++] = (struct rule){.name = xstrdup(name), .line = p->line, .decimals = -1, .cooldown_s = -1};
}

static bool
compares(const struct rule *r)
{
	for (size_t i = 0; i < r->nlevels; i++)
		if (r->level[i].op != RULE_ALWAYS)
			return true;
	return false;
}

/* What only the whole rule shows. */
static void
check_rule(struct rulewords *p, const struct rule *r)
{
	const struct {
		bool bad;
		const char *what;
	} checks[] = {
		{!r->on, "lacks a line: on RECORD-TYPE"},
		{!r->nlevels, "lacks a line that says when: info, warning or error"},
		{!r->say.n, "lacks a line: say TEXT"},
		{!r->nvalues && compares(r), "compares, but lacks a line: value PATH"},
		{!r->event && !r->resolved.n, "lacks a line: resolved TEXT (or: event)"},
		{r->event && (r->resolved.n || r->gone.n), "is an event: nothing is ever resolved or gone"},
		{r->each.path && (!r->by.path || r->by.top), "has each, so it needs: by PATH, inside the element"},
		{r->partial.path && !r->each.path, "has partial, but no each"},
		{r->gone.n && !r->by.path, "has gone, but no by"},
		{!r->gone.n && !r->event && (r->each.path || r->by.top), "is about things that may go, so it needs: gone TEXT"},
		{r->silent.n && (!r->by.path || r->each.path || r->event), "has silent, so it needs by, and neither each nor event"},
	};

	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
		if (checks[i].bad)
			rulewords_wrong(p, r->line, r->name, checks[i].what);
}

/* Of a rule whose lines have mistakes the whole would say little. */
static void
end_rule(struct rulewords *p, const struct rules *rs)
{
	if (rs->n && p->nerrors == p->before)
		check_rule(p, &rs->v[rs->n - 1]);
	p->before = p->nerrors;
}

static void
take_line(struct rulewords *p, struct rules *rs, char *line)
{
	static const char blanks[] = " \t\r";
	size_t n;

	line += strspn(line, blanks);
	for (n = strlen(line); n && strchr(blanks, line[n - 1]);)
		line[--n] = '\0';
	if (!*line || *line == '#')
		return;
	n = strcspn(line, blanks);
	if (n == 5 && !memcmp(line, "alert", 5)) {
		end_rule(p, rs);
		begin_rule(p, rs, line + n + strspn(line + n, blanks));
	} else if (!rs->n) {
		rulewords_wrong(p, p->line, strsep(&line, blanks), "stands before the first rule; a rule begins with: alert NAME");
	} else {
		rulewords_take(p, &rs->v[rs->n - 1], line);
	}
}

bool
rules_parse(const char *text, const char *file, rules_lookup *lookup, const void *ctx, struct rules *out, struct strbuf *errors)
{
	struct rulewords p = {.file = file, .lookup = lookup, .ctx = ctx, .errors = errors};
	char *copy = xstrdup(text), *rest = copy, *line;
	struct rules rs = {0};

	while ((line = strsep(&rest, "\n"))) {
		p.line++;
		take_line(&p, &rs, line);
	}
	free(copy);
	end_rule(&p, &rs);
	if (p.nerrors) {
		rules_free(&rs);
		return false;
	}
	*out = rs;
	return true;
}
