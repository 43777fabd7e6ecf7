#include <stdio.h>
#include <string.h>

#include "broadcaster/alias.h"

enum { NUMBER_MAX = 24 };

static const char hole[] = "{id}";

static bool
matches(const char *pattern, const char *path, struct alias *out)
{
	const char *at = strstr(pattern, hole), *tail;
	size_t n = strlen(path), head, rest;

	if (!at)
		return !strcmp(pattern, path);
	head = (size_t)(at - pattern);
	tail = at + sizeof hole - 1;
	rest = strlen(tail);
	if (n <= head + rest || memcmp(path, pattern, head) != 0 || strcmp(path + n - rest, tail) != 0)
		return false;
	out->id = path + head;
	out->id_len = n - head - rest;
	return true;
}

bool
alias_at(const char *path, struct alias *out)
{
	*out = (struct alias){0};
	for (size_t i = 0; i < dialects_count; i++)
		for (const struct dialect_route *r = dialects[i]->routes; r && r->path; r++)
			if (matches(r->path, path, out)) {
				out->dialect = dialects[i];
				out->route = r;
				return true;
			}
	return false;
}

static bool
read_one(const struct alias_param *p, const struct query *q, struct alias_values *out, size_t i, struct strbuf *why)
{
	bool flag = false, good = false;

	switch (p->kind) {
	case ALIAS_NUMBER:
	case ALIAS_LIMIT:
		return query_int(q, p->name, p->min, p->max, p->otherwise, &out->number[i], why);
	case ALIAS_CLAMPED:
		return query_clamped(q, p->name, p->min, p->max, p->otherwise, &out->number[i], why);
	case ALIAS_WORD:
		return query_choice(q, p->name, p->words, &out->text[i], why);
	case ALIAS_FLAG:
		good = query_flag(q, p->name, &flag, why);
		out->number[i] = flag;
		return good;
	case ALIAS_NAME:
		return query_name(q, p->name, &out->text[i], why);
	}
	return true;
}

bool
alias_values(const struct dialect_route *r, const struct query *q, struct alias_values *out, struct strbuf *why)
{
	*out = (struct alias_values){{0}, {NULL}};
	for (size_t i = 0; r->params && r->params[i].name; i++)
		if (!read_one(&r->params[i], q, out, i, why))
			return false;
	return true;
}

size_t
alias_most(const struct dialect_route *r, const struct alias_values *v)
{
	for (size_t i = 0; r->params && r->params[i].name; i++)
		if (r->params[i].kind == ALIAS_LIMIT || r->params[i].kind == ALIAS_CLAMPED)
			return (size_t)v->number[i];
	return 0;
}

static bool
is_id(const struct alias *a, struct span member)
{
	struct strbuf text = {0};
	bool same = json_string(member, &text) && text.len == a->id_len && !memcmp(text.s, a->id, text.len);

	strbuf_free(&text);
	return same;
}

bool
alias_picks(const struct alias *a, const struct alias_values *v, struct span element)
{
	const struct alias_param *p = a->route->params;

	if (a->route->kind == ALIAS_ELEMENT && !is_id(a, json_member(element, a->route->member)))
		return false;
	for (size_t i = 0; p && p[i].name; i++) {
		struct span member = p[i].member ? json_member(element, p[i].member) : (struct span){NULL, 0};

		if (p[i].kind == ALIAS_WORD && v->text[i] && !json_equals(member, v->text[i]))
			return false;
		if (p[i].kind == ALIAS_FLAG && v->number[i] && !(member.len == 4 && !memcmp(member.p, "true", 4)))
			return false;
	}
	return true;
}

void
alias_fill(const struct alias *a, const struct alias_values *v, const struct dialect_var *vars, struct strbuf *out)
{
	const struct alias_param *p = a->route->params;
	char number[ALIAS_PARAMS_MAX][NUMBER_MAX];
	struct dialect_var all[ALIAS_PARAMS_MAX + 2 + ALIAS_VARS_MAX] = {{NULL, NULL}};
	struct strbuf id = {0};
	size_t n = 0;

	for (; n < ALIAS_VARS_MAX && vars[n].name; n++)
		all[n] = vars[n];
	strbuf_addjson(&id, a->id ? a->id : "", a->id_len);
	all[n++] = (struct dialect_var){"id", id.s};
	for (size_t i = 0; p && p[i].name; i++) {
		snprintf(number[i], sizeof number[i], "%lld", v->number[i]);
		all[n++] = (struct dialect_var){p[i].name, v->text[i] ? v->text[i] : number[i]};
	}
	dialect_fill(a->route->text ? a->route->text : "$data", all, out);
	strbuf_free(&id);
}
