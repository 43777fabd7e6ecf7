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

static const char *
skip_string(const char *p, const char *end)
{
	for (p++; p < end;) {
		p = jsontext_plain(p, end);
		if (p == end)
			break;
		if (*p == '"')
			return p + 1;
		p += *p == '\\' && end - p > 1 ? 2 : 1;
	}
	return end;
}

/* The end of the checked value at p. */
static const char *
skip_value(const char *p, const char *end)
{
	int depth = 0;

	while (p < end) {
		switch (*p) {
		case '"':
			p = skip_string(p, end);
			break;
		case '{':
		case '[':
			depth++;
			p++;
			continue;
		case '}':
		case ']':
			depth--;
			p++;
			break;
		case ',':
		case ':':
		case ' ':
		case '\t':
		case '\r':
		case '\n':
			p++;
			continue;
		default:
			while (p < end && !strchr(",:]} \t\r\n", *p))
				p++;
		}
		if (depth <= 0)
			break;
	}
	return p;
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

	if (!p)
		return false;
	p = jsontext_space(p, it->end);
	if (p < it->end && *p == ',')
		p = jsontext_space(p + 1, it->end);
	if (p >= it->end) {
		it->p = NULL;
		return false;
	}
	it->p = skip_value(p, it->end);
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
