#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/xalloc.h"
#include "rulewords.h"

enum { MAX_PATH = 128, MAX_NAME = 64, MAX_ERRORS = 20, MAX_WORD = 256 };
#define BLANKS " \t\r"

bool
rulewords_wrong(struct rulewords *p, int line, const char *word, const char *what)
{
	if (p->nerrors++ < MAX_ERRORS)
		strbuf_addf(p->errors, "%s:%d: %.*s%s%s\n", p->file, line, MAX_WORD, word, what ? ": " : "", what ? what : "");
	return false;
}

bool
rulewords_is_name(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return n && !s[n] && *s >= 'a' && *s <= 'z' && n <= MAX_NAME;
}

static bool
take_path(struct rulewords *p, const char *word, struct rule_path *to)
{
	bool top = *word == '.';
	const char *s = word + top;

	if (!*s || strlen(s) > MAX_PATH || *s == '.' || s[strlen(s) - 1] == '.' || strstr(s, ".."))
		return rulewords_wrong(p, p->line, word, "not a path like aggregated.total_cpu_percent, or .id for a member of the record itself");
	free(to->path);
	*to = (struct rule_path){.path = xstrdup(s), .top = top};
	return true;
}

static bool
take_on(struct rulewords *p, struct rule *r)
{
	if (!rulewords_is_name(p->word[0]))
		return rulewords_wrong(p, p->line, p->word[0], "not a record type of lower-case words");
	free(r->on);
	r->on = xstrdup(p->word[0]);
	return true;
}

static bool
take_each(struct rulewords *p, struct rule *r)
{
	if (*p->word[0] == '.')
		return rulewords_wrong(p, p->line, p->word[0], "not an array inside data");
	return take_path(p, p->word[0], &r->each);
}

static bool
take_partial(struct rulewords *p, struct rule *r)
{
	return take_path(p, p->word[0], &r->partial);
}

static bool
take_by(struct rulewords *p, struct rule *r)
{
	if (p->nwords > 1) {
		if (!rulewords_is_name(p->word[1]))
			return rulewords_wrong(p, p->line, p->word[1], "not a member's name of lower-case words");
		free(r->by_member);
		r->by_member = xstrdup(p->word[1]);
	}
	return take_path(p, p->word[0], &r->by);
}

static bool
take_value(struct rulewords *p, struct rule *r)
{
	for (size_t i = 0; i < p->nwords; i++) {
		if (r->nvalues == RULE_VALUES)
			return rulewords_wrong(p, p->line, p->word[i], "more than 4 paths to one value");
		if (!take_path(p, p->word[i], &r->value[r->nvalues]))
			return false;
		r->nvalues++;
	}
	return true;
}

static bool
take_with(struct rulewords *p, struct rule *r)
{
	const char *dot = strrchr(p->word[0], '.'), *name = p->nwords > 1 ? p->word[1] : dot ? dot + 1 : p->word[0];

	if (r->nwith == RULE_MEMBERS)
		return rulewords_wrong(p, p->line, p->word[0], "more than 4 members added");
	if (!rulewords_is_name(name))
		return rulewords_wrong(p, p->line, *name ? name : p->word[0], "not a member's name of lower-case words");
	if (!take_path(p, p->word[0], &r->with[r->nwith].from))
		return false;
	r->with[r->nwith++].name = xstrdup(name);
	return true;
}

static bool
take_number(struct rulewords *p, const char *word, double least, double most, double *to)
{
	char *end;

	if (*word == '$') {
		if (!p->lookup(p->ctx, word + 1, to))
			return rulewords_wrong(p, p->line, word, "no setting of that name; alertd --help lists them");
		return true;
	}
	*to = strtod(word, &end);
	if (end == word || *end || !isfinite(*to))
		return rulewords_wrong(p, p->line, word, "not a number");
	if (*to < least || *to > most)
		return rulewords_wrong(p, p->line, word, "out of range");
	return true;
}

static bool
take_op(struct rulewords *p, const char *word, enum rule_op *op)
{
	static const char *const ops[] = {[RULE_ALWAYS] = "always", [RULE_LT] = "<", [RULE_LE] = "<=", [RULE_EQ] = "==",
	    [RULE_NE] = "!=", [RULE_GE] = ">=", [RULE_GT] = ">"};

	for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
		if (!strcmp(word, ops[i])) {
			*op = (enum rule_op)i;
			return true;
		}
	return rulewords_wrong(p, p->line, word, "not a comparison: one of < <= == != >= > always");
}

static bool
take_level(struct rulewords *p, struct rule *r, enum level level)
{
	struct rule_level *l;
	char *end;

	if (r->nlevels && level <= r->level[r->nlevels - 1].level)
		return rulewords_wrong(p, p->line, p->word[0], "levels rise: info, warning, error, each once");
	l = &r->level[r->nlevels];
	*l = (struct rule_level){.level = level};
	if (!take_op(p, p->word[0], &l->op))
		return false;
	if ((l->op == RULE_ALWAYS) != (p->nwords == 1))
		return rulewords_wrong(p, p->line, p->word[0], l->op == RULE_ALWAYS ? "compares with nothing" : "compared with what?");
	if (l->op != RULE_ALWAYS) {
		strtod(p->word[1], &end);
		if (*p->word[1] == '$' || (end != p->word[1] && !*end) || (l->op != RULE_EQ && l->op != RULE_NE)) {
			if (!take_number(p, p->word[1], -HUGE_VAL, HUGE_VAL, &l->number))
				return false;
		} else {
			l->word = xstrdup(p->word[1]);
		}
	}
	r->nlevels++;
	return true;
}

static bool
take_info(struct rulewords *p, struct rule *r)
{
	return take_level(p, r, LEVEL_INFO);
}

static bool
take_warning(struct rulewords *p, struct rule *r)
{
	return take_level(p, r, LEVEL_WARNING);
}

static bool
take_error(struct rulewords *p, struct rule *r)
{
	return take_level(p, r, LEVEL_ERROR);
}

static bool
take_event(struct rulewords *p, struct rule *r)
{
	(void)p;
	r->event = true;
	return true;
}

static bool
take_round(struct rulewords *p, struct rule *r)
{
	double d;

	if (!take_number(p, p->word[0], 0, 9, &d))
		return false;
	if (d != floor(d))
		return rulewords_wrong(p, p->line, p->word[0], "not a whole number");
	r->decimals = (int)d;
	return true;
}

static bool
take_cooldown(struct rulewords *p, struct rule *r)
{
	return take_number(p, p->word[0], 0, 30 * 86400.0, &r->cooldown_s);
}

static bool
take_text(struct rulewords *p, struct text *to)
{
	struct strbuf why = {0};
	struct text t;
	bool good = text_parse(p->text, &t, &why);

	if (good) {
		text_free(to);
		*to = t;
	} else {
		rulewords_wrong(p, p->line, why.s, NULL);
	}
	strbuf_free(&why);
	return good;
}

static bool
take_say(struct rulewords *p, struct rule *r)
{
	return take_text(p, &r->say);
}

static bool
take_resolved(struct rulewords *p, struct rule *r)
{
	return take_text(p, &r->resolved);
}

static bool
take_gone(struct rulewords *p, struct rule *r)
{
	return take_text(p, &r->gone);
}

static bool
take_silent(struct rulewords *p, struct rule *r)
{
	return take_path(p, p->word[0], &r->interval) && take_number(p, p->word[1], 1, 1000, &r->silent_intervals) &&
	    take_number(p, p->word[2], 0, 86400, &r->silent_s) && take_text(p, &r->silent);
}

static const struct keyword {
	const char *word;
	bool (*take)(struct rulewords *, struct rule *);
	size_t least, most;	/* words behind it */
	bool text;		/* and then the rest of the line */
	const char *form;
} keywords[] = {
	{"on", take_on, 1, 1, false, "on RECORD-TYPE"},
	{"each", take_each, 1, 1, false, "each PATH"},
	{"partial", take_partial, 1, 1, false, "partial PATH"},
	{"by", take_by, 1, 2, false, "by PATH [MEMBER]"},
	{"value", take_value, 1, RULE_VALUES, false, "value PATH [PATH]..."},
	{"with", take_with, 1, 2, false, "with PATH [MEMBER]"},
	{"info", take_info, 1, 2, false, "info COMPARISON VALUE, or info always"},
	{"warning", take_warning, 1, 2, false, "warning COMPARISON VALUE, or warning always"},
	{"error", take_error, 1, 2, false, "error COMPARISON VALUE, or error always"},
	{"event", take_event, 0, 0, false, "event"},
	{"round", take_round, 1, 1, false, "round DECIMALS"},
	{"cooldown", take_cooldown, 1, 1, false, "cooldown SECONDS"},
	{"say", take_say, 0, 0, true, "say TEXT"},
	{"resolved", take_resolved, 0, 0, true, "resolved TEXT"},
	{"gone", take_gone, 0, 0, true, "gone TEXT"},
	{"silent", take_silent, 3, 3, true, "silent PATH INTERVALS SECONDS TEXT"},
};
enum { NKEYWORDS = sizeof keywords / sizeof keywords[0] };

/* The next word of *s, ended in place; NULL: none left. */
static char *
next_word(char **s)
{
	char *w = *s + strspn(*s, BLANKS), *end = w + strcspn(w, BLANKS);

	if (!*w)
		return NULL;
	*s = *end ? end + 1 : end;
	*end = '\0';
	return w;
}

static bool
wrong_form(struct rulewords *p, const struct keyword *k, const char *word)
{
	struct strbuf what = {0};

	strbuf_addf(&what, "%s; it goes: %s", word == k->word ? "something is missing" : "too much", k->form);
	rulewords_wrong(p, p->line, word, what.s);
	strbuf_free(&what);
	return false;
}

bool
rulewords_take(struct rulewords *p, struct rule *r, char *line)
{
	const struct keyword *k = NULL;
	char *word = next_word(&line);

	for (size_t i = 0; i < NKEYWORDS && !k; i++)
		if (!strcmp(keywords[i].word, word))
			k = &keywords[i];
	if (!k)
		return rulewords_wrong(p, p->line, word, "no such keyword; alertd(1) lists them");
	for (p->nwords = 0; p->nwords < k->most && (word = next_word(&line));)
		p->word[p->nwords++] = word;
	p->text = line + strspn(line, BLANKS);
	if (*p->text && !k->text)
		return wrong_form(p, k, p->text);
	if (p->nwords < k->least || (k->text && !*p->text))
		return wrong_form(p, k, k->word);
	return k->take(p, r);
}
