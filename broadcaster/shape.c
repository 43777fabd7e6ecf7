#include <string.h>

#include "broadcaster/shape.h"
#include "lib/stamp.h"

enum { LONG_NUMBER = 300 };	/* digits: fewer, without an exponent, fit a double */

/* Can a double hold each number in it? */
static bool
finite_all(struct span v)
{
	const char *p = v.p, *end = v.p + v.len;
	double d;

	while (p < end) {
		size_t n = 0;

		if (*p == '"') {
			for (p++; p < end && *p != '"'; p++)
				p += *p == '\\';
			p++;
			continue;
		}
		while (p + n < end && strchr("0123456789+-.eE", p[n]) && p[n])
			n++;
		if ((n > LONG_NUMBER || (n > 1 && (memchr(p, 'e', n) || memchr(p, 'E', n)))) && !json_number((struct span){p, n}, &d) &&
		    json_is((struct span){p, n}, '0'))
			return false;
		p += n ? n : 1;
	}
	return true;
}

size_t
shape_field(const struct dialect_field *f, const char *name)
{
	for (size_t i = 0; f[i].name; i++)
		if (!strcmp(f[i].name, name))
			return i;
	return DIALECT_FIELDS_MAX;
}

/* The field of that key, looked for from near on: members often come in the table's order. */
static size_t
field_of(const struct dialect_field *f, size_t n, struct span key, size_t near)
{
	for (size_t i = 0; i < n; i++) {
		size_t at = near + i < n ? near + i : near + i - n;

		if (json_equals(key, f[at].name))
			return at;
	}
	return n;
}

static bool
is_word(struct span v, const char *const *words)
{
	for (; *words; words++)
		if (json_equals(v, *words))
			return true;
	return false;
}

/* A text that is not empty and has a decoded form. */
static bool
is_name(struct span v)
{
	struct strbuf text = {0};
	bool good = json_is(v, '"') && v.len > 2;

	if (good && memchr(v.p, '\\', v.len))
		good = json_string(v, &text);
	strbuf_free(&text);
	return good;
}

static bool
is_time(struct span v)
{
	int64_t ms;

	return json_is(v, '"') && stamp_parse(v.p + 1, v.len - 2, &ms);
}

/* Are these bytes what the field is to hold? */
static bool
is_good(const struct dialect_field *f, struct span v)
{
	double d;

	switch (f->kind) {
	case FIELD_ID:
		return is_name(v);
	case FIELD_TEXT:
		return json_is(v, '"') && (!f->words || is_word(v, f->words)) && (!f->from || v.len > 2);
	case FIELD_TIME:
		return is_time(v);
	case FIELD_NUMBER:
		return json_number(v, &d);
	case FIELD_BOOL:
		return json_is(v, 'b');
	default:
		return false;	/* looked into */
	}
}

static void
put_span(struct strbuf *out, struct span v)
{
	strbuf_add(out, v.p, v.len);
}

static void
put_time(struct strbuf *out, int64_t ms)
{
	char time[STAMP_LEN + 1];

	strbuf_adds(out, stamp_format(ms, time));
}

static void
put_texts(struct span v, struct strbuf *out)
{
	struct json_iter it = json_iter(v);
	const char *comma = "";
	struct span e;

	strbuf_addc(out, '[');
	while (json_is(v, '[') && json_next_element(&it, &e)) {
		if (!json_is(e, '"'))
			continue;
		strbuf_adds(out, comma);
		put_span(out, e);
		comma = ",";
	}
	strbuf_addc(out, ']');
}

static void
put_member(struct strbuf *out, struct span key, struct span value)
{
	if (out->s[out->len - 1] != '{')
		strbuf_addc(out, ',');
	put_span(out, key);
	strbuf_addc(out, ':');
	put_span(out, value);
}

static void
put_numbers(struct span v, struct strbuf *out)
{
	struct json_iter it = json_iter(v);
	struct span key, value;
	double d;

	strbuf_addc(out, '{');
	while (json_is(v, '{') && json_next_member(&it, &key, &value))
		if (json_number(value, &d))
			put_member(out, key, value);
	strbuf_addc(out, '}');
}

/* What stands in for a value that is no good. */
static void
put_other(const struct dialect_field *f, struct span v, int64_t ms, struct strbuf *out)
{
	switch (f->kind) {
	case FIELD_ID:
	case FIELD_TEXT:
		strbuf_addjsons(out, f->otherwise ? f->otherwise : "");
		break;
	case FIELD_TIME:
		strbuf_addc(out, '"');
		put_time(out, ms);
		strbuf_addc(out, '"');
		break;
	case FIELD_NUMBER:
		strbuf_addc(out, '0');
		break;
	case FIELD_BOOL:
		strbuf_adds(out, "false");
		break;
	case FIELD_TEXTS:
		put_texts(v, out);
		break;
	case FIELD_NUMBERS:
		put_numbers(v, out);
		break;
	case FIELD_OBJECT:
		if (!shape(f->fields, json_is(v, '{') ? v : (struct span){NULL, 0}, ms, out, NULL))
			strbuf_adds(out, "{}");
		break;
	}
}

void
shape_value(const struct dialect_field *f, struct span v, int64_t ms, struct strbuf *out)
{
	if (is_good(f, v))
		put_span(out, v);
	else
		put_other(f, v, ms, out);
}

/* The texts of other fields, joined. False: there is none. */
static bool
put_joined(const struct dialect_field *fields, const struct span *given, const char *const *from, int64_t ms, struct strbuf *out)
{
	size_t before = out->len;

	strbuf_addc(out, '"');
	for (; *from; from++) {
		size_t k = shape_field(fields, *from), start = out->len;

		if (k == DIALECT_FIELDS_MAX)
			continue;
		if (start > before + 1)
			strbuf_addc(out, '_');
		if (is_good(&fields[k], given[k]) && json_is(given[k], '"'))
			strbuf_add(out, given[k].p + 1, given[k].len - 2);
		else if (fields[k].kind == FIELD_TIME)
			put_time(out, ms);
		else
			out->len = start;
	}
	strbuf_addc(out, '"');
	if (out->len > before + 2)
		return true;
	out->len = before;
	return false;
}

/* The members that are no fields. */
static void
put_rest(const struct dialect_field *f, size_t n, struct span data, struct strbuf *out)
{
	struct json_iter it = json_iter(data);
	struct span key, value;
	size_t near = 0, k;

	while (json_next_member(&it, &key, &value)) {
		k = field_of(f, n, key, near);
		near = k < n ? k + 1 : near;
		if (k == n && finite_all(value))
			put_member(out, key, value);
	}
}

static void
put_field(const struct dialect_field *fields, size_t k, const struct span *given, int64_t ms, struct strbuf *out)
{
	const struct dialect_field *f = &fields[k];

	if (is_good(f, given[k]))
		put_span(out, given[k]);
	else if (!f->from || !put_joined(fields, given, f->from, ms, out))
		put_other(f, given[k], ms, out);
}

/* Finds the fields, of equal names the last. Returns whether there are other members. */
static bool
look(const struct dialect_field *f, size_t n, struct span data, struct span *given)
{
	struct json_iter it = json_iter(data);
	struct span key, value;
	size_t near = 0, k;
	bool rest = false;

	while (json_next_member(&it, &key, &value)) {
		k = field_of(f, n, key, near);
		if (k < n) {
			given[k] = value;
			near = k + 1;
		} else {
			rest = true;
		}
	}
	return rest;
}

bool
shape(const struct dialect_field *f, struct span data, int64_t ms, struct strbuf *out, struct shape_places *places)
{
	struct span given[DIALECT_FIELDS_MAX] = {{NULL, 0}};
	size_t n = 0;
	bool rest;

	if (data.p && !json_is(data, '{'))
		return false;
	while (n < DIALECT_FIELDS_MAX && f[n].name)
		n++;
	rest = look(f, n, data, given);
	for (size_t k = 0; k < n; k++)
		if (f[k].kind == FIELD_ID && !is_good(&f[k], given[k]))
			return false;
	strbuf_addc(out, '{');
	for (size_t k = 0; k < n; k++) {
		size_t at;

		strbuf_addf(out, "%s\"%s\":", k ? "," : "", f[k].name);
		at = out->len;
		put_field(f, k, given, ms, out);
		if (places) {
			places->at[k] = at;
			places->len[k] = out->len - at;
		}
	}
	if (rest)
		put_rest(f, n, data, out);
	strbuf_addc(out, '}');
	return true;
}
