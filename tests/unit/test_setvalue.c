#include <stdlib.h>

#include "check.h"
#include "lib/setvalue.h"

struct values {
	bool b;
	long long n;
	double d;
	char *s;
	struct strlist l;
};

#define AT(m) offsetof(struct values, m)

static const struct setting boolean = {.kind = SET_BOOL, .offset = AT(b)};
static const struct setting any_int = {.kind = SET_INT, .offset = AT(n)};
static const struct setting port = {.kind = SET_INT, .offset = AT(n), .max = 65535};
static const struct setting bytes = {.kind = SET_BYTES, .offset = AT(n), .min = 1, .max = 1e15};
static const struct setting number = {.kind = SET_NUMBER, .offset = AT(d), .min = 0.1, .max = 3600};
static const struct setting any_number = {.kind = SET_NUMBER, .offset = AT(d)};
static const struct setting string = {.kind = SET_STRING, .offset = AT(s)};
static const struct setting choice = {.kind = SET_CHOICE, .offset = AT(s), .arg = "on|warn|off"};
static const struct setting list = {.kind = SET_LIST, .offset = AT(l)};

static const struct {
	const struct setting *s;
	const char *text;
	double want;
	const char *why;	/* NULL: it is good */
} numbers[] = {
	{&boolean, "true", 1, NULL}, {&boolean, "YES", 1, NULL}, {&boolean, "on", 1, NULL}, {&boolean, "1", 1, NULL},
	{&boolean, "false", 0, NULL}, {&boolean, "No", 0, NULL}, {&boolean, "off", 0, NULL}, {&boolean, "0", 0, NULL},
	{&boolean, "", 0, "must be true or false"}, {&boolean, "2", 0, "must be true or false"},
	{&any_int, "-7", -7, NULL}, {&any_int, "9223372036854775807", 9223372036854775807.0, NULL},
	{&any_int, "9223372036854775808", 0, "not a whole number"}, {&any_int, "5K", 0, "not a whole number"},
	{&any_int, "1.5", 0, "not a whole number"}, {&any_int, "", 0, "not a whole number"}, {&any_int, "x", 0, "not a whole number"},
	{&port, "0", 0, NULL}, {&port, "65535", 65535, NULL}, {&port, "65536", 0, "must be from 0 to 65535"},
	{&port, "-1", 0, "must be from 0 to 65535"},
	{&bytes, "1", 1, NULL}, {&bytes, "512K", 524288, NULL}, {&bytes, "1m", 1048576, NULL}, {&bytes, "2G", 2147483648.0, NULL},
	{&bytes, "0", 0, "must be from 1 to 1000000000000000"},
	{&bytes, "9999999999G", 0, "not a number of bytes (like 1048576, 512K, 1M)"},
	{&bytes, "1KB", 0, "not a number of bytes (like 1048576, 512K, 1M)"}, {&bytes, "K", 0, "not a number of bytes (like 1048576, 512K, 1M)"},
	{&bytes, "1T", 0, "not a number of bytes (like 1048576, 512K, 1M)"},
	{&number, "0.1", 0.1, NULL}, {&number, "3", 3, NULL}, {&number, "1e2", 100, NULL}, {&number, "0", 0, "must be from 0.1 to 3600"},
	{&number, "3600.01", 0, "must be from 0.1 to 3600"}, {&number, "nan", 0, "not a number"}, {&number, "inf", 0, "not a number"},
	{&number, "0x10", 0, "not a number"}, {&number, "3s", 0, "not a number"}, {&number, "", 0, "not a number"},
	{&any_number, "-1e-3", -0.001, NULL}, {&any_number, "1e999", 0, "not a number"},
};

static void
put_numbers(void)
{
	struct strbuf why = {0};

	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		struct values v = {.b = true, .n = 77, .d = 77};
		const struct setting *s = numbers[i].s;
		bool good;
		double got;

		strbuf_reset(&why);
		good = setvalue_put(s, &v, numbers[i].text, SETVALUE_ONE, &why);
		got = s->kind == SET_BOOL ? v.b : s->kind == SET_NUMBER ? v.d : (double)v.n;
		CHECK(good == !numbers[i].why);
		if (numbers[i].why)
			CHECK_STR(why.s, numbers[i].why);
		CHECK(got == (good ? numbers[i].want : s->kind == SET_BOOL ? 1 : 77));	/* a bad value changes nothing */
		if (got != numbers[i].want && good)
			fprintf(stderr, "  %s: %g\n", numbers[i].text, got);
	}
	strbuf_free(&why);
}

static const char *
joined(const struct strlist *l)
{
	static struct strbuf b;

	strbuf_reset(&b);
	strbuf_adds(&b, "");
	for (size_t i = 0; i < l->n; i++)
		strbuf_addf(&b, "[%s]", l->v[i]);
	return b.s;
}

static void
put_texts(void)
{
	struct values v = {0};
	struct strbuf why = {0};

	CHECK(setvalue_put(&string, &v, "a", SETVALUE_ONE, &why) && setvalue_put(&string, &v, "b,c", SETVALUE_SPLIT, &why));
	CHECK_STR(v.s, "b,c");
	setvalue_free(&string, &v);
	CHECK(!v.s);
	CHECK(setvalue_put(&choice, &v, "WARN", SETVALUE_ONE, &why));
	CHECK_STR(v.s, "warn");
	CHECK(!setvalue_put(&choice, &v, "war", SETVALUE_ONE, &why));
	CHECK_STR(why.s, "must be one of on|warn|off");
	CHECK(!setvalue_put(&choice, &v, "", SETVALUE_ONE, &why) && !setvalue_put(&choice, &v, "on|warn", SETVALUE_ONE, &why));
	CHECK_STR(v.s, "warn");
	setvalue_free(&choice, &v);
	CHECK(setvalue_put(&list, &v, "a, b ,,c ", SETVALUE_SPLIT, &why));
	CHECK_STR(joined(&v.l), "[a][b][c]");
	CHECK(setvalue_put(&list, &v, "x,y", SETVALUE_ONE, &why) && setvalue_put(&list, &v, " z", SETVALUE_ADD, &why));
	CHECK_STR(joined(&v.l), "[x,y][ z]");
	CHECK(setvalue_put(&list, &v, "", SETVALUE_SPLIT, &why));
	CHECK_STR(joined(&v.l), "");
	setvalue_free(&list, &v);
	CHECK(setvalue_put(&port, &v, "-1", SETVALUE_DEFAULT, &why) && v.n == -1);
	strbuf_free(&why);
}

static const struct {
	const char *line, *name, *value;	/* both NULL: blank; name "!": refused */
} lines[] = {
	{"", NULL, NULL}, {"  \t", NULL, NULL}, {"# A=b", NULL, NULL}, {"  # A=b", NULL, NULL},
	{"A=b", "A", "b"}, {"  A_1=b c \t\r", "A_1", "b c"}, {"A=", "A", ""}, {"A=\"b c\"", "A", "b c"}, {"A='b'", "A", "b"},
	{"A=\"b'", "A", "\"b'"}, {"A=\"", "A", "\""}, {"A=\"\"", "A", ""}, {"A=b=c", "A", "b=c"}, {"A=b # c", "A", "b # c"},
	{"export A=b", "A", "b"}, {"A= b", "A", "b"}, {"A=\"b\" \"c\"", "A", "b\" \"c"},
	{"A", "!", NULL}, {"=b", "!", NULL}, {"A B=c", "!", NULL}, {"A =b", "!", NULL}, {"A-B=c", "!", NULL}, {"\xef\xbb\xbf" "A=b", "!", NULL},
};

static void
split_lines(void)
{
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		char *copy = strdup(lines[i].line), *name, *value;
		bool good = setvalue_split_line(copy, &name, &value);

		if (lines[i].name && *lines[i].name == '!') {
			CHECK(!good);
		} else if (!lines[i].name) {
			CHECK(good && !name);
		} else {
			CHECK(good && name && value);
			CHECK_STR(name, lines[i].name);
			CHECK_STR(value, lines[i].value);
		}
		free(copy);
	}
}

int
main(void)
{
	put_numbers();
	put_texts();
	split_lines();
	return check_done();
}
