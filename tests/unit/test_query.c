#include "broadcaster/query.h"
#include "check.h"

static const struct query q = {9, {"minutes=10", "minutes=20", "level=error", "empty=", "flag", "since=41", "big=99999999999999999999",
    "neg=-1", "bad=\x1b[31m\xff"}};

static const struct {
	const char *name;
	bool ok;
	long long want;
	const char *why;
} ints[] = {
	{"minutes", true, 20, NULL},
	{"absent", true, 7, NULL},
	{"empty", true, 7, NULL},
	{"flag", true, 7, NULL},
	{"minute", true, 7, NULL},
	{"level", false, 7, "level: \"error\" is not a whole number from 5 to 1440"},
	{"big", false, 7, "big: \"99999999999999999999\" is not a whole number from 5 to 1440"},
	{"neg", false, 7, "neg: \"-1\" is not a whole number from 5 to 1440"},
	{"bad", false, 7, "bad: \"\\u001b[31m\xef\xbf\xbd\" is not a whole number from 5 to 1440"},
};

static const struct {
	const char *since;
	bool ok;
	uint64_t offset;
	int64_t ms;
} places[] = {
	{"since=", true, 0, INT64_MIN},
	{"since=0", true, 0, INT64_MIN},
	{"since=41", true, 41, INT64_MIN},
	{"since=18446744073709551615", true, UINT64_MAX, INT64_MIN},
	{"since=e1:41", true, 41, INT64_MIN},
	{"since=e2:41", true, 0, INT64_MIN},
	{"since=2026-11-20T22:04:45.219Z", true, 0, 1795212285219},
	{"since=2026-11-20T22:04:45", false, 0, 0},
	{"since=yesterday", false, 0, 0},
	{"since=-1", false, 0, 0},
	{"since=e1:", false, 0, 0},
	{"since=18446744073709551616", false, 0, 0},
	{"since=1e3", false, 0, 0},
};

static const struct {
	const char *text;
	bool ok;
	long long want;
} clamped[] = {
	{"n=3", true, 3}, {"n=", true, 5}, {"m=3", true, 5}, {"n=0", true, 1}, {"n=-7", true, 1}, {"n=50", true, 50}, {"n=51", true, 50},
	{"n=99999999999999999999", true, 50}, {"n=-99999999999999999999", true, 1}, {"n=-", false, 0}, {"n=x", false, 0}, {"n=1.0", false, 0},
	{"n=+1", false, 0}, {"n= 1", false, 0},
};

static const struct {
	const char *text;
	bool ok, want;
} flags[] = {
	{"n=true", true, true}, {"n=True", true, true}, {"n=1", true, true}, {"n=on", true, true}, {"n=false", true, false}, {"n=0", true, false},
	{"n=OFF", true, false}, {"n=", true, false}, {"m=1", true, false}, {"n=2", false, false}, {"n=truee", false, false},
};

static void
more(struct strbuf *why)
{
	static const char long_name[] = "n=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
	const char *word;
	long long v;
	bool flag;

	for (size_t i = 0; i < sizeof clamped / sizeof clamped[0]; i++) {
		const struct query one = {1, {clamped[i].text}};

		CHECK(query_clamped(&one, "n", 1, 50, 5, &v, why) == clamped[i].ok && (!clamped[i].ok || v == clamped[i].want));
	}
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		const struct query one = {1, {flags[i].text}};

		CHECK(query_flag(&one, "n", &flag, why) == flags[i].ok && flag == flags[i].want);
	}
	CHECK(query_name(&(struct query){1, {"n=load_balancer-2.x"}}, "n", &word, why) && !strcmp(word, "load_balancer-2.x"));
	CHECK(query_name(&(struct query){1, {"n="}}, "n", &word, why) && !word);
	CHECK(!query_name(&(struct query){1, {long_name}}, "n", &word, why));
	CHECK(!query_name(&(struct query){1, {"n=a b"}}, "n", &word, why) && !query_name(&(struct query){1, {"n=\""}}, "n", &word, why));
}

int
main(void)
{
	struct strbuf why = {0};
	struct query_since since;
	const char *word;
	long long v;

	for (size_t i = 0; i < sizeof ints / sizeof ints[0]; i++) {
		strbuf_reset(&why);
		CHECK(query_int(&q, ints[i].name, 5, 1440, 7, &v, &why) == ints[i].ok && v == ints[i].want);
		if (ints[i].why)
			CHECK_STR(why.s, ints[i].why);
	}
	CHECK(query_int(&q, "minutes", 20, 20, 7, &v, &why) && v == 20);
	CHECK(!query_int(&q, "minutes", 21, 30, 7, &v, &why) && !query_int(&q, "minutes", 1, 19, 7, &v, &why));
	strbuf_reset(&why);
	CHECK(query_choice(&q, "level", "info|warning|error", &word, &why) && !strcmp(word, "error"));
	CHECK(query_choice(&q, "absent", "info|warning", &word, &why) && !word);
	CHECK(!query_choice(&q, "level", "info|warning|errors|erro", &word, &why));
	CHECK_STR(why.s, "level: \"error\" is not one of info, warning, errors, erro");
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		const struct query one = {1, {places[i].since}};
		bool ok = query_since(&one, "e1", &since, &why);

		CHECK(ok == places[i].ok);
		if (ok)
			CHECK(since.offset == places[i].offset && since.ms == places[i].ms);
	}
	more(&why);
	strbuf_free(&why);
	return check_done();
}
