#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/json.h"
#include "lib/jsontext.h"
#include "lib/utf8.h"

struct span
json_trim(const char *text, size_t len)
{
	const char *p = jsontext_space(text, text + len), *end = text + len;

	while (end > p && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\n' || end[-1] == '\r'))
		end--;
	return (struct span){p, (size_t)(end - p)};
}

/* From behind the opening quote to behind the closing one. */
static inline const char *
skip_string(const char *p, const char *end, bool *escaped)
{
	for (;;) {
		p = jsontext_plain(p, end);
		if (p >= end)
			return end;
		if (*p == '"')
			return p + 1;
		if (*p == '\\') {
			*escaped = true;
			p++;
		}
		p++;
	}
}

/* What a byte means to who looks for the end of a value: 1 ends a number or word, 2 opens, 3 closes, 4 begins a string. */
static const unsigned char role[256] = {
	[' '] = 1, ['\t'] = 1, ['\r'] = 1, ['\n'] = 1, [','] = 1, [':'] = 1,
	['{'] = 2, ['['] = 2, ['}'] = 3, [']'] = 3, ['"'] = 4,
};

/* From behind an opening bracket to behind its closing one. */
static const char *
skip_nested(const char *p, const char *end)
{
	int depth = 1;
	bool escaped;

	while (p < end) {
		switch (role[(unsigned char)*p++]) {
		case 2:
			depth++;
			break;
		case 3:
			if (!--depth)
				return p;
			break;
		case 4:
			p = skip_string(p, end, &escaped);
			break;
		}
	}
	return end;
}

/* The end of the checked value at p. */
static inline const char *
skip_value(const char *p, const char *end, bool *escaped)
{
	if (p >= end)
		return end;
	if (*p == '"')
		return skip_string(p + 1, end, escaped);
	if (*p == '{' || *p == '[')
		return skip_nested(p + 1, end);
	while (p < end && !role[(unsigned char)*p])
		p++;
	return p;
}

struct json_cursor
json_cursor(struct span v)
{
	return (struct json_cursor){v.p, v.p + v.len};
}

bool
json_at(const struct json_cursor *c, char kind)
{
	return json_is((struct span){c->p, (size_t)(c->end - c->p)}, kind);
}

void
json_enter(struct json_cursor *c)
{
	c->p++;
}

/* To the next value inside a bracket; false: behind the closing one. */
bool
json_element(struct json_cursor *c)
{
	c->p = jsontext_space(c->p, c->end);
	if (c->p < c->end && *c->p == ',')
		c->p = jsontext_space(c->p + 1, c->end);
	if (c->p >= c->end)
		return false;
	if (*c->p != '}' && *c->p != ']')
		return true;
	c->p++;
	return false;
}

bool
json_key(struct json_cursor *c, struct span *key, bool *escaped)
{
	const char *from;

	if (!json_element(c))
		return false;
	from = c->p;
	*escaped = false;
	c->p = skip_string(from + 1, c->end, escaped);
	*key = (struct span){from, (size_t)(c->p - from)};
	c->p = jsontext_space(c->p, c->end);
	if (c->p < c->end)	/* a colon */
		c->p = jsontext_space(c->p + 1, c->end);
	return c->p < c->end;
}

struct span
json_take(struct json_cursor *c)
{
	const char *from = c->p;
	bool escaped;

	c->p = skip_value(from, c->end, &escaped);
	return (struct span){from, (size_t)(c->p - from)};
}

struct json_iter
json_iter(struct span v)
{
	if (v.len < 2 || (*v.p != '{' && *v.p != '['))
		return (struct json_iter){NULL, NULL};
	return (struct json_iter){v.p + 1, v.p + v.len - 1};
}

bool
json_next_element(struct json_iter *it, struct span *value)
{
	const char *p = it->p;
	bool escaped;

	if (!p)
		return false;
	p = jsontext_space(p, it->end);
	if (p < it->end && *p == ',')
		p = jsontext_space(p + 1, it->end);
	if (p >= it->end) {
		it->p = NULL;
		return false;
	}
	it->p = skip_value(p, it->end, &escaped);
	if (it->p == p) {	/* elements were asked of an object: here is its first colon */
		it->p = NULL;
		return false;
	}
	*value = (struct span){p, (size_t)(it->p - p)};
	return true;
}

bool
json_next_member(struct json_iter *it, struct span *key, struct span *value)
{
	if (!json_next_element(it, key))
		return false;
	it->p = jsontext_space(it->p, it->end);
	if (it->p == it->end || *it->p != ':') {
		it->p = NULL;
		return false;
	}
	it->p++;
	return json_next_element(it, value);
}

bool
json_equals(struct span v, const char *s)
{
	struct strbuf b = {0};
	size_t n = strlen(s);
	bool same;

	if (!json_is(v, '"'))
		return false;
	if (!memchr(v.p, '\\', v.len))
		return v.len - 2 == n && !memcmp(v.p + 1, s, n);
	same = json_string(v, &b) && b.len == n && !memcmp(b.s, s, n);
	strbuf_free(&b);
	return same;
}

struct span
json_member(struct span object, const char *name)
{
	struct span key, value, found = {NULL, 0};
	struct json_iter it;

	if (!json_is(object, '{'))
		return found;
	it = json_iter(object);
	while (json_next_member(&it, &key, &value))
		if (json_equals(key, name))
			found = value;
	return found;
}

struct span
json_path(struct span v, const char *path)
{
	char name[64];
	size_t n;

	for (;;) {
		n = strcspn(path, ".");
		if (n >= sizeof name)
			return (struct span){NULL, 0};
		memcpy(name, path, n);
		name[n] = '\0';
		v = json_member(v, name);
		if (!path[n] || !v.p)
			return v;
		path += n + 1;
	}
}

bool
json_is(struct span v, char kind)
{
	char c;

	if (!v.p || !v.len)
		return false;
	c = *v.p;
	switch (kind) {
	case 'b': return c == 't' || c == 'f';
	case '0': return c == '-' || (c >= '0' && c <= '9');
	default: return c == kind;
	}
}

bool
json_number(struct span v, double *out)
{
	char t[64], *big = t;
	double d;

	if (!json_is(v, '0'))
		return false;
	if (v.len >= sizeof t && !(big = malloc(v.len + 1)))
		return false;
	memcpy(big, v.p, v.len);
	big[v.len] = '\0';
	d = strtod(big, NULL);
	if (big != t)
		free(big);
	if (!isfinite(d))
		return false;
	*out = d;
	return true;
}

bool
json_string(struct span v, struct strbuf *out)
{
	const char *p, *q, *end;
	char utf8[4];
	uint32_t code;
	size_t w;

	if (!json_is(v, '"') || v.len < 2)
		return false;
	end = v.p + v.len - 1;
	for (p = v.p + 1; p < end; p += w) {
		q = memchr(p, '\\', (size_t)(end - p));
		strbuf_add(out, p, (size_t)((q ? q : end) - p));
		if (!q)
			break;
		p = q;
		w = jsontext_escape(p, end, &code);
		if (!w || !code)
			return false;
		strbuf_add(out, utf8, utf8_put(code, utf8));
	}
	strbuf_reserve(out, 0);
	out->s[out->len] = '\0';
	return true;
}
