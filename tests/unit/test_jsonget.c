#include "check.h"
#include "lib/jsonget.h"

static const struct {
	const char *text;
	int good;
} texts[] = {
	{"{}", 1}, {" {\"a\":1} \r\n\t", 1}, {"[1,2]", 1}, {"7", 1}, {"null", 1},
	{"", 0}, {"{", 0}, {"{} x", 0}, {"{}{}", 0}, {"{\"a\":}", 0}, {"<html>", 0},
};

static const char doc[] = "{\"cpu_stats\":{\"cpu_usage\":{\"total_usage\":9007199254740993,\"mode\":\"user\"},\"n\":null},"
			  "\"big\":1e400,\"list\":[{\"a\":1}],\"Name\":\"upper\",\"name\":\"lower\",\"t\":true}";

int
main(void)
{
	cJSON *t;
	double d = 7;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		t = jsonget_parse(texts[i].text, strlen(texts[i].text));
		CHECK(!t == !texts[i].good);
		cJSON_Delete(t);
	}
	t = jsonget_parse("{\"a\":12345", 8);
	CHECK(!t);
	t = jsonget_parse("{\"a\":1}}}", 7);	/* its length counts */
	CHECK(t);
	cJSON_Delete(t);
	t = jsonget_parse(doc, sizeof doc - 1);
	CHECK(jsonget_number(t, "cpu_stats.cpu_usage.total_usage", &d) && d == 9007199254740992);
	CHECK_STR(jsonget_string(t, "cpu_stats.cpu_usage.mode"), "user");
	CHECK_STR(jsonget_string(t, "name"), "lower");
	CHECK_STR(jsonget_string(t, "Name"), "upper");
	d = 7;
	CHECK(!jsonget_number(t, "cpu_stats.n", &d) && !jsonget_number(t, "big", &d) && !jsonget_number(t, "name", &d) && d == 7);
	CHECK(jsonget_number_or(t, "none", 3) == 3 && jsonget_number_or(t, "big", 3) == 3);
	CHECK(!jsonget(t, "cpu_stats.n") && !jsonget(t, "cpu_stats.none.deeper") && !jsonget(t, "list.a") && !jsonget(t, ""));
	CHECK(!jsonget(NULL, "a") && !jsonget(t, "NAME") && !jsonget(t, "t.x") && cJSON_IsTrue(jsonget(t, "t")));
	CHECK(!jsonget_string(t, "t") && cJSON_IsArray(jsonget(t, "list")));
	CHECK(!jsonget(t, "a23456789012345678901234567890123456789012345678901234567890123456789"));
	cJSON_Delete(t);
	return check_done();
}
