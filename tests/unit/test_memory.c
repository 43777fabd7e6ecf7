#include <stdlib.h>

#include "alertd/memory.h"
#include "check.h"

static const char rules[] =
    "alert hot\n on t\n value a\n warning > 10\n error >= 20\n say hot {value}\n resolved cool {value} {for}\n"
    "alert off\n on t\n each list\n by name\n value state\n error != on\n say {name} {value}\n resolved {name} on\n gone {name} gone {for}\n"
    "alert lost\n on beat\n by who\n value ok\n error == false\n silent every 3 10 {name} silent\n say {name} lost\n resolved {name} back {for}\n";

static bool
no_settings(const void *ctx, const char *name, double *value)
{
	(void)ctx;
	(void)name;
	(void)value;
	return false;
}

static void
a_judge(struct judge *j, const char *text)
{
	struct strbuf errors = {0};
	struct rules rs;

	judge_init(j, 100);
	CHECK(rules_parse(text, "f", no_settings, NULL, &rs, &errors));
	judge_set_rules(j, &rs, 60);
	strbuf_free(&errors);
}

/* Line i of a stream that goes up and down, and back in time once. */
static void
line_of(unsigned i, struct strbuf *out)
{
	static const char *const boxes[] = {"", "{\"name\":\"x\\u0001\\\"\",\"state\":\"off\"}", "{\"name\":\"y\",\"state\":\"on\"}"};
	unsigned s = i * 7 + (i == 300 ? 0 : i > 300 ? 4000 : 7200);

	strbuf_reset(out);
	strbuf_addf(out, "{\"type\":\"%s\",\"timestamp\":\"2026-01-01T%02u:%02u:%02uZ\",\"source\":\"%c\",\"data\":", i % 5 ? "t" : "beat", s / 3600, s / 60 % 60,
	    s % 60, 'p' + (int)(i * i % 3));
	if (i % 5)
		strbuf_addf(out, "{\"a\":%u,\"list\":[%s]}}", i * i % 31, boxes[i / 3 % 3]);
	else
		strbuf_addf(out, "{\"who\":\"%c\",\"ok\":%s,\"every\":%u}}", 'p' + (int)(i / 5 % 3), i % 4 ? "true" : "false", i % 15 ? 1000u : 9000u);
}

/* Through a file at each step, whole or by what changed: the same is told as without. */
static void
test_same(unsigned every)
{
	struct strbuf kept = {0}, line = {0}, want = {0}, got = {0}, why = {0};
	struct judge a, b;
	struct record r;

	a_judge(&a, rules);
	a_judge(&b, rules);
	for (unsigned i = 0; i < 600; i++) {
		struct recall none = {0};

		line_of(i, &line);
		strbuf_reset(&want);
		strbuf_reset(&got);
		judge_line(&a, line.s, line.len, &r, &want);
		judge_line(&b, line.s, line.len, &r, &got);
		CHECK_STR(got.len ? got.s : "", want.len ? want.s : "");
		if (b.table.dropped || i % 50 == 0) {
			strbuf_reset(&kept);
			memory_dump(&b, true, &kept);
		} else {
			memory_dump(&b, false, &kept);
		}
		if (i % every)
			continue;
		judge_free(&b);
		a_judge(&b, rules);
		CHECK(memory_load(&b, &none, kept.s, kept.len, &why));
		recall_free(&none);
	}
	CHECK(a.messages > 100 && a.messages == b.messages);
	judge_free(&a);
	judge_free(&b);
	strbuf_free(&kept);
	strbuf_free(&line);
	strbuf_free(&want);
	strbuf_free(&got);
	strbuf_free(&why);
}

static const char *const wrong[] = {
	"x", "{\"messages\":-1}", "{\"messages\":\"1\"}", "{\"messages\":1,\"newest\":1e17}", "{\"messages\":1,\"newest\":0.5}",
	"{\"rule\":\"hot\"}", "{\"rule\":\"hot\",\"name\":\"\",\"level\":4}", "{\"rule\":\"hot\",\"name\":\"\",\"since\":\"x\"}",
	"{\"watch\":\"lost\",\"name\":1}", "{\"watch\":\"lost\",\"name\":\"x\",\"limit\":1e12}", "{\"lines\":\"x\"}",
};

static void
test_wrong(void)
{
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct strbuf why = {0};
		struct recall r = {0};
		struct judge j;

		a_judge(&j, rules);
		CHECK(!memory_load(&j, &r, wrong[i], strlen(wrong[i]), &why));
		CHECK(why.len && strstr(why.s, "line 1"));
		judge_free(&j);
		recall_free(&r);
		strbuf_free(&why);
	}
}

/* Rules that went are forgotten, others go on; a gap ends a demo and nobody is silent. */
static void
test_others(void)
{
	static const char kept[] = "{\"messages\":7,\"newest\":1767225600000}\n"
	    "{\"rule\":\"gone\",\"name\":\"\",\"level\":2,\"active\":true,\"told\":true,\"since\":1,\"spoke\":1,\"cooldown\":60000}\n"
	    "{\"rule\":\"hot\",\"name\":\"\",\"level\":2,\"active\":true,\"told\":true,\"since\":1767225600000,\"spoke\":1767225600000,\"cooldown\":60000}\n"
	    "{\"rule\":\"off\",\"name\":\"d\",\"level\":3,\"active\":true,\"told\":true,\"demo\":true,\"since\":1,\"spoke\":1,\"cooldown\":60000}\n"
	    "{\"watch\":\"gone\",\"name\":\"x\",\"level\":0,\"limit\":1000,\"heard\":1,\"due\":0,\"silent\":false}\n"
	    "{\"watch\":\"lost\",\"name\":\"x\",\"level\":0,\"limit\":1000,\"heard\":1,\"due\":0,\"silent\":false}\n"
	    "{\"of\":\"a later version\"}\n";
	struct strbuf why = {0}, out = {0};
	struct recall r = {0};
	struct judge j;
	struct record rec;
	const char *line = "{\"type\":\"t\",\"timestamp\":\"2026-01-01T00:00:05Z\",\"source\":\"t\",\"data\":{\"a\":5,\"list\":[]}}";

	a_judge(&j, rules);
	CHECK(memory_load(&j, &r, kept, sizeof kept - 1, &why));
	CHECK(j.table.n == 2 && j.messages == 7 && j.timed && j.watch[0].silence.n == 1 && !r.on);
	judge_gap(&j);
	CHECK(j.table.n == 1 && !j.timed && j.watch[0].silence.n == 0);
	judge_line(&j, line, strlen(line), &rec, &out);
	CHECK(out.len && strstr(out.s, "\"id\":\"alert_1767225605000_8\"") && strstr(out.s, "cool 5 5s") && !strstr(out.s, "silent"));
	judge_free(&j);
	recall_free(&r);
	strbuf_free(&why);
	strbuf_free(&out);
}

int
main(void)
{
	test_same(1);
	test_same(2);
	test_same(17);
	test_wrong();
	test_others();
	return check_done();
}
