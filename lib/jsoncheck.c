#include <stdint.h>
#include <string.h>

#include "lib/json.h"
#include "lib/jsontext.h"
#include "lib/utf8.h"

/* A string from its opening quote at p: the byte behind its closing one, or NULL with *error and *at. */
static const char *
check_string(const char *p, const char *end, enum json_error *error, const char **at)
{
	uint32_t code;
	size_t w;

	for (p++;;) {
		p = jsontext_plain(p, end);
		*at = p;
		if (p == end)
			break;
		if (*p == '"')
			return p + 1;
		if (*p == '\\') {
			w = jsontext_escape(p, end, &code);
		} else if ((unsigned char)*p < 0x80) {
			break;
		} else {
			w = utf8_len(p, (size_t)(end - p));
			if (!w)
				*error = JSON_UTF8;
		}
		if (!w)
			return NULL;
		p += w;
	}
	return NULL;
}

static const char *
run_digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

static const char *
check_number(const char *p, const char *end)
{
	const char *q;

	if (p < end && *p == '-')
		p++;
	q = run_digits(p, end);
	if (q == p || (*p == '0' && q - p > 1))
		return NULL;
	p = q;
	if (p < end && *p == '.') {
		q = run_digits(p + 1, end);
		if (q == p + 1)
			return NULL;
		p = q;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		q = run_digits(p, end);
		if (q == p)
			return NULL;
		p = q;
	}
	return p;
}

static const char *
check_word(const char *p, const char *end)
{
	if (end - p >= 4 && (!memcmp(p, "true", 4) || !memcmp(p, "null", 4)))
		return p + 4;
	if (end - p >= 5 && !memcmp(p, "false", 5))
		return p + 5;
	return NULL;
}

static const char *
check_scalar(const char *p, const char *end, enum json_error *error, const char **at)
{
	*at = p;
	if (p == end)
		return NULL;
	if (*p == '"')
		return check_string(p, end, error, at);
	if (*p == '-' || (*p >= '0' && *p <= '9'))
		return check_number(p, end);
	return check_word(p, end);
}

/* A key and its colon, from white space on. */
static const char *
check_key(const char *p, const char *end, struct span *key, enum json_error *error, const char **at)
{
	*at = p = jsontext_space(p, end);
	if (p == end || *p != '"')
		return NULL;
	key->p = p;
	p = check_string(p, end, error, at);
	if (!p)
		return NULL;
	key->len = (size_t)(p - key->p);
	*at = p = jsontext_space(p, end);
	return p < end && *p == ':' ? jsontext_space(p + 1, end) : NULL;
}

static void
note_key(struct json_top *top, struct span key)
{
	if (top->n == JSON_TOP)
		top->more = true;
	else
		top->key[top->n] = key;
}

static void
note_value(struct json_top *top, const char *from, const char *to)
{
	if (!top->more)
		top->value[top->n++] = (struct span){from, (size_t)(to - from)};
}

/*
 * No recursion: the depth is the peer's to choose. closer[] holds what ends each open container.
 * NULL: an error, see *error and *at.
 */
static const char *
check_value(const char *p, const char *end, enum json_error *error, const char **at, struct json_top *top)
{
	char closer[JSON_MAX_DEPTH];
	struct span key;
	const char *begun = NULL;	/* the value of a top-level member */
	int depth = 0;

	for (;;) {
		/* a value begins at p */
		if (p < end && (*p == '{' || *p == '[')) {
			*at = p;
			if (depth == JSON_MAX_DEPTH) {
				*error = JSON_DEPTH;
				return NULL;
			}
			closer[depth++] = *p == '{' ? '}' : ']';
			p = jsontext_space(p + 1, end);
			if (p == end || *p != closer[depth - 1])
				goto next;
			p++;
			depth--;
		} else if (!(p = check_scalar(p, end, error, at))) {
			return NULL;
		}
		/* a value has ended before p: close what closes, or go on behind a comma */
		for (; depth; depth--, p++) {
			if (depth == 1 && begun)
				note_value(top, begun, p);
			*at = p = jsontext_space(p, end);
			if (p == end || *p != closer[depth - 1])
				break;
		}
		if (!depth)
			return p;
		if (p == end || *p != ',')
			return NULL;
		p = jsontext_space(p + 1, end);
	next:
		if (closer[depth - 1] == ']')
			continue;
		if (!(p = check_key(p, end, &key, error, at)))
			return NULL;
		if (depth == 1) {
			note_key(top, key);
			begun = p;
		}
	}
}

enum json_error
json_check_top(const char *text, size_t len, size_t *at, struct json_top *top)
{
	enum json_error error = JSON_SYNTAX;
	const char *end = text + len, *where = text, *p;

	top->n = 0;
	top->more = false;
	p = check_value(jsontext_space(text, end), end, &error, &where, top);
	if (p) {
		where = jsontext_space(p, end);
		if (where == end)
			return JSON_OK;
		error = JSON_SYNTAX;
	}
	*at = (size_t)(where - text);
	return error;
}

enum json_error
json_check(const char *text, size_t len, size_t *at)
{
	struct json_top top;

	return json_check_top(text, len, at, &top);
}

const char *
json_strerror(enum json_error e)
{
	switch (e) {
	case JSON_OK: return "fine";
	case JSON_DEPTH: return "nested too deeply";
	case JSON_UTF8: return "not UTF-8";
	case JSON_SYNTAX: break;
	}
	return "not JSON";
}
