#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/setvalue.h"
#include "lib/xalloc.h"

static void *
member(const struct setting *s, void *dst)
{
	return (char *)dst + s->offset;
}

static bool
in_range(const struct setting *s, double v, enum setvalue_how how, struct strbuf *why)
{
	if (how == SETVALUE_DEFAULT || (s->min == 0 && s->max == 0) || (v >= s->min && v <= s->max))
		return true;
	strbuf_adds(why, "must be from ");
	strbuf_addnum(why, s->min);
	strbuf_adds(why, " to ");
	strbuf_addnum(why, s->max);
	return false;
}

static bool
put_bool(const struct setting *s, void *dst, const char *text, struct strbuf *why)
{
	static const char *const words[][2] = {{"false", "true"}, {"no", "yes"}, {"off", "on"}, {"0", "1"}};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		for (int v = 0; v < 2; v++)
			if (!strcasecmp(text, words[i][v])) {
				*(bool *)member(s, dst) = v;
				return true;
			}
	strbuf_adds(why, "must be true or false");
	return false;
}

static bool
put_number(const struct setting *s, void *dst, const char *text, enum setvalue_how how, struct strbuf *why)
{
	char *end;
	double v = strtod(text, &end);

	if (end == text || *end || !isfinite(v) || strpbrk(text, "xX")) {
		strbuf_adds(why, "not a number");
		return false;
	}
	if (!in_range(s, v, how, why))
		return false;
	*(double *)member(s, dst) = v;
	return true;
}

static bool
put_int(const struct setting *s, void *dst, const char *text, enum setvalue_how how, struct strbuf *why)
{
	static const char units[] = "KMG";
	const char *unit;
	char *end;
	long long v;

	errno = 0;
	v = strtoll(text, &end, 10);
	if (end != text && *end && !end[1] && s->kind == SET_BYTES && (unit = strchr(units, toupper((unsigned char)*end)))) {
		for (const char *u = units; u <= unit; u++)
			if (__builtin_mul_overflow(v, 1024, &v))
				errno = ERANGE;
		end++;
	}
	if (end == text || *end || errno) {
		strbuf_adds(why, s->kind == SET_BYTES ? "not a number of bytes (like 1048576, 512K, 1M)" : "not a whole number");
		return false;
	}
	if (!in_range(s, (double)v, how, why))
		return false;
	*(long long *)member(s, dst) = v;
	return true;
}

static bool
put_choice(const struct setting *s, void *dst, const char *text, struct strbuf *why)
{
	const char *p = s->arg;
	size_t n, len = strlen(text);

	for (; *p; p += n + (p[n] == '|')) {
		n = strcspn(p, "|");
		if (n == len && !strncasecmp(p, text, n)) {
			free(*(char **)member(s, dst));
			*(char **)member(s, dst) = xmemdup0(p, n);
			return true;
		}
	}
	strbuf_addf(why, "must be one of %s", s->arg);
	return false;
}

static void
list_clear(struct strlist *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	*l = (struct strlist){0};
}

static void
list_add(struct strlist *l, const char *p, size_t n)
{
	l->v = xreallocarray(l->v, l->n + 1, sizeof *l->v);
	l->v[l->n++] = xmemdup0(p, n);
}

static void
put_list(const struct setting *s, void *dst, const char *text, enum setvalue_how how)
{
	struct strlist *l = member(s, dst);
	size_t n, w;

	if (how != SETVALUE_ADD)
		list_clear(l);
	if (how == SETVALUE_ONE || how == SETVALUE_ADD) {
		list_add(l, text, strlen(text));
		return;
	}
	for (; *text; text += n + (text[n] == ',')) {
		n = strcspn(text, ",");
		while (n && isspace((unsigned char)*text)) {
			text++;
			n--;
		}
		for (w = n; w && isspace((unsigned char)text[w - 1]); w--)
			;
		if (w)
			list_add(l, text, w);
	}
}

bool
setvalue_put(const struct setting *s, void *dst, const char *text, enum setvalue_how how, struct strbuf *why)
{
	switch (s->kind) {
	case SET_BOOL: return put_bool(s, dst, text, why);
	case SET_NUMBER: return put_number(s, dst, text, how, why);
	case SET_INT:
	case SET_BYTES: return put_int(s, dst, text, how, why);
	case SET_CHOICE: return put_choice(s, dst, text, why);
	case SET_LIST: put_list(s, dst, text, how); return true;
	case SET_STRING: break;
	}
	free(*(char **)member(s, dst));
	*(char **)member(s, dst) = xstrdup(text);
	return true;
}

void
setvalue_free(const struct setting *s, void *dst)
{
	if (s->kind == SET_LIST) {
		list_clear(member(s, dst));
	} else if (s->kind == SET_STRING || s->kind == SET_CHOICE) {
		free(*(char **)member(s, dst));
		*(char **)member(s, dst) = NULL;
	}
}

bool
setvalue_split_line(char *line, char **name, char **value)
{
	char *p, *end;

	*name = *value = NULL;
	line += strspn(line, " \t\r");
	if (!*line || *line == '#')
		return true;
	if (!strncmp(line, "export ", 7))
		line += 7 + strspn(line + 7, " \t");
	p = strchr(line, '=');
	if (!p || p == line)
		return false;
	for (char *q = line; q < p; q++)
		if (!isalnum((unsigned char)*q) && *q != '_')
			return false;
	*p++ = '\0';
	p += strspn(p, " \t");
	for (end = p + strlen(p); end > p && strchr(" \t\r", end[-1]); end--)
		;
	if (end - p >= 2 && (*p == '"' || *p == '\'') && end[-1] == *p) {
		p++;
		end--;
	}
	*end = '\0';
	*name = line;
	*value = p;
	return true;
}
