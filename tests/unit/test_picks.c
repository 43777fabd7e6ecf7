#include "check.h"
#include "collectors/picks.h"

static struct strlist
list(const char *const *v)
{
	struct strlist l = {.v = (char **)v};	/* read only */

	while (v && v[l.n])
		l.n++;
	return l;
}

static const struct {
	const char *names[4], *labels[4], *expect[4];
	bool all;
	const char *name, *carries;
	bool want;
	const char *first_expected;	/* after that name was looked at */
} cases[] = {
	{{0}, {0}, {0}, false, "kato", "{}", true, "kato"},
	{{0}, {0}, {0}, false, "kato-redis", "{}", true, "kato"},
	{{0}, {0}, {0}, false, "mykato", "{}", false, NULL},
	{{0}, {0}, {"none"}, false, "kato", "{}", true, NULL},
	{{0}, {0}, {"db", "web"}, false, "kato", "{}", true, "db"},
	{{0}, {0}, {"db", "web"}, false, "web", "{}", true, "db"},
	{{"web-*", "db"}, {0}, {0}, false, "web-1", "{}", true, NULL},
	{{"web-*", "db"}, {0}, {0}, false, "db", "{}", true, NULL},
	{{"web-*", "db"}, {0}, {0}, false, "kato", "{}", false, NULL},
	{{"w?b[0-9]"}, {0}, {0}, false, "web7", "{}", true, NULL},
	{{0}, {"app=kato"}, {0}, false, "x", "{\"app\":\"kato\"}", true, NULL},
	{{0}, {"app=kato"}, {0}, false, "x", "{\"app\":\"katoo\"}", false, NULL},
	{{0}, {"app=kato"}, {0}, false, "kato", "{}", false, NULL},
	{{0}, {"app"}, {0}, false, "x", "{\"app\":\"\"}", true, NULL},
	{{0}, {"app="}, {0}, false, "x", "{\"app\":\"\"}", true, NULL},
	{{0}, {"a=b=c"}, {0}, false, "x", "{\"a\":\"b=c\"}", true, NULL},
	{{0}, {"app"}, {0}, false, "x", "null", false, NULL},
	{{"db"}, {"app"}, {0}, false, "db", "{}", true, NULL},
	{{"db"}, {"app"}, {0}, false, "x", "{\"app\":\"1\"}", true, NULL},
	{{0}, {0}, {0}, true, "anything", "{}", true, NULL},
};

static void
described(void)
{
	const char *two[] = {"web-*", "db", NULL}, *one[] = {"app=kato", NULL};
	struct strlist none = {0}, names = list(two), labels = list(one);
	struct picks p;
	char text[64], tiny[8];

	picks_init(&p, &none, &none, &none, false);
	picks_describe(&p, text, sizeof text);
	CHECK_STR(text, "whose name matches kato*");
	picks_describe(&p, tiny, sizeof tiny);
	CHECK_STR(tiny, "whose n");
	picks_init(&p, &names, &labels, &none, false);
	picks_describe(&p, text, sizeof text);
	CHECK_STR(text, "whose name matches web-* or db or with label app=kato");
	picks_init(&p, &names, &labels, &none, true);
	picks_describe(&p, text, sizeof text);
	CHECK_STR(text, "of any name");
}

int
main(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct strlist names = list(cases[i].names), labels = list(cases[i].labels),
		    expect = list(cases[i].expect);
		struct picks p;
		const char *e;
		bool got;

		picks_init(&p, &names, &labels, &expect, cases[i].all);
		got = picks_name(&p, cases[i].name);
		got |= picks_labels(&p, json_trim(cases[i].carries, strlen(cases[i].carries)));
		CHECK(got == cases[i].want);
		e = picks_expected(&p, 0);
		CHECK(cases[i].first_expected ? e && !strcmp(e, cases[i].first_expected) : !e);
		if (got != cases[i].want)
			fprintf(stderr, "  case %zu\n", i);
	}
	described();
	return check_done();
}
