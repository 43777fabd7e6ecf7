#include <stdlib.h>

#include "check.h"
#include "lib/json.h"

static const struct {
	const char *text;
	enum json_error want;
	size_t at;
} checks[] = {
	{"{}", JSON_OK, 0}, {"[]", JSON_OK, 0}, {" \t\r\n0 \n", JSON_OK, 0}, {"\"\"", JSON_OK, 0}, {"true", JSON_OK, 0},
	{"null", JSON_OK, 0}, {"false", JSON_OK, 0}, {"-0.0e-0", JSON_OK, 0}, {"1E+9", JSON_OK, 0}, {"1e400", JSON_OK, 0},
	{"123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890", JSON_OK, 0},
	{"{\"a\":[1,{\"b\":[]},\"c\"],\"d\":{}}", JSON_OK, 0}, {"[[],[[]],{}]", JSON_OK, 0}, {"{ \"a\" : 1 , \"b\" : [ 1 , 2 ] }", JSON_OK, 0},
	{"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\\u0000\"", JSON_OK, 0}, {"\"\xc3\xa9\xf0\x9f\x98\x80\x7f\"", JSON_OK, 0},
	{"", JSON_SYNTAX, 0}, {"  ", JSON_SYNTAX, 2}, {"{", JSON_SYNTAX, 1}, {"}", JSON_SYNTAX, 0}, {"[1", JSON_SYNTAX, 2},
	{"[1,]", JSON_SYNTAX, 3}, {"[,1]", JSON_SYNTAX, 1}, {"[1 2]", JSON_SYNTAX, 3}, {"{\"a\"}", JSON_SYNTAX, 4},
	{"{\"a\":}", JSON_SYNTAX, 5}, {"{\"a\":1,}", JSON_SYNTAX, 7}, {"{a:1}", JSON_SYNTAX, 1}, {"{\"a\":1]", JSON_SYNTAX, 6},
	{"[1}", JSON_SYNTAX, 2}, {"{}{}", JSON_SYNTAX, 2}, {"{} x", JSON_SYNTAX, 3}, {"01", JSON_SYNTAX, 0}, {"-", JSON_SYNTAX, 0},
	{"+1", JSON_SYNTAX, 0}, {".5", JSON_SYNTAX, 0}, {"1.", JSON_SYNTAX, 0}, {"1e", JSON_SYNTAX, 0}, {"1e+", JSON_SYNTAX, 0},
	{"0x1", JSON_SYNTAX, 1}, {"NaN", JSON_SYNTAX, 0}, {"Infinity", JSON_SYNTAX, 0}, {"nul", JSON_SYNTAX, 0}, {"True", JSON_SYNTAX, 0},
	{"truex", JSON_SYNTAX, 4}, {"'a'", JSON_SYNTAX, 0}, {"\"a", JSON_SYNTAX, 2}, {"\"a\nb\"", JSON_SYNTAX, 2}, {"\"\\x\"", JSON_SYNTAX, 1},
	{"\"\\u12g4\"", JSON_SYNTAX, 1}, {"\"\\u123\"", JSON_SYNTAX, 1}, {"\"\\ud800\"", JSON_SYNTAX, 1}, {"\"\\ud800\\u0041\"", JSON_SYNTAX, 1},
	{"\"\\udc00\"", JSON_SYNTAX, 1}, {"\"\\", JSON_SYNTAX, 1}, {"// c\n1", JSON_SYNTAX, 0}, {"\"a\tb\"", JSON_SYNTAX, 2},
	{"\xef\xbb\xbf{}", JSON_SYNTAX, 0}, {"\"\xff\"", JSON_UTF8, 1}, {"\"12345678\xc3\"", JSON_UTF8, 9}, {"\"\xed\xa0\x80\"", JSON_UTF8, 1},
	{"[\"\xc0\x80\"]", JSON_UTF8, 2}, {"\f1", JSON_SYNTAX, 0},
};

static struct span
span(const char *s)
{
	size_t at;

	CHECK(json_check(s, strlen(s), &at) == JSON_OK);
	return json_trim(s, strlen(s));
}

static const char *
text(struct span v)
{
	static char t[4][200];
	static int i;
	char *p = t[i++ % 4];

	snprintf(p, sizeof t[0], "%.*s", v.p ? (int)v.len : 6, v.p ? v.p : "absent");
	return p;
}

static const struct {
	const char *path, *want;
} paths[] = {
	{"a", "1"}, {"b", "[1, {\"x\" : 2}, \"]\"]"}, {"c.d.e", "-1.5e3"}, {"c.d", "{\"e\":-1.5e3 }"}, {"f", "\"last\""},
	{"g", "null"}, {"h\"", "true"}, {"\xc3\xa9", "false"}, {"c.none", "absent"}, {"none", "absent"}, {"a.b", "absent"}, {"b.x", "absent"},
	{"c..d", "absent"}, {"", "0"}, {"A", "absent"}, {"z", "\"},{\""},
	{"a23456789012345678901234567890123456789012345678901234567890123456789", "absent"},
};

static void
walks(void)
{
	struct span o = span(" {\"a\":1 , \"b\" :[1, {\"x\" : 2}, \"]\"],\"c\":{\"d\":{\"e\":-1.5e3 }},\"f\":\"first\",\"f\":\"last\",\"g\":null,"
	    "\"h\\\"\":true,\"\\u00e9\":false,\"\":0,\"z\":\"},{\"}");
	struct json_iter it = json_iter(o);
	struct span key, value;
	double d;
	int n = 0;

	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		CHECK_STR(text(json_path(o, paths[i].path)), paths[i].want);
	while (json_next_member(&it, &key, &value))
		n++;
	CHECK(n == 10 && !json_next_member(&it, &key, &value));
	it = json_iter(json_member(o, "b"));
	CHECK(json_next_element(&it, &value) && json_number(value, &d) && d == 1);
	CHECK(json_next_element(&it, &value));
	CHECK_STR(text(value), "{\"x\" : 2}");
	CHECK(json_next_element(&it, &value) && json_equals(value, "]"));
	CHECK(!json_next_element(&it, &value) && !json_next_element(&it, &value));
	it = json_iter(span("[]"));
	CHECK(!json_next_element(&it, &value));
	it = json_iter(json_trim("{\"a\":1}", 7));	/* the wrong question: it ends all the same */
	CHECK(json_next_element(&it, &value) && !json_next_element(&it, &value) && !json_next_element(&it, &value));
	it = json_iter(span("{ }"));
	CHECK(!json_next_member(&it, &key, &value));
	it = json_iter(span("7"));
	CHECK(!json_next_element(&it, &value));
	CHECK(!json_member(span("[1]"), "a").p && !json_member((struct span){NULL, 0}, "a").p);
}

static void
kinds(void)
{
	static const char *const values[] = {"{}", "[]", "\"a\"", "true", "false", "null", "0", "-1"};
	static const char want[] = "{[\"bbn00";

	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
		for (size_t k = 0; k < 6; k++)
			CHECK(json_is(span(values[i]), "{[\"bn0"[k]) == (want[i] == "{[\"bn0"[k]));
	CHECK(!json_is((struct span){NULL, 0}, 'n'));
}

static void
numbers(void)
{
	double d = 7;

	CHECK(json_number(span("-12.5e1"), &d) && d == -125);
	CHECK(json_number(span("9007199254740993"), &d) && d == 9007199254740992);
	CHECK(json_number(span("0.1000000000000000000000000000000000000000000000000000000000000000000000000001"), &d) && d == 0.1);
	d = 7;
	CHECK(!json_number(span("1e400"), &d) && !json_number(span("\"1\""), &d) && !json_number(span("null"), &d) && d == 7);
}

static void
strings(void)
{
	struct strbuf b = {0};

	CHECK(json_string(span("\"\""), &b));
	CHECK_STR(b.s, "");
	CHECK(json_string(span("\"a\\u00e9\\ud83d\\ude00\\n\\/\\\\\xc3\xa9\""), &b));
	CHECK_STR(b.s, "a\xc3\xa9\xf0\x9f\x98\x80\n/\\\xc3\xa9");
	CHECK(!json_string(span("\"\\u0000\""), &b) && !json_string(span("1"), &b));
	CHECK(json_equals(span("\"k\\u0061to\""), "kato") && !json_equals(span("\"katos\""), "kato") && !json_equals(span("7"), "7"));
	CHECK(!json_equals(span("\"kato\\u0000\""), "kato"));
	strbuf_free(&b);
}

static void
depth(void)
{
	char t[20000];
	size_t at;

	for (size_t n = JSON_MAX_DEPTH - 1; n < JSON_MAX_DEPTH + 2; n++) {
		memset(t, '[', n);
		memset(t + n, ']', n);
		CHECK(json_check(t, 2 * n, &at) == (n <= JSON_MAX_DEPTH ? JSON_OK : JSON_DEPTH));
	}
	CHECK(at == JSON_MAX_DEPTH);
	memset(t, '[', sizeof t);
	CHECK(json_check(t, sizeof t, &at) == JSON_DEPTH);
	for (size_t i = 0; i < sizeof t; i++)
		t[i] = "{\"a\":"[i % 5];
	CHECK(json_check(t, sizeof t, &at) == JSON_DEPTH);
}

/* Inside by a cursor: keys, values, what is entered and what is taken whole. */
static void
cursors(void)
{
	struct span v = span("{ \"a\" : [ 1 , {\"x\":\"]\\\"}\"} , [] ] ,\"\\u0062\":{},\"c\":-2e3}"), key;
	struct json_cursor c = json_cursor(v);
	bool escaped;

	CHECK(json_at(&c, '{') && !json_at(&c, '['));
	json_enter(&c);
	CHECK(json_key(&c, &key, &escaped) && !escaped && json_at(&c, '['));
	CHECK_STR(text(key), "\"a\"");
	json_enter(&c);
	CHECK(json_element(&c) && json_at(&c, '0'));
	CHECK_STR(text(json_take(&c)), "1");
	CHECK(json_element(&c));
	CHECK_STR(text(json_take(&c)), "{\"x\":\"]\\\"}\"}");
	CHECK(json_element(&c) && json_at(&c, '['));
	json_enter(&c);
	CHECK(!json_element(&c));
	CHECK(!json_element(&c));
	CHECK(json_key(&c, &key, &escaped) && escaped && json_equals(key, "b"));
	json_enter(&c);
	CHECK(!json_key(&c, &key, &escaped));
	CHECK(json_key(&c, &key, &escaped) && !escaped);
	CHECK_STR(text(json_take(&c)), "-2e3");
	CHECK(!json_key(&c, &key, &escaped));
	CHECK(c.p == v.p + v.len && c.p == c.end);
}

/* The members of the object, noted while it is checked. */
static void
tops(void)
{
	struct json_top top;
	char t[400] = "{";
	const char *s = " { \"a\" : {\"x\":1} , \"b\":[2 ] ,\"a\":\"c\"} ";
	size_t at;

	CHECK(json_check_top(s, strlen(s), &at, &top) == JSON_OK && top.n == 3 && !top.more);
	CHECK_STR(text(top.key[0]), "\"a\"");
	CHECK_STR(text(top.value[0]), "{\"x\":1}");
	CHECK_STR(text(top.value[1]), "[2 ]");
	CHECK_STR(text(top.value[2]), "\"c\"");
	CHECK(json_check_top("{}", 2, &at, &top) == JSON_OK && top.n == 0);
	CHECK(json_check_top("[{\"a\":1}]", 9, &at, &top) == JSON_OK && top.n == 0 && !top.more);
	for (int i = 0; i < JSON_TOP; i++)
		snprintf(t + strlen(t), 20, "\"k%d\":%d,", i, i);
	t[strlen(t) - 1] = '}';
	CHECK(json_check_top(t, strlen(t), &at, &top) == JSON_OK && top.n == JSON_TOP && !top.more);
	memcpy(t + strlen(t) - 1, ",\"z\":0}", 8);
	CHECK(json_check_top(t, strlen(t), &at, &top) == JSON_OK && top.n == JSON_TOP && top.more);
}

int
main(void)
{
	size_t at;

	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
		size_t n = strlen(checks[i].text);
		char *exact = malloc(n ? n : 1);	/* no NUL behind it */

		memcpy(exact, checks[i].text, n);
		at = 0;
		CHECK(json_check(exact, n, &at) == checks[i].want);
		CHECK(at == checks[i].at);
		if (at != checks[i].at)
			fprintf(stderr, "  %s: %s at %zu\n", checks[i].text, json_strerror(json_check(exact, n, &at)), at);
		free(exact);
	}
	CHECK(json_check("1\0", 2, &at) == JSON_SYNTAX && at == 1);
	CHECK(json_check("\"\0\"", 3, &at) == JSON_SYNTAX && at == 1);
	walks();
	kinds();
	numbers();
	strings();
	depth();
	cursors();
	tops();
	return check_done();
}
