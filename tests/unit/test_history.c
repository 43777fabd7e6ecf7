#include "broadcaster/history.h"
#include "check.h"

static const struct event *
add(struct history *h, const char *line)
{
	struct record r;

	return record_parse(line, strlen(line), &r) == RECORD_OK ? history_add(h, &r, 1000) : NULL;
}

static const struct {
	const char *line, *message;
} messages[] = {
	{"{\"type\":\"a\",\"timestamp\":\"2026-11-20T22:04:45.219Z\"}",
	    "{\"type\":\"a\",\"timestamp\":\"2026-11-20T22:04:45.219Z\",\"offset\":1}"},
	{" {\"type\":\"a\" } \r", "{\"type\":\"a\" ,\"timestamp\":\"1970-01-01T00:00:01.000Z\",\"offset\":2}"},
	{"{\"timestamp\":\"yesterday\",\"type\":\"a\"}", "{\"timestamp\":\"1970-01-01T00:00:01.000Z\",\"type\":\"a\",\"offset\":3}"},
	{"{\"timestamp\":12,\"type\":\"a\",\"offset\":99}", "{\"timestamp\":\"1970-01-01T00:00:01.000Z\",\"type\":\"a\",\"offset\":4}"},
	{"{\"offset\":\"old\",\"timestamp\":\"2026-11-20T22:04:45+02:00\",\"type\":\"a\"}",
	    "{\"offset\":5,\"timestamp\":\"2026-11-20T20:04:45.000Z\",\"type\":\"a\"}"},
	{"{\"data\":{\"offset\":1,\"n\":9007199254740993},\"type\":\"a\",\"offset\":7}",
	    "{\"data\":{\"offset\":1,\"n\":9007199254740993},\"type\":\"a\",\"offset\":6,\"timestamp\":\"1970-01-01T00:00:01.000Z\"}"},
};

static void
message_bytes(void)
{
	struct history *h = history_new("epoch1", 100, 1 << 20);
	const struct event *e;

	for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
		e = add(h, messages[i].line);
		CHECK(e && e->offset == i + 1 && e->len == strlen(e->message) && !strcmp(e->type, "a"));
		CHECK_STR(e ? e->message : NULL, messages[i].message);
	}
	CHECK_STR(history_epoch(h), "epoch1");
	CHECK(history_at(h, 1)->ms == 1795212285219 && history_at(h, 2)->ms == 1000);
	CHECK(history_at(h, 5) && history_at(h, 5)->ms == 1795205085000);
	history_del(h);
}

static void
repeats(void)
{
	struct history *h = history_new("e", 3, 1 << 20);

	CHECK(add(h, "{\"type\":\"a\",\"id\":\"1\"}"));
	CHECK(!add(h, "{\"type\":\"a\",\"id\":\"1\",\"data\":2}"));
	CHECK(!add(h, "{\"type\":\"a\",\"id\":\"\\u0031\"}"));
	CHECK(history_newest(h) == 1);
	CHECK(add(h, "{\"type\":\"b\",\"id\":\"1\"}"));
	CHECK(add(h, "{\"type\":\"a\"}"));
	CHECK(add(h, "{\"type\":\"a\"}"));	/* pushes out a 1 */
	CHECK(add(h, "{\"type\":\"a\",\"id\":\"1\"}"));
	CHECK(add(h, "{\"type\":\"a\",\"id\":1}") && add(h, "{\"type\":\"a\",\"id\":1}"));
	CHECK(history_newest(h) == 7 && history_oldest(h) == 5);
	history_del(h);
}

static void
bounds(void)
{
	struct history *h = history_new("e", 50, 5000);
	char line[3000];
	size_t most = 0;

	CHECK(history_newest(h) == 0 && history_oldest(h) == 1 && history_reaches(h, 0) && !history_reaches(h, 1));
	CHECK(!history_at(h, 0) && !history_at(h, 1));
	for (int i = 1; i <= 1000; i++) {
		snprintf(line, sizeof line, "{\"type\":\"a\",\"id\":\"%d\",\"data\":\"%0*d\"}", i, i % 500, i);
		CHECK(add(h, line) && history_at(h, (uint64_t)i));
		if (history_bytes(h) > most)
			most = history_bytes(h);
		CHECK(history_newest(h) - history_oldest(h) < 50);
	}
	CHECK(most <= 5000 && most > 4000);
	CHECK(history_reaches(h, 1000) && history_reaches(h, history_oldest(h) - 1));
	CHECK(!history_reaches(h, history_oldest(h) - 2) && !history_reaches(h, 1001) && !history_reaches(h, UINT64_MAX));
	CHECK(!history_at(h, history_oldest(h) - 1) && history_at(h, history_oldest(h)));
	snprintf(line, sizeof line, "{\"type\":\"a\",\"data\":\"%02000d\"}", 0);
	CHECK(add(h, line) && add(h, line) && add(h, line));
	history_del(h);
	h = history_new("e", 0, 0);
	CHECK(add(h, "{\"type\":\"a\",\"id\":\"1\"}") && add(h, "{\"type\":\"a\",\"id\":\"2\"}"));
	CHECK(history_at(h, 2) && history_oldest(h) == 2);
	history_del(h);
}

/* What one process kept, another goes on with. */
static void
restored(void)
{
	struct history *a = history_new("e", 100, 1 << 20), *b = history_new("e", 100, 1 << 20);
	struct record r;

	for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++)
		CHECK(add(a, messages[i].line));
	CHECK(add(a, "{\"type\":\"b\",\"id\":\"x\",\"demo\":true}"));
	history_continue(b, 2);
	CHECK(history_newest(b) == 2 && history_oldest(b) == 3 && history_reaches(b, 2) && !history_reaches(b, 1) && !history_at(b, 2));
	for (uint64_t o = 3; o <= 7; o++) {
		const struct event *was = history_at(a, o), *is;

		CHECK(record_parse(was->message, was->len, &r) == RECORD_OK && history_restore(b, &r) && !history_restore(b, &r));
		is = history_at(b, o);
		CHECK(is && is->offset == o && is->ms == was->ms && is->demo == was->demo && is->len == was->len);
		CHECK_STR(is ? is->message : NULL, was->message);
		CHECK_STR(is ? is->type : NULL, was->type);
	}
	CHECK(history_newest(b) == 7 && history_oldest(b) == 3);
	CHECK(!add(b, "{\"type\":\"b\",\"id\":\"x\"}") && add(b, "{\"type\":\"b\",\"id\":\"y\"}")->offset == 8);
	CHECK(record_parse("{\"type\":\"a\",\"offset\":9}", 23, &r) == RECORD_OK && !history_restore(b, &r));
	history_del(a);
	history_del(b);
}

int
main(void)
{
	message_bytes();
	repeats();
	bounds();
	restored();
	return check_done();
}
