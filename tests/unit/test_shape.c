#include "broadcaster/shape.h"

#include "check.h"

static const char *const words[] = {"up", "down", NULL}, *const from_id[] = {"id", NULL}, *const from_two[] = {"id", "text", "when", NULL};
static const char *const from_other[] = {"second", NULL}, *const from_first[] = {"first", NULL}, *const from_nothing[] = {"nowhere", "text", NULL};

static const struct dialect_field inner[] = {{"n", .kind = FIELD_NUMBER}, {"t", .kind = FIELD_TIME}, {.name = NULL}};
static const struct dialect_field
	id[] = {{"id", .kind = FIELD_ID}, {.name = NULL}},
	text[] = {{"text", .kind = FIELD_TEXT, .otherwise = "a \"b\""}, {.name = NULL}},
	word[] = {{"word", .kind = FIELD_TEXT, .words = words, .otherwise = "down"}, {.name = NULL}},
	number[] = {{"n", .kind = FIELD_NUMBER}, {.name = NULL}},
	yes[] = {{"b", .kind = FIELD_BOOL}, {.name = NULL}},
	texts[] = {{"l", .kind = FIELD_TEXTS}, {.name = NULL}},
	numbers[] = {{"m", .kind = FIELD_NUMBERS}, {.name = NULL}},
	when[] = {{"t", .kind = FIELD_TIME}, {.name = NULL}},
	object[] = {{"o", .kind = FIELD_OBJECT, .fields = inner}, {.name = NULL}},
	joined[] = {
		{"key", .kind = FIELD_TEXT, .from = from_two}, {"id", .kind = FIELD_ID}, {"name", .kind = FIELD_TEXT, .from = from_id},
		{"text", .kind = FIELD_TEXT}, {"when", .kind = FIELD_TIME}, {.name = NULL},
	},
	each_other[] = {
		{"first", .kind = FIELD_TEXT, .from = from_other}, {"second", .kind = FIELD_TEXT, .from = from_first},
		{"third", .kind = FIELD_TEXT, .from = from_nothing, .otherwise = "x"}, {.name = NULL},
	};

static const struct {
	const char *name;
	const struct dialect_field *fields;
	const char *in, *out;	/* out NULL: not fit */
} t[] = {
	{"id", id, "{\"id\":\"a\"}", "{\"id\":\"a\"}"},
	{"id with quotes", id, "{\"id\":\"a\\\"\\u00e9\"}", "{\"id\":\"a\\\"\\u00e9\"}"},
	{"id by an escaped name", id, "{\"\\u0069d\":\"a\"}", "{\"id\":\"a\"}"},
	{"the last of equal names", id, "{\"id\":7,\"id\":\"b\"}", "{\"id\":\"b\"}"},
	{"the last is no good", id, "{\"id\":\"b\",\"id\":7}", NULL},
	{"no id", id, "{}", NULL},
	{"empty id", id, "{\"id\":\"\"}", NULL},
	{"id with a NUL", id, "{\"id\":\"a\\u0000\"}", NULL},
	{"id null", id, "{\"id\":null}", NULL},
	{"id in an array", id, "[{\"id\":\"a\"}]", NULL},
	{"id alone", id, "\"a\"", NULL},
	{"text", text, "{\"text\":\"\"}", "{\"text\":\"\"}"},
	{"other text", text, "{\"text\":1}", "{\"text\":\"a \\\"b\\\"\"}"},
	{"word", word, "{\"word\":\"up\"}", "{\"word\":\"up\"}"},
	{"another word", word, "{\"word\":\"Up\"}", "{\"word\":\"down\"}"},
	{"number", number, "{\"n\":-1.50e2}", "{\"n\":-1.50e2}"},
	{"large", number, "{\"n\":1e999}", "{\"n\":0}"},
	{"small", number, "{\"n\":1e-999}", "{\"n\":1e-999}"},
	{"text for a number", number, "{\"n\":\"1\"}", "{\"n\":0}"},
	{"bool", yes, "{\"b\":true}", "{\"b\":true}"},
	{"number for a bool", yes, "{\"b\":1}", "{\"b\":false}"},
	{"texts", texts, "{\"l\":[ \"a\" , 1,null,[\"b\"],{\"c\":\"d\"},\"e\"]}", "{\"l\":[\"a\",\"e\"]}"},
	{"object for texts", texts, "{\"l\":{\"a\":\"b\"}}", "{\"l\":[]}"},
	{"no texts", texts, "{}", "{\"l\":[]}"},
	{"numbers", numbers, "{\"m\":{\"a\":1.0,\"b\":\"2\",\"c\":1e999,\"d\":-0}}", "{\"m\":{\"a\":1.0,\"d\":-0}}"},
	{"array for numbers", numbers, "{\"m\":[1]}", "{\"m\":{}}"},
	{"time", when, "{\"t\":\"2026-11-20T22:04:45+01:00\"}", "{\"t\":\"2026-11-20T22:04:45+01:00\"}"},
	{"no time", when, "{\"t\":\"yesterday\"}", "{\"t\":\"1970-01-01T00:00:01.000Z\"}"},
	{"object", object, "{\"o\":{\"n\":1e999,\"x\":[1]}}", "{\"o\":{\"n\":0,\"t\":\"1970-01-01T00:00:01.000Z\",\"x\":[1]}}"},
	{"no object", object, "{\"o\":[]}", "{\"o\":{\"n\":0,\"t\":\"1970-01-01T00:00:01.000Z\"}}"},
	{"joined", joined, "{\"id\":\"a\\\"\",\"text\":\"b\"}",
	    "{\"key\":\"a\\\"_b_1970-01-01T00:00:01.000Z\",\"id\":\"a\\\"\",\"name\":\"a\\\"\",\"text\":\"b\",\"when\":\"1970-01-01T00:00:01.000Z\"}"},
	{"joined without one", joined, "{\"id\":\"a\",\"name\":\"\",\"key\":9}",
	    "{\"key\":\"a_1970-01-01T00:00:01.000Z\",\"id\":\"a\",\"name\":\"a\",\"text\":\"\",\"when\":\"1970-01-01T00:00:01.000Z\"}"},
	{"from each other", each_other, "{\"first\":\"a\"}", "{\"first\":\"a\",\"second\":\"a\",\"third\":\"x\"}"},
	{"from nothing", each_other, "{}", "{\"first\":\"\",\"second\":\"\",\"third\":\"x\"}"},
	{"members beyond", id, "{\"x\":[1, {\"y\" : 2}],\"id\":\"a\",\"big\":9007199254740993}", "{\"id\":\"a\",\"x\":[1, {\"y\" : 2}],\"big\":9007199254740993}"},
	{"too large beyond", id, "{\"id\":\"a\",\"x\":[1,{\"y\":-1E+400}],\"e\":\"1e999\",\"z\":1e2}", "{\"id\":\"a\",\"e\":\"1e999\",\"z\":1e2}"},
	{"words beyond", id, "{\"id\":\"a\",\"e\":\"\\\"1e999\",\"t\":true,\"n\":null}", "{\"id\":\"a\",\"e\":\"\\\"1e999\",\"t\":true,\"n\":null}"},
};

static void
table(void)
{
	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		struct strbuf out = {0};
		bool fit = shape(t[i].fields, (struct span){t[i].in, strlen(t[i].in)}, 1000, &out, NULL);

		CHECK(fit == !!t[i].out);
		if (t[i].out && strcmp(out.s ? out.s : "", t[i].out) != 0)
			fprintf(stderr, "%s\n", t[i].name);
		CHECK_STR(out.s ? out.s : "", t[i].out ? t[i].out : "");
		strbuf_free(&out);
	}
}

static void
absent(void)
{
	struct strbuf out = {0};

	CHECK(shape(number, (struct span){NULL, 0}, 0, &out, NULL));
	CHECK_STR(out.s, "{\"n\":0}");
	CHECK(!shape(id, (struct span){NULL, 0}, 0, &out, NULL));
	CHECK_STR(out.s, "{\"n\":0}");
	strbuf_free(&out);
}

static void
digits(void)
{
	struct strbuf in = {0}, out = {0};

	strbuf_adds(&in, "{\"n\":1,\"x\":");
	for (int i = 0; i < 400; i++)
		strbuf_addc(&in, '7');
	strbuf_adds(&in, "}");
	CHECK(shape(number, (struct span){in.s, in.len}, 0, &out, NULL));
	CHECK_STR(out.s, "{\"n\":1}");
	strbuf_free(&in);
	strbuf_free(&out);
}

static void
places(void)
{
	static const char in[] = "{\"text\":\"b\",\"id\":\"a\"}";
	struct shape_places p;
	struct strbuf out = {0};

	strbuf_adds(&out, "before");
	CHECK(shape(joined, (struct span){in, sizeof in - 1}, 1000, &out, &p));
	CHECK(p.len[1] == 3 && !memcmp(out.s + p.at[1], "\"a\"", 3));
	CHECK(p.len[3] == 3 && !memcmp(out.s + p.at[3], "\"b\"", 3));
	CHECK(shape_field(joined, "text") == 3 && shape_field(joined, "nothing") == DIALECT_FIELDS_MAX);
	strbuf_free(&out);
}

int
main(void)
{
	table();
	absent();
	digits();
	places();
	return check_done();
}
