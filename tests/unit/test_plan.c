#include "katoctl/plan.h"
#include "check.h"

/* "collect a: x y|filter b: z" */
static const char *
shown(const struct plan *p)
{
	static struct strbuf b;

	strbuf_reset(&b);
	for (size_t i = 0; i < p->n; i++) {
		strbuf_addf(&b, "%s%s %s:", i ? "|" : "", plan_word(p->v[i].kind), p->v[i].name);
		for (char **w = p->v[i].argv; *w; w++)
			strbuf_addf(&b, " [%s]", *w);
	}
	return b.s;
}

static const struct {
	const char *text, *want;
} good[] = {
	{"collect a x\nsink b y\n", "collect a: [x]|sink b: [y]"},
	{"  collect\ta  x   1  \r\n\n \t\n# comment\nsink b y # another\n", "collect a: [x] [1]|sink b: [y]"},
	{"sink b y\ncollect a x\nfilter f /bin/cat -u\nmap m jq -c .", "sink b: [y]|collect a: [x]|filter f: [/bin/cat] [-u]|map m: [jq] [-c] [.]"},
	{"feed /run/x.sock\nsink b y\n", "feed feed: [/run/x.sock]|sink b: [y]"},
	{"collect a sh -c 'x | y; z > \"q\"'\nsink b y\n", "collect a: [sh] [-c] [x | y; z > \"q\"]|sink b: [y]"},
	{"collect a \"b \\\" \\\\ \\$x \\n 'c'\" '' d\\ e f'g'\"h\"#i\nsink b y\n",
	 "collect a: [b \" \\ $x \\n 'c'] [] [d e] [fgh#i]|sink b: [y]"},
	{"collect a x $HOME ~ * ?\nsink b y\n", "collect a: [x] [$HOME] [~] [*] [?]|sink b: [y]"},
	{"collect A.b_c-9 x\nsink b y\n", "collect A.b_c-9: [x]|sink b: [y]"},
};

static const struct {
	const char *text, *want;	/* want: the whole of what is said */
} bad[] = {
	{"", "f:0: nothing writes lines; add a collect or a feed line\nf:0: nothing takes the lines; add a sink line\n"},
	{"collect a x\n", "f:1: nothing takes the lines; add a sink line\n"},
	{"sink a x\n", "f:1: nothing writes lines; add a collect or a feed line\n"},
	{"colect a x\nsink b y\n", "f:1: colect: a line begins with collect, filter, map, sink, feed or demo; did you mean collect?\n"},
	{"hello\nsink b y\n", "f:1: hello: a line begins with collect, filter, map, sink, feed or demo\n"},
	{"collect\nsink b y\n", "f:1: collect: the stage's name is missing\n"},
	{"collect a\nsink b y\n", "f:1: a: the command is missing\n"},
	{"collect a ''\nsink b y\n", "f:1: a: the command is missing\n"},
	{"collect a x\nsink a y\n", "f:2: a: a stage of this name is in line 1 already\n"},
	{"collect a/b x\nsink b y\n", "f:1: a/b: a stage's name is 1 to 32 letters, digits, dots, dashes or underscores\n"},
	{"collect -a x\nsink b y\n", "f:1: -a: a stage's name is 1 to 32 letters, digits, dots, dashes or underscores\n"},
	{"collect feed x\nsink b y\n", "f:1: feed: this name is the feed socket's; call the stage something else\n"},
	{"collect a x | y\nsink b y\n", "f:1: |: no shell reads this line; quote it, or say sh -c '…'\n"},
	{"collect a x>y\nsink b y\n", "f:1: x>: no shell reads this line; quote it, or say sh -c '…'\n"},
	{"collect a 'x y\nsink b y\n", "f:1: x y: a quote is not closed\n"},
	{"collect a \"x\\\"\nsink b y\n", "f:1: x\": a quote is not closed\n"},
	{"collect a x \\\n  y\nsink b y\n", "f:1: a backslash ends the line; a stage is one line\nf:2: y: a line begins with collect, filter, map, sink, feed or demo\n"},
	{"feed\nsink b y\n", "f:1: feed: the socket's path is missing\n"},
	{"feed x.sock\nsink b y\n", "f:1: x.sock: the socket's path must begin with /\n"},
	{"feed /a /b\nsink b y\n", "f:1: /b: feed takes one word, the socket's path\n"},
	{"feed /a\nfeed /b\nsink b y\n", "f:2: feed: one feed socket is enough; any number of writers may connect to it\n"},
	{"collect a x\ndemo\nsink b y\n", "f:2: demo: the recording is missing\n"},
	{"collect a x\ndemo r\ndemo s\nsink b y\n", "f:3: demo: one such line is enough; it may name several recordings\n"},
	{"collect a x\nsink b y\ndemo 1 2 3 4 5 6 7 8 9\n", "f:3: 9: more than 8 recordings\n"},
	{"demo r\nsink b y\n", "f:2: nothing writes lines; add a collect or a feed line\n"},
	{"collect a\033[2J x\nsink b y\n", "f:1: a?[2J: a stage's name is 1 to 32 letters, digits, dots, dashes or underscores\n"},
	{"bad1\nbad2\n", "f:1: bad1: a line begins with collect, filter, map, sink, feed or demo\n"
	                 "f:2: bad2: a line begins with collect, filter, map, sink, feed or demo\n"},
};

static void
limits(void)
{
	struct strbuf text = {0}, errs = {0};
	struct plan p;

	strbuf_adds(&text, "sink s y\n");
	for (int i = 0; i < PLAN_MAX_STAGES; i++)
		strbuf_addf(&text, "collect a%d x\n", i);
	CHECK(!plan_parse(text.s, text.len, "f", &p, &errs));
	CHECK_STR(errs.s, "f:65: collect: more than 64 stages\n");
	strbuf_reset(&text);
	strbuf_reset(&errs);
	strbuf_adds(&text, "collect a");
	for (int i = 0; i < PLAN_MAX_WORDS; i++)
		strbuf_adds(&text, " x");
	CHECK(!plan_parse(text.s, text.len, "f", &p, &errs));
	CHECK(strstr(errs.s, "too many words in this line") != NULL);
	strbuf_reset(&text);
	strbuf_reset(&errs);
	for (int i = 0; i < 30; i++)
		strbuf_adds(&text, "x\n");
	CHECK(!plan_parse(text.s, text.len, "f", &p, &errs));
	CHECK(strstr(errs.s, "f: 10 more\n") != NULL);
	strbuf_free(&text);
	strbuf_free(&errs);
}

static void
demo(void)
{
	static const char text[] = "collect a x\nfilter f y\ndemo 'one two' three\nmap m z\nsink b y\n";
	struct strbuf errs = {0};
	struct plan p;

	CHECK(plan_parse(text, sizeof text - 1, "f", &p, &errs));
	CHECK_STR(shown(&p), "collect a: [x]|filter f: [y]|map m: [z]|sink b: [y]");
	CHECK(p.demo && p.demo_at == 2);
	CHECK_STR(p.demo[0], "one two");
	CHECK_STR(p.demo[1], "three");
	CHECK(!p.demo[2]);
	plan_free(&p);
	CHECK(plan_parse(good[0].text, strlen(good[0].text), "f", &p, &errs));
	CHECK(!p.demo);
	plan_free(&p);
}

int
main(void)
{
	struct strbuf errs = {0};
	struct plan p;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		bool fine = plan_parse(good[i].text, strlen(good[i].text), "f", &p, &errs);

		CHECK(fine);
		if (!fine)
			continue;
		CHECK_STR(shown(&p), good[i].want);
		plan_free(&p);
	}
	CHECK(errs.len == 0);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		strbuf_reset(&errs);
		CHECK(!plan_parse(bad[i].text, strlen(bad[i].text), "f", &p, &errs));
		CHECK_STR(errs.s, bad[i].want);
	}
	strbuf_reset(&errs);
	CHECK(!plan_parse("sink\0b y\n", 9, "f", &p, &errs));
	CHECK(strstr(errs.s, "f:1: the line holds a NUL byte") == errs.s);
	strbuf_free(&errs);
	limits();
	demo();
	return check_done();
}
