#include <string.h>

#include "katoctl/rows.h"
#include "check.h"

static const struct rows_column columns[] = {
	{"name", "STAGE", ROWS_LEFT}, {"state", "STATE", ROWS_LEFT}, {"lines_per_second", "LINES/S", ROWS_RIGHT},
	{"lag_seconds", "LAG", ROWS_RIGHT}, {"uptime_seconds", "UP", ROWS_RIGHT}, {"pid", "PID", ROWS_RIGHT},
};

static struct span
span(const char *s)
{
	return (struct span){s, strlen(s)};
}

static void
texts(void)
{
	static const struct {
		const char *in;
		int width;
		const char *out;
	} t[] = {
		{"plain", 0, "plain"}, {"plain", 5, "plain"}, {"plain", 4, "pla…"}, {"plain", 1, "…"}, {"", 3, ""},
		{"\033[31mred", 0, "?[31mred"}, {"\302\2337m", 0, "?7m"}, {"a\r\n\tb", 0, "a???b"}, {"\177", 0, "?"},
		{"\377\376", 0, "??"}, {"\xed\xa0\x80", 0, "???"}, {"\342\200\256evil", 0, "?evil"}, {"\357\273\277x", 0, "?x"},
		{"h\303\251llo", 5, "h\303\251llo"}, {"\346\274\242\345\255\227", 4, "\346\274\242\345\255\227"},
		{"\346\274\242\345\255\227", 3, "\346\274\242…"}, {"e\314\201", 0, "e?"},
	};

	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		struct strbuf b = {0};

		rows_text(&b, t[i].in, strlen(t[i].in), t[i].width);
		CHECK_STR(b.s ? b.s : "", t[i].out);
		strbuf_free(&b);
	}
}

static void
tables(void)
{
	static const char stages[] =
	    "[{\"name\":\"alertd\",\"state\":\"running\",\"lines_per_second\":12345.6,\"lag_seconds\":0.25,\"uptime_seconds\":3661,\"pid\":42},"
	    "{\"name\":\"x\",\"state\":\"parked\",\"lines_per_second\":0.333,\"lag_seconds\":null,\"uptime_seconds\":null,\"pid\":null}]";
	struct rows_look look = {columns, sizeof columns / sizeof columns[0], 0, false};
	struct strbuf b = {0};

	rows_table(span(stages), &look, &b);
	CHECK_STR(b.s, "STAGE   STATE    LINES/S    LAG     UP  PID\n"
		       "alertd  running    12.3K  0.25s  1h 1m   42\n"
		       "x       parked      0.33      -      -    -\n");
	strbuf_reset(&b);
	look.width = 12;
	look.colour = true;
	rows_table(span(stages), &look, &b);
	CHECK_STR(b.s, "STAGE   STAT\nalertd  \033[32mrunn\033[0m\nx       \033[1;31mpark\033[0m\n");
	strbuf_reset(&b);
	rows_summary(span(stages), &b);
	CHECK_STR(b.s, "2 stages: 1 running, 1 parked");
	strbuf_free(&b);
}

static void
last_words(void)
{
	struct strbuf b = {0};

	rows_last_words(span("[{\"name\":\"a\",\"last_stderr\":\"a: error: no\"},{\"name\":\"b\",\"last_stderr\":null},"
			     "{\"name\":\"c\",\"last_stderr\":\"\\u001b[2J boom\"},{\"last_stderr\":\"nameless\"},7]"), 9, &b);
	CHECK_STR(b.s, "a: error…\nc: ?[2J …\n");
	strbuf_free(&b);
}

static void
since(void)
{
	static const char first[] = "[{\"name\":\"a\",\"lines\":100,\"bytes\":1000},{\"name\":\"b\",\"lines\":5,\"bytes\":5}]";
	static const char second[] = "[{\"name\":\"b\",\"lines\":1,\"bytes\":1},{\"name\":\"a\",\"lines\":150,\"bytes\":2000},{\"name\":\"new\"}]";
	struct rows_since s = {0};

	rows_since_take(&s, span(first), 0);
	CHECK(s.n == 2 && !s.known);
	rows_since_take(&s, span(second), 0.5);
	CHECK(s.n == 3 && s.known);
	CHECK(s.v[1].lines_rate == 100 && s.v[1].bytes_rate == 2000);
	CHECK(s.v[0].lines_rate == 0);	/* began anew: nothing is known */
	CHECK(s.v[2].lines_rate == 0);
	rows_since_take(&s, span("[]"), 1);
	CHECK(s.n == 0);
	rows_since_free(&s);
}

int
main(void)
{
	texts();
	tables();
	last_words();
	since();
	return check_done();
}
