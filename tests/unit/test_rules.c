#include "alertd/rules.h"
#include "check.h"

static bool
lookup(const void *ctx, const char *name, double *value)
{
	*value = *(const double *)ctx;
	return !strcmp(name, "LIMIT");
}

static bool
parse(const char *text, struct rules *rs, struct strbuf *errors)
{
	const double limit = 42;

	strbuf_reset(errors);
	return rules_parse(text, "f", lookup, &limit, rs, errors);
}

#define HEAD "alert a\n on x\n"
#define TAIL " say s\n resolved r\n"

/* Mistakes, and the one message each gives. */
static const struct {
	const char *text, *error;
} mistakes[] = {
	{"alert\n", "f:1: alert: a rule begins with: alert NAME, of lower-case words joined by _\n"},
	{"alert Big\n on x\n error always\n" TAIL, "f:1: Big: a rule begins with: alert NAME, of lower-case words joined by _\n"},
	{"on x\n", "f:1: on: stands before the first rule; a rule begins with: alert NAME\n"},
	{HEAD " value v\n error >\n" TAIL, "f:4: >: compared with what?\n"},
	{HEAD " value v\n error always 3\n" TAIL, "f:4: always: compares with nothing\n"},
	{HEAD " value v\n error > ten\n" TAIL, "f:4: ten: not a number\n"},
	{HEAD " value v\n error > nan\n" TAIL, "f:4: nan: not a number\n"},
	{HEAD " value v\n error > $NONE\n" TAIL, "f:4: $NONE: no setting of that name; alertd --help lists them\n"},
	{HEAD " value v\n error > 1 2\n" TAIL, "f:4: 2: too much; it goes: error COMPARISON VALUE, or error always\n"},
	{HEAD " value v\n error > 1\n warning > 2\n" TAIL, "f:5: >: levels rise: info, warning, error, each once\n"},
	{HEAD " error > 1\n" TAIL, "f:1: a: compares, but lacks a line: value PATH\n"},
	{HEAD " error always\n say s\n", "f:1: a: lacks a line: resolved TEXT (or: event)\n"},
	{HEAD " error always\n event\n" TAIL, "f:1: a: is an event: nothing is ever resolved or gone\n"},
	{HEAD " error always\n each l\n by .id\n gone g\n" TAIL, "f:1: a: has each, so it needs: by PATH, inside the element\n"},
	{HEAD " error always\n by .id\n" TAIL, "f:1: a: is about things that may go, so it needs: gone TEXT\n"},
	{HEAD " error always\n round 1.5\n" TAIL, "f:4: 1.5: not a whole number\n"},
	{HEAD " error always\n round 10\n" TAIL, "f:4: 10: out of range\n"},
	{HEAD " error always\n cooldown -1\n" TAIL, "f:4: -1: out of range\n"},
	{HEAD " error always\n say\n resolved r\n", "f:4: say: something is missing; it goes: say TEXT\n"},
	{HEAD " error always\n say {\n resolved r\n", "f:4: {: no closing brace\n"},
	{HEAD " error always\n say {a b}\n resolved r\n", "f:4: {a b}: not a place; {value}, {value:1}, {value*100:1}, {name}, {for} are\n"},
	{HEAD " error always\n say {value:12}\n resolved r\n", "f:4: {value:12}: not a place; {value}, {value:1}, {value*100:1}, {name}, {for} are\n"},
	{HEAD " error always\n silent i 3 10 quiet\n" TAIL, "f:1: a: has silent, so it needs by, and neither each nor event\n"},
	{HEAD " error always\n value a b c d e\n" TAIL, "f:4: e: too much; it goes: value PATH [PATH]...\n"},
	{HEAD " error always\n value .\n" TAIL, "f:4: .: not a path like aggregated.total_cpu_percent, or .id for a member of the record itself\n"},
};

static void
test_mistakes(void)
{
	struct strbuf errors = {0};
	struct rules rs;

	for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
		CHECK(!parse(mistakes[i].text, &rs, &errors));
		CHECK_STR(errors.s, mistakes[i].error);
	}
	strbuf_free(&errors);
}

static void
test_whole(void)
{
	struct strbuf errors = {0};
	struct rules rs;
	const struct rule *r;

	CHECK(parse("# first\r\n\r\nalert a_1\r\n\ton\tx\r\n value p.q .r\n  warning > $LIMIT\n error == bad\n by name who\n with .id\n with s t\n"
	    " round 2\n cooldown 5\n silent i.ms 3 10 {name}, nothing for {for}\n say A {{ {value*100:1}% # {x.y}\n resolved  over \n gone g\n"
	    "alert b\non y\nevent\ninfo always\nsay b", &rs, &errors));
	CHECK(rs.n == 2);
	r = &rs.v[0];
	CHECK_STR(r->name, "a_1");
	CHECK_STR(r->on, "x");
	CHECK(r->line == 3 && r->nvalues == 2 && !r->value[0].top && r->value[1].top);
	CHECK_STR(r->value[0].path, "p.q");
	CHECK_STR(r->value[1].path, "r");
	CHECK(r->nlevels == 2 && r->level[0].level == LEVEL_WARNING && r->level[0].op == RULE_GT && r->level[0].number == 42 && !r->level[0].word);
	CHECK(r->level[1].level == LEVEL_ERROR && r->level[1].op == RULE_EQ);
	CHECK_STR(r->level[1].word, "bad");
	CHECK_STR(r->by_member, "who");
	CHECK(r->nwith == 2 && r->with[0].from.top);
	CHECK_STR(r->with[0].name, "id");
	CHECK_STR(r->with[1].name, "t");
	CHECK(r->decimals == 2 && r->cooldown_s == 5 && r->silent_intervals == 3 && r->silent_s == 10);
	CHECK(r->say.n == 6 && r->say.part[3].kind == TEXT_VALUE && r->say.part[3].factor == 100 && r->say.part[3].decimals == 1);
	CHECK_STR(r->say.part[0].s, "A ");
	CHECK_STR(r->say.part[4].s, "% # ");
	CHECK(r->resolved.n == 1);
	CHECK_STR(r->resolved.part[0].s, "over");
	CHECK(rs.v[1].event && rs.v[1].level[0].op == RULE_ALWAYS && rs.v[1].cooldown_s == -1);
	rules_free(&rs);
	CHECK(parse("", &rs, &errors) && rs.n == 0);
	rules_free(&rs);
	strbuf_free(&errors);
}

static size_t
count_lines(const char *p)
{
	size_t n = 0;

	while ((p = strchr(p, '\n'))) {
		p++;
		n++;
	}
	return n;
}

/* No more rules than there is room for, said once; at most 20 messages. */
static void
test_bounds(void)
{
	struct strbuf text = {0}, errors = {0};
	struct rules rs;

	for (int i = 0; i < RULES_MAX + 40; i++)
		strbuf_addf(&text, "alert r%d\n on x\n error always\n event\n say s\n", i);
	CHECK(!parse(text.s, &rs, &errors));
	CHECK_STR(errors.s, "f:1281: r256: more rules than the 256 there is room for\n");
	strbuf_reset(&text);
	for (int i = 0; i < 50; i++)
		strbuf_adds(&text, "nonsense\n");
	CHECK(!parse(text.s, &rs, &errors) && count_lines(errors.s) == 20);
	strbuf_free(&text);
	strbuf_free(&errors);
}

static struct span
path(const void *ctx, bool top, size_t slot)
{
	(void)slot;
	return top ? (struct span){"\"t\\u00e9\"", 9} : *(const struct span *)ctx;
}

static void
test_text(void)
{
	static const struct {
		const char *text, *value, *want;
	} cases[] = {
		{"{value}", "1.50", "1.50"},
		{"{value:1}", "82.25", "82.2"},
		{"{value*100:1}%", "0.0735", "7.3%"},
		{"{value*2}", "0.25", "0.5"},
		{"{value}", "\"a\\nb\"", "a\nb"},
		{"{value:1}", "\"a\"", "a"},
		{"{value}", "null", "unknown"},
		{"{value}", "{}", "unknown"},
		{"{value}", "true", "true"},
		{"{name} {for} {threshold} {threshold*100:2}", "1", "web 1h 1m 0.5 50.00"},
		{"{p.q} {.id}", "7", "7 t\xc3\xa9"},
		{"{{value}}", "7", "{value}}"},
	};
	struct strbuf out = {0};
	struct text t;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct span v = {cases[i].value, strlen(cases[i].value)};
		struct text_facts facts = {.value = v, .threshold = 0.5, .name = "web", .name_len = 3, .for_ms = 3660000, .at = path, .ctx = &v};

		strbuf_reset(&out);
		CHECK(text_parse(cases[i].text, &t, &out));
		text_render(&t, &facts, &out);
		CHECK_STR(out.s, cases[i].want);
		text_free(&t);
	}
	strbuf_free(&out);
}

static void
test_duration(void)
{
	static const struct {
		int64_t ms;
		const char *want;
	} cases[] = {{-5, "0s"}, {999, "0s"}, {59999, "59s"}, {60000, "1m 0s"}, {200000, "3m 20s"}, {3600000, "1h 0m"}, {86399000, "23h 59m"}, {90000000, "1d 1h"}};
	struct strbuf out = {0};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		strbuf_reset(&out);
		text_duration(cases[i].ms, &out);
		CHECK_STR(out.s, cases[i].want);
	}
	strbuf_free(&out);
}

int
main(void)
{
	test_mistakes();
	test_whole();
	test_bounds();
	test_text();
	test_duration();
	return check_done();
}
