#include <stdlib.h>

#include "broadcaster/subject.h"

#include "check.h"

static const struct dialect_field none[] = {{.name = NULL}};
static const struct dialect_event events[] = {
	{"flood", "flood", none, {"river"}}, {"race", "race", none, {"from", "to"}}, {"noise", "noise", none, {NULL}}, {.type = NULL},
};
static const struct dialect d = {.name = "d", .subject = "river", .events = events};

static bool
wanted(const char *const *subjects, const char *type, const char *message)
{
	struct topics *t = topics_new();
	struct topic *v[8] = {topics_intern(t, "flood", 5)};
	struct event e = {.type = type, .message = message, .len = strlen(message)};
	struct topicset *s;
	struct subject about = {0};
	size_t n = 1;
	bool first, again;

	for (; *subjects; subjects++)
		v[n++] = topics_intern_subject(t, "river", *subjects, strlen(*subjects));
	s = topicset_new(t, v, n);
	first = subject_wanted(t, &d, s, &e, &about);
	again = subject_wanted(t, &d, s, &e, &about);
	CHECK(first == again);
	topicset_unref(t, s);
	topics_del(t);
	return first;
}
#define WANTED(type, message, ...) wanted((const char *const[]){__VA_ARGS__ NULL}, type, message)

int
main(void)
{
	CHECK(WANTED("flood", "{\"data\":{\"river\":\"a\"}}", "a", ));
	CHECK(WANTED("flood", "{\"data\":{\"river\":\"b\"}}", ));
	CHECK(!WANTED("flood", "{\"data\":{\"river\":\"b\"}}", "a", ));
	CHECK(!WANTED("flood", "{\"data\":{}}", "a", ));
	CHECK(!WANTED("flood", "{}", "a", ));
	CHECK(!WANTED("flood", "{\"data\":{\"river\":7}}", "a", ));
	CHECK(WANTED("flood", "{\"data\":{\"river\":\"\\u00e9 \\\"\"}}", "\xc3\xa9 \"", ));
	CHECK(WANTED("race", "{\"data\":{\"from\":\"x\",\"to\":\"a\"}}", "c", "a", ));
	CHECK(WANTED("race", "{\"data\":{\"from\":\"a\"}}", "a", ));
	CHECK(!WANTED("race", "{\"data\":{\"from\":\"x\",\"to\":\"y\"}}", "a", ));
	CHECK(WANTED("noise", "{\"data\":{\"river\":\"b\"}}", "a", ));
	CHECK(WANTED("other", "{\"data\":{\"river\":\"b\"}}", "a", ));
	return check_done();
}
