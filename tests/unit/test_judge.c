#include "alertd/judge.h"
#include "alertd/pick.h"
#include "check.h"

static bool
no_settings(const void *ctx, const char *name, double *value)
{
	(void)ctx;
	(void)name;
	(void)value;
	return false;
}

static void
set_rules(struct judge *j, const char *text, double cooldown_s)
{
	struct strbuf errors = {0};
	struct rules rs;

	CHECK(rules_parse(text, "f", no_settings, NULL, &rs, &errors));
	if (errors.len)
		fprintf(stderr, "%s", errors.s);
	judge_set_rules(j, &rs, cooldown_s);
	strbuf_free(&errors);
}

static const char rules[] =
    "alert hot\n on t\n value a.b c\n warning > 10\n error >= 20\n say hot {value}\n resolved cool {value}\n"
    "alert off\n on t\n each list\n partial cut\n by name who\n value state\n error != on\n say {name} {value}\n resolved {name} on\n gone {name} gone\n"
    "alert sad\n on t\n each list\n by name\n value mood\n info == sad\n say {name} sad\n resolved {name} glad\n gone {name} gone\n"
    "alert lost\n on beat\n by who\n value ok\n error == false\n silent every 3 10 {name} silent\n say {name} lost\n resolved {name} back\n";

/* A line, and what it makes alertd say: the messages, joined by a comma. */
static const struct {
	const char *line, *told;
} steps[] = {
	{"{\"type\":\"t\",\"data\":{\"a\":{\"b\":99}}}", ""},	/* no time yet */
	{"{\"type\":\"t\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"data\":{\"a\":{\"b\":10},\"c\":15}}", ""},
	{"{\"type\":\"t\",\"timestamp\":\"2026-01-01T00:00:01Z\",\"data\":{\"a\":{},\"c\":15}}", "hot 15"},
	{"{\"type\":\"t\",\"timestamp\":\"2026-01-01T00:00:02Z\",\"data\":{\"a\":{\"b\":null},\"c\":25}}", "hot 25"},
	{"{\"type\":\"t\",\"timestamp\":\"2026-01-01T00:00:03Z\",\"data\":{\"a\":{\"b\":1},\"a\":{\"b\":30}}}", ""},
	{"{\"type\":\"t\",\"timestamp\":\"2026-01-01T00:00:04Z\",\"data\":{\"a\":{\"b\":30},\"\\u0061\":{\"\\u0062\":3}}}", "cool 3"},
	{"{\"type\":\"t\",\"timestamp\":\"2026-01-01T00:00:05Z\",\"data\":{\"list\":[{\"name\":\"x\",\"state\":\"off\",\"mood\":\"sad\"},7,"
	    "{\"state\":\"off\"},{\"name\":\"\",\"state\":\"off\"},{\"name\":\"y\",\"state\":\"\\u006fn\",\"mood\":\"sad\"}]}}", "x off,x sad,y sad"},
	{"{\"type\":\"t\",\"timestamp\":\"2026-01-01T00:00:06Z\",\"data\":{\"cut\":1,\"list\":[{\"name\":\"y\",\"state\":\"on\"}]}}", "x gone"},	/* sad has no partial */
	{"{\"type\":\"t\",\"timestamp\":\"2026-01-01T00:00:07Z\",\"data\":{\"cut\":false,\"list\":[{\"name\":\"y\",\"mood\":\"so\"}]}}", "x gone,y glad"},
	{"{\"type\":\"t\",\"timestamp\":\"2026-01-01T00:00:08Z\",\"data\":{\"list\":[{\"name\":\"z\",\"state\":\"off\"}],\"list\":[]}}", ""},
	{"{\"type\":\"beat\",\"timestamp\":\"2026-01-01T00:00:10Z\",\"source\":\"s\",\"data\":{\"who\":\"s\",\"ok\":true,\"every\":4000}}", ""},
	{"{\"type\":\"u\",\"timestamp\":\"2026-01-01T00:00:21.999Z\",\"data\":0}", ""},
	{"{\"type\":\"u\",\"timestamp\":\"2026-01-01T00:00:22Z\",\"data\":0}", "s silent"},
	{"{\"type\":\"u\",\"timestamp\":\"2026-01-01T00:00:23Z\",\"source\":\"\\u0073\",\"data\":0}", "s back"},
	{"{\"type\":\"beat\",\"timestamp\":\"2026-01-01T00:01:40Z\",\"source\":\"s\",\"data\":{\"who\":\"s\",\"ok\":false}}", "s lost"},
	{"not json", ""},
	{"{\"type\":\"system_alert\",\"timestamp\":\"2030-01-01T00:00:00Z\"}", ""},
};

/* The messages of the alerts in out, joined. */
static void
messages(const struct strbuf *out, struct strbuf *to)
{
	static const char mark[] = "\"message\":\"";
	const char *p = out->len ? out->s : "";

	strbuf_reset(to);
	strbuf_adds(to, "");
	while ((p = strstr(p, mark))) {
		p += sizeof mark - 1;
		if (to->len)
			strbuf_addc(to, ',');
		strbuf_add(to, p, strcspn(p, "\""));
	}
}

static void
test_steps(void)
{
	static const char last[] = "{\"type\":\"beat\",\"timestamp\":\"2026-01-01T00:01:41Z\",\"data\":{\"who\":\"s\",\"ok\":true}}";
	struct strbuf out = {0}, got = {0};
	struct record r;
	struct judge j;

	judge_init(&j, 100);
	set_rules(&j, rules, 60);
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		strbuf_reset(&out);
		judge_line(&j, steps[i].line, strlen(steps[i].line), &r, &out);
		messages(&out, &got);
		CHECK_STR(got.s, steps[i].told);
		CHECK(!out.len || out.s[out.len - 1] == '\n');
	}
	CHECK(j.unstamped == 1 && j.steps == 0);
	/* the same rules but one: what fires goes on, the rest is forgotten */
	set_rules(&j, "alert other\n on t\n error always\n event\n say o\nalert lost\n on beat\n by who\n value ok\n error == false\n say l\n resolved {name} at last\n", 60);
	CHECK(j.table.n == 1);
	strbuf_reset(&out);
	judge_line(&j, last, strlen(last), &r, &out);
	messages(&out, &got);
	CHECK_STR(got.s, "s at last");
	judge_free(&j);
	strbuf_free(&out);
	strbuf_free(&got);
}

static void
test_long_names(void)
{
	struct strbuf line = {0}, out = {0};
	struct record r;
	struct judge j;

	judge_init(&j, 100);
	set_rules(&j, rules, 60);
	for (int n = JUDGE_NAME_MAX; n <= JUDGE_NAME_MAX + 1; n++) {
		strbuf_reset(&line);
		strbuf_addf(&line, "{\"type\":\"t\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"data\":{\"cut\":1,\"list\":[{\"state\":\"off\",\"name\":\"%0*d\"}]}}", n, 7);
		strbuf_reset(&out);
		judge_line(&j, line.s, line.len, &r, &out);
		CHECK((out.len > 0) == (n == JUDGE_NAME_MAX));
	}
	CHECK(j.unnamed >= 1);
	judge_free(&j);
	strbuf_free(&line);
	strbuf_free(&out);
}

static void
test_pick(void)
{
	static const char text[] = "{\"a\":{\"b\":1,\"c\":{\"d\":2}},\"x\":[{\"n\":1},2,{\"m\":{\"k\":3},\"n\":4}],\"e\":[{\"a\":1}]}";
	struct pick p = {0};
	struct pick_rows *rows = pick_each(&p, "x");
	size_t b = pick_want(&p, "a.b"), d = pick_want(&p, "a.c.d"), a = pick_want(&p, "a"), none = pick_want(&p, "a.b.c"), e = pick_want(&p, "e.a");
	size_t n = pick_want(&rows->of, "n"), k = pick_want(&rows->of, "m.k");

	CHECK(pick_want(&p, "a.b") == b && pick_each(&p, "x") == rows && p.n == 5);
	pick_walk(&p, (struct span){text, sizeof text - 1});
	CHECK(p.slot[b].len == 1 && *p.slot[b].p == '1');
	CHECK(p.slot[d].len == 1 && *p.slot[d].p == '2');
	CHECK(p.slot[a].len == 19 && *p.slot[a].p == '{');
	CHECK(!p.slot[none].p && !p.slot[e].p);
	CHECK(rows->there && !rows->cut && rows->n == 2);
	CHECK(*rows->v[n].p == '1' && !rows->v[k].p && *rows->v[rows->of.n + n].p == '4' && *rows->v[rows->of.n + k].p == '3');
	pick_walk(&p, (struct span){"{\"x\":{}}", 8});
	CHECK(!p.slot[a].p && !rows->there && rows->n == 0);
	pick_walk(&p, (struct span){"[1]", 3});
	CHECK(!p.slot[a].p && !rows->there);
	pick_free(&p);
}

int
main(void)
{
	test_steps();
	test_long_names();
	test_pick();
	return check_done();
}
