#include "check.h"
#include "katoctl/retime.h"

#define OLD "2026-11-20T22:04:45.219Z"
#define NEW "2027-01-01T00:00:00.000Z"

enum { MOVE = 1, NAME = 2 };
static const int64_t new_ms = 1798761600000;

static const struct {
	int how;
	const char *line, *want;
} cases[] = {
	{0, "{\"type\":\"a\",\"timestamp\":\"" OLD "\",\"id\":\"x\"}\n", "{\"type\":\"a\",\"timestamp\":\"" OLD "\",\"id\":\"x\"}\n"},
	{MOVE, " {\"type\":\"a\" ,\"timestamp\": \"" OLD "\",\"n\":9007199254740993}\r\n",
	    " {\"type\":\"a\" ,\"timestamp\": \"" NEW "\",\"n\":9007199254740993}\r\n"},
	/* other forms of the record's own stamp */
	{MOVE, "{\"type\":\"a\",\"timestamp\":\"2026-11-20T22:04:45+00:00\",\"x\":\"2026-11-20T22:04:45+00:00\"}",
	    "{\"type\":\"a\",\"timestamp\":\"" NEW "\",\"x\":\"2026-11-20T22:04:45+00:00\"}"},
	/* nested ones keep their distance */
	{MOVE, "{\"since\":\"2026-11-20T22:04:44.219Z\",\"type\":\"a\",\"timestamp\":\"" OLD "\",\"data\":[{\"t\":\"2026-11-20T23:04:45.220Z\"},\"" OLD "\"]}",
	    "{\"since\":\"2026-12-31T23:59:59.000Z\",\"type\":\"a\",\"timestamp\":\"" NEW "\",\"data\":[{\"t\":\"2027-01-01T01:00:00.001Z\"},\"" NEW "\"]}"},
	/* texts that only hold a stamp, names of members, what is no stamp */
	{MOVE, "{\"type\":\"a\",\"timestamp\":\"" OLD "\",\"" OLD "\" : \"at " OLD "\",\"b\":\"\\\"" OLD "\",\"c\":\"2026-13-20T22:04:45.219Z\"}",
	    "{\"type\":\"a\",\"timestamp\":\"" NEW "\",\"" OLD "\" : \"at " OLD "\",\"b\":\"\\\"" OLD "\",\"c\":\"2026-13-20T22:04:45.219Z\"}"},
	{MOVE, "{\"type\":\"a\",\"timestamp\":\"" OLD "\",\"d\":\"2026-11-20t22:04:45.219z\"}",
	    "{\"type\":\"a\",\"timestamp\":\"" NEW "\",\"d\":\"2026-11-20t22:04:45.219z\"}"},
	/* without a stamp nothing moves */
	{MOVE, "{\"type\":\"a\",\"x\":\"" OLD "\"}", "{\"type\":\"a\",\"x\":\"" OLD "\"}"},
	{MOVE, "{\"type\":\"a\",\"timestamp\":\"yesterday\",\"x\":\"" OLD "\"}", "{\"type\":\"a\",\"timestamp\":\"yesterday\",\"x\":\"" OLD "\"}"},
	/* of two the last one counts, both move */
	{MOVE, "{\"type\":\"a\",\"timestamp\":\"2026-11-20T22:04:44.219Z\",\"timestamp\":\"" OLD "\"}",
	    "{\"type\":\"a\",\"timestamp\":\"2026-12-31T23:59:59.000Z\",\"timestamp\":\"" NEW "\"}"},
	/* ids */
	{NAME, "{\"type\":\"a\",\"id\":\"x\\\"y\",\"n\":{\"id\":\"z\"}}", "{\"type\":\"a\",\"id\":\"x\\\"y~r.1\",\"n\":{\"id\":\"z\"}}"},
	{NAME, "{\"id\":\"\",\"type\":\"a\",\"timestamp\":\"" OLD "\"}\n", "{\"id\":\"~r.1\",\"type\":\"a\",\"timestamp\":\"" OLD "\"}\n"},
	{NAME, "{\"type\":\"a\",\"id\":7}", "{\"type\":\"a\",\"id\":7}"},
	{NAME, "{\"type\":\"a\",\"id\":\"first\",\"id\":\"last\"}", "{\"type\":\"a\",\"id\":\"first\",\"id\":\"last~r.1\"}"},
	{MOVE | NAME, "{\"type\":\"a\",\"id\":\"" OLD "\",\"timestamp\":\"" OLD "\"}", "{\"type\":\"a\",\"id\":\"" OLD "~r.1\",\"timestamp\":\"" NEW "\"}"},
};

int
main(void)
{
	struct strbuf b = {0};
	struct record r;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t n = strlen(cases[i].line);

		strbuf_reset(&b);
		CHECK(record_parse(cases[i].line, n, &r) == RECORD_OK);
		retime_line(&r, cases[i].line, n, cases[i].how & MOVE ? new_ms : RETIME_KEEP, cases[i].how & NAME ? "~r.1" : NULL, &b);
		CHECK_STR(b.s, cases[i].want);
	}
	strbuf_free(&b);
	return check_done();
}
