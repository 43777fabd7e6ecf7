#include <math.h>

#include "broadcaster/track.h"
#include "check.h"

static const int64_t T = 1795212000000;	/* a whole minute */

static int
count(const char *s)
{
	int n = 0;

	for (; (s = strstr(s, "timestamp")); s++)
		n++;
	return n;
}

static const char *
json(const struct track *t, int64_t from, int64_t to)
{
	static struct strbuf b;

	strbuf_reset(&b);
	track_json(t, from, to, &b);
	return b.s;
}

static void
few_points_come_as_they_are(void)
{
	struct track t = {0};

	CHECK_STR(json(&t, 0, T), "[]");
	track_add(&t, T, 45.2);
	track_add(&t, T + 3219, 7);
	track_add(&t, T + 1500, 0.000012);	/* late */
	track_add(&t, T + 4000, -0.5);
	track_add(&t, T + 5000, NAN);
	track_add(&t, T + 5000, INFINITY);
	track_add(&t, -5, 1);
	track_add(&t, T + 6000, 3e15);
	CHECK_STR(json(&t, T - 1, T + 60000),
	    "[{\"timestamp\":1795212000,\"value\":45.2},{\"timestamp\":1795212001.500,\"value\":0.000012},"
	    "{\"timestamp\":1795212003.219,\"value\":7},{\"timestamp\":1795212004,\"value\":-0.5},"
	    "{\"timestamp\":1795212006,\"value\":3000000000000000}]");
	CHECK_STR(json(&t, T, T + 1500), "[{\"timestamp\":1795212001.500,\"value\":0.000012}]");
	track_free(&t);
	CHECK(!t.n && !t.points);
}

static void
many_are_averaged(void)
{
	struct track t = {0};
	const char *s;

	for (int i = 0; i < 86400; i++)
		track_add(&t, T + i * 1000LL, i % 2 ? 10 : 20);
	CHECK(t.n == TRACK_POINTS);
	s = json(&t, T + 86399000 - 600000, T + 86399000);
	CHECK(count(s) == 600 && strstr(s, "\"value\":20}") && !strstr(s, "\"value\":15}"));
	s = json(&t, T + 86399000 - 700000, T + 86399000);
	CHECK(count(s) <= 600 && count(s) > 300);
	s = json(&t, T + 86399000 - 3600000, T + 86399000);
	CHECK(count(s) <= 600 && count(s) > 150 && strstr(s, "\"value\":15}"));
	s = json(&t, T - 1, T + 86399000);
	CHECK(count(s) <= 600 && count(s) > 550 && strstr(s, "\"value\":15}") && !strstr(s, "\"value\":0}"));
	s = json(&t, T - 30 * 86400000LL, T + 86399000);
	CHECK(count(s) <= 600 && count(s) > 0);
	s = json(&t, T + 30 * 86400000LL, T + 31 * 86400000LL);
	CHECK_STR(s, "[]");
	/* a day later everything old is gone */
	track_add(&t, T + 3 * 86400000LL, 1);
	CHECK(count(json(&t, T + 2 * 86400000LL, T + 3 * 86400000LL)) == 1);
	track_add(&t, T, 1);
	CHECK(count(json(&t, T + 2 * 86400000LL, T + 3 * 86400000LL)) == 1);
	track_free(&t);
}

static void
gaps_stay_gaps(void)
{
	struct track t = {0};
	const char *s;

	for (int i = 0; i < 2000; i++)
		track_add(&t, T + i * 3000LL, 4);
	for (int i = 0; i < 1000; i++)
		track_add(&t, T + 7200000 + i * 3000LL, 8);
	s = json(&t, T - 1, T + 10200000);
	CHECK(count(s) > 300 && count(s) <= 600 && strstr(s, "\"value\":4}") && strstr(s, "\"value\":8}") && !strstr(s, "\"value\":6}"));
	CHECK_STR(json(&t, T + 6100000, T + 7100000), "[]");
	track_free(&t);
}

int
main(void)
{
	few_points_come_as_they_are();
	many_are_averaged();
	gaps_stay_gaps();
	return check_done();
}
