#include "check.h"
#include "lib/record.h"

static const struct {
	const char *line;
	enum record_result want;
} lines[] = {
	{"", RECORD_EMPTY},
	{" \r", RECORD_EMPTY},
	{"{\"type\":\"metrics\"}", RECORD_OK},
	{"{\"type\":\"metrics\"}\r", RECORD_OK},
	{" {\"a\":[1,2,{\"type\":\"x\"}],\"type\":\"a_b2\"} ", RECORD_OK},
	{"{\"type\":\"metrics\"} x", RECORD_NOT_JSON},
	{"{\"type\":\"metrics\"", RECORD_NOT_JSON},
	{"{\"type\":\"metrics\",}", RECORD_NOT_JSON},
	{"{\"type\":\"metrics\",\"n\":01}", RECORD_NOT_JSON},
	{"{\"type\":\"metrics\",\"s\":\"\xff\"}", RECORD_NOT_JSON},
	{"{\"type\":\"metrics\",\"s\":\"\\ud800\"}", RECORD_NOT_JSON},
	{"[1]", RECORD_NOT_OBJECT},
	{"3", RECORD_NOT_OBJECT},
	{"{}", RECORD_NO_TYPE},
	{"{\"type\":3}", RECORD_NO_TYPE},
	{"{\"type\":\"Metrics\"}", RECORD_NO_TYPE},
	{"{\"type\":\"a-b\"}", RECORD_NO_TYPE},
	{"{\"data\":{\"type\":\"metrics\"}}", RECORD_NO_TYPE},
};

int
main(void)
{
	struct record r;
	const char *s = "{\"ty\\u0070e\":\"sessions\",\"timestamp\":\"2026-11-20T22:04:45.219Z\",\"source\":\"x\","
	    "\"id\":\"a\",\"data\":{\"n\":9007199254740993},\"demo\":true}";

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		enum record_result got = record_parse(lines[i].line, strlen(lines[i].line), &r);

		CHECK(got == lines[i].want);
		if (got != lines[i].want)
			fprintf(stderr, "  %s: %s\n", lines[i].line, record_strerror(got));
	}
	CHECK(record_parse(s, strlen(s), &r) == RECORD_OK);
	CHECK(record_is(&r, "sessions") && !record_is(&r, "session"));
	CHECK(record_is_state(&r));
	CHECK(r.stamped && r.ms == 1795212285219 && r.demo);
	CHECK(r.data.len == 22 && !memcmp(r.data.p, "{\"n\":9007199254740993}", 22));
	CHECK(record_parse("{\"type\":\"session_event\"}", 24, &r) == RECORD_OK && !record_is_state(&r));
	CHECK(record_parse("{\"type\":\"metric\"}", 17, &r) == RECORD_OK && !record_is_state(&r));
	return check_done();
}
