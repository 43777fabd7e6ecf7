#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "lib/strbuf.h"

static const struct {
	double v;
	const char *text;
} numbers[] = {
	{0, "0"}, {-0.0, "0"}, {1, "1"}, {-1, "-1"}, {12.5, "12.5"}, {0.1, "0.1"}, {1.0 / 3, "0.3333333333333333"},
	{0.1 + 0.2, "0.30000000000000004"}, {9007199254740991, "9007199254740991"}, {9007199254740992, "9007199254740992"},
	{1e21, "1e+21"}, {1e300, "1e+300"}, {-1e-7, "-1e-07"}, {5e-324, "5e-324"}, {DBL_MIN, "2.2250738585072014e-308"},
	{DBL_MAX, "1.7976931348623157e+308"}, {INFINITY, "null"}, {-INFINITY, "null"}, {NAN, "null"}, {1795212285.219, "1795212285.219"},
};

static const struct {
	double v;
	int decimals;
	const char *text;
} rounds[] = {
	{12.345, 1, "12.3"}, {12.5, 0, "13"}, {-12.5, 0, "-13"}, {0.125, 2, "0.13"}, {-0.004, 2, "0"}, {99.999, 2, "100"},
	{1e300, 2, "1e+300"}, {3, 2, "3"}, {45.20000000001, 2, "45.2"}, {INFINITY, 2, "null"},
};

static const struct {
	const char *text;
	size_t len;
	const char *json;
} strings[] = {
	{"", 0, "\"\""},
	{"kato", 4, "\"kato\""},
	{"a\"b\\c/", 6, "\"a\\\"b\\\\c/\""},
	{"\b\f\n\r\t\x01\x1f\x7f", 8, "\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\""},
	{"a\0b", 3, "\"a\\u0000b\""},
	{"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9, "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
	{"\xff\xc3", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\""},
	{"a\xe2\x82", 3, "\"a\xef\xbf\xbd\xef\xbf\xbd\""},
	{"\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
};

static int
reads_back(void)
{
	struct strbuf b = {0};
	uint64_t bits = 88172645463325252u;
	int wrong = 0;
	double v;

	for (int i = 0; i < 200000; i++) {
		bits ^= bits << 13;
		bits ^= bits >> 7;
		bits ^= bits << 17;
		memcpy(&v, &bits, sizeof v);
		if (!isfinite(v))
			continue;
		strbuf_reset(&b);
		strbuf_addnum(&b, v);
		wrong += strtod(b.s, NULL) != v;
	}
	strbuf_free(&b);
	return wrong;
}

static void
grows(void)
{
	struct strbuf b = {0};
	char big[5000];

	memset(big, 'x', sizeof big);
	strbuf_reset(&b);
	CHECK(b.len == 0 && !b.s);
	strbuf_add(&b, NULL, 0);
	CHECK_STR(b.s, "");
	for (int i = 0; i < 300; i++)
		strbuf_addc(&b, (char)('a' + i % 26));
	CHECK(b.len == 300 && strlen(b.s) == 300 && b.s[299] == 'a' + 299 % 26);
	strbuf_reset(&b);
	CHECK_STR(b.s, "");
	strbuf_addf(&b, "%s-%d", "a", 7);
	CHECK_STR(b.s, "a-7");
	strbuf_addf(&b, "%.*s", (int)sizeof big, big);	/* longer than what was reserved */
	CHECK(b.len == 3 + sizeof big && strlen(b.s) == b.len);
	strbuf_reset(&b);
	for (size_t n = 60; n < 70; n++) {	/* about the edge of the first size */
		struct strbuf c = {0};

		strbuf_addf(&c, "%.*s", (int)n, big);
		CHECK(c.len == n && strlen(c.s) == n && c.cap > n);
		strbuf_free(&c);
	}
	strbuf_reserve(&b, 1000);
	CHECK(b.cap > 1000 && b.len == 0);
	strbuf_free(&b);
	CHECK(!b.s && !b.len && !b.cap);
	strbuf_adds(&b, "again");
	CHECK_STR(b.s, "again");
	strbuf_free(&b);
}

int
main(void)
{
	struct strbuf b = {0};

	grows();
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		strbuf_reset(&b);
		strbuf_addnum(&b, numbers[i].v);
		CHECK_STR(b.s, numbers[i].text);
	}
	for (size_t i = 0; i < sizeof rounds / sizeof rounds[0]; i++) {
		strbuf_reset(&b);
		strbuf_addround(&b, rounds[i].v, rounds[i].decimals);
		CHECK_STR(b.s, rounds[i].text);
	}
	CHECK(!signbit(round_to(-0.001, 2)));
	for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
		strbuf_reset(&b);
		strbuf_addjson(&b, strings[i].text, strings[i].len);
		CHECK_STR(b.s, strings[i].json);
	}
	CHECK(reads_back() == 0);
	strbuf_free(&b);
	return check_done();
}
