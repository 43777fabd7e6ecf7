#include "check.h"
#include "collectors/hint.h"

static const struct {
	const char *text;
	enum hint_kind kind;
	const char *session, *why;
} hints[] = {
	{"{\"event_type\": \"session.created\", \"timestamp\": \"2026-11-20T22:19:20.304430+00:00\", \"data\": {\"session_id\": "
	 "\"session-0390-1795213160303\", \"node_id\": \"n2\"}}", HINT_CREATED, "session-0390-1795213160303", NULL},
	{"{\"event_type\":\"session.destroyed\",\"data\":{\"session_id\":\"x\"}}", HINT_DESTROYED, "x", NULL},
	{"{\"event_type\":\"session.created\",\"data\":{\"session_id\":\"\\u00e9\\n\"}}", HINT_CREATED, "\xc3\xa9\n", NULL},
	{"{\"event_type\":\"state.snapshot\",\"data\":{\"active_sessions\":1}}", HINT_NONE, "", NULL},
	{"{\"event_type\":\"session.updated\"}", HINT_NONE, "", NULL},
	{"pong", HINT_NONE, "", NULL},
	{"", HINT_BAD, "", "not JSON"},
	{"ping", HINT_BAD, "", "not JSON"},
	{"{\"event_type\":\"session.created\"", HINT_BAD, "", "not JSON"},
	{"{\"event_type\":\"session.created\",\"data\":{\"session_id\":\"\xff\"}}", HINT_BAD, "", "not JSON"},
	{"[]", HINT_BAD, "", "no event_type"},
	{"{\"event_type\":7}", HINT_BAD, "", "no event_type"},
	{"{\"event_type\":\"session.created\"}", HINT_BAD, "", "an event without a session_id of 1 to 200 bytes"},
	{"{\"event_type\":\"session.created\",\"data\":[]}", HINT_BAD, "", "an event without a session_id of 1 to 200 bytes"},
	{"{\"event_type\":\"session.created\",\"data\":{\"session_id\":\"\"}}", HINT_BAD, "",
	 "an event without a session_id of 1 to 200 bytes"},
	{"{\"event_type\":\"session.created\",\"data\":{\"session_id\":7}}", HINT_BAD, "",
	 "an event without a session_id of 1 to 200 bytes"},
	{"{\"event_type\":\"session.created\",\"data\":{\"session_id\":\"a\\u0000b\"}}", HINT_BAD, "",
	 "an event without a session_id of 1 to 200 bytes"},
};

static void
hints_are_read(void)
{
	char text[600];
	struct hint h;

	for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++) {
		hint_read(hints[i].text, strlen(hints[i].text), &h);
		CHECK(h.kind == hints[i].kind);
		if (h.kind != hints[i].kind)
			fprintf(stderr, "  %s\n", hints[i].text);
		if (h.kind == HINT_BAD)
			CHECK_STR(h.why, hints[i].why);
		else
			CHECK_STR(h.session, hints[i].session);
	}
	hint_read(hints[0].text, strlen(hints[0].text), &h);
	CHECK(h.ms == 1795213160304);
	CHECK_STR(h.node, "n2");
	CHECK_STR(h.reason, "");
	snprintf(text, sizeof text, "{\"event_type\":\"session.created\",\"data\":{\"session_id\":\"%0300d\"}}", 1);
	hint_read(text, strlen(text), &h);
	CHECK(h.kind == HINT_BAD);
	snprintf(text, sizeof text, "{\"event_type\":\"session.created\",\"data\":{\"session_id\":\"a\",\"node_id\":\"%0300d\"}}", 1);
	hint_read(text, strlen(text), &h);
	CHECK(h.kind == HINT_CREATED && !*h.node);
}

int
main(void)
{
	hints_are_read();
	return check_done();
}
