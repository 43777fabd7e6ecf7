#include "check.h"
#include "collectors/errorrate.h"
#include "lib/strbuf.h"

#define P(t, v, path) "{\"timestamp\":" #t ",\"value\":" #v ",\"labels\":{\"method\":\"GET\",\"path\":\"" path "\"}}"
#define POINTS(p) "{\"metric_name\":\"x\",\"data_points\":[" p "]}"

static const struct {
	const char *text;
	double from;
	bool good;
	double requests, first;
} counts[] = {
	{POINTS(""), 0, true, 0, 0},
	{POINTS(P(100, 1, "/a")), 0, true, 1, 100},
	{POINTS(P(100, 901, "/a") "," P(101, 902, "/b") "," P(102, 903, "/a")), 0, true, 3, 100},
	/* ours do not count */
	{POINTS(P(100, 5, "/metrics/kato_requests_failed") "," P(101, 6, "/a") "," P(102, 7, "/metrics/kato_requests_total")), 0,
	    true, 1, 100},
	{POINTS(P(100, 5, "/metrics") "," P(101, 6, "/metrics/kato_other")), 0, true, 2, 100},
	/* only from a moment on */
	{POINTS(P(100, 5, "/a") "," P(101, 6, "/a") "," P(102, 7, "/a")), 101, true, 2, 100},
	/* a worker that was begun anew */
	{POINTS(P(100, 500, "/a") "," P(101, 1, "/a") "," P(102, 2, "/a")), 0, true, 3, 100},
	/* samples: what is before the first is not known */
	{POINTS(P(100, 1000, "/a") "," P(110, 1040, "/a") "," P(120, 1100, "/a")), 0, true, 100, 100},
	/* points without labels */
	{POINTS("{\"timestamp\":1,\"value\":3},{\"timestamp\":2,\"value\":4,\"labels\":null}"), 0, true, 2, 1},
	/* not KATO's */
	{"", 0, false, 0, 0},
	{"[]", 0, false, 0, 0},
	{"{}", 0, false, 0, 0},
	{"{\"data_points\":{}}", 0, false, 0, 0},
	{"{\"data_points\":null}", 0, false, 0, 0},
	{POINTS("3"), 0, false, 0, 0},
	{POINTS("{\"timestamp\":1,\"value\":\"3\"}"), 0, false, 0, 0},
	{POINTS("{\"timestamp\":1,\"value\":null}"), 0, false, 0, 0},
	{POINTS("{\"value\":1}"), 0, false, 0, 0},
	{POINTS(P(1, -3, "/a")), 0, false, 0, 0},
	{POINTS(P(1, 1e999, "/a")), 0, false, 0, 0},
	{POINTS(P(1, NaN, "/a")), 0, false, 0, 0},
	{POINTS(P(1, 1, "/a") "," P(2, 1e18, "/a")), 0, false, 0, 0},
};

static const struct {
	const char *failed, *total;
	bool known;
	double rate;
} rates[] = {
	{POINTS(""), POINTS(P(1, 1, "/a")), true, 0},
	{POINTS(""), POINTS(""), true, 0},
	{POINTS(P(2, 9, "/b")), POINTS(P(1, 91, "/a") "," P(2, 92, "/b") "," P(3, 93, "/a") "," P(4, 94, "/a")), true, 0.25},
	{POINTS(P(2, 9, "/b") "," P(4, 10, "/metrics/kato_requests_failed")),
	    POINTS(P(1, 91, "/a") "," P(2, 92, "/b") "," P(4, 93, "/metrics/kato_requests_failed")), true, 0.5},
	/* the total reaches back less far: older failures do not count; the points of one request are not quite at one time */
	{POINTS(P(1, 7, "/a") "," P(2, 8, "/a") "," P(9.98, 9, "/a")), POINTS(P(10, 91, "/a") "," P(11, 92, "/a")), true, 0.5},
	/* of two workers: no rate at all, rather than more than all */
	{POINTS(P(20, 7, "/a") "," P(21, 8, "/a")), POINTS(P(20, 91, "/a")), false, 0},
	{POINTS(P(20, 7, "/a")), POINTS(""), false, 0},
	{POINTS(""), "{\"detail\":\"x\"}", false, 0},
	{"x", POINTS(P(20, 7, "/a")), false, 0},
};

static const struct {
	const char *total;
	bool burst;
	double per_second;
} paces[] = {
	{POINTS(P(10, 3, "/a") "," P(10.002, 4, "/a") "," P(10.9, 5, "/a")), true, 0.05},
	{POINTS(P(10, 3, "/a") "," P(11, 4, "/a")), false, 0},
	{POINTS(P(10, 3, "/a") "," P(10.5, 9, "/a")), false, 0},	/* samples */
	{POINTS(P(10, 3, "/a")), false, 0},
	{POINTS(""), false, 0},
	{"{\"detail\":\"x\"}", false, 0},
};

/* A thousand points are as many as KATO keeps: they may well be one second's. */
static void
crowds(void)
{
	struct strbuf text = {0};
	double per_second = -1;

	for (int n = 999; n <= 1000; n++) {
		strbuf_reset(&text);
		strbuf_adds(&text, "{\"data_points\":[{\"timestamp\":5,\"value\":1}");
		for (int i = 2; i <= n; i++)
			strbuf_addf(&text, ",{\"timestamp\":5.%03d,\"value\":%d}", i / 2, i);
		strbuf_adds(&text, "]}");
		CHECK(errorrate_burst(text.s, text.len, &per_second) == (n < 1000));
	}
	CHECK(per_second == 999.0 / 60);
	strbuf_free(&text);
}

int
main(void)
{
	double requests, first;

	crowds();
	for (size_t i = 0; i < sizeof paces / sizeof paces[0]; i++) {
		double per_second = 0;

		CHECK(errorrate_burst(paces[i].total, strlen(paces[i].total), &per_second) == paces[i].burst);
		CHECK(per_second == paces[i].per_second);
	}

	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		bool good = errorrate_count(counts[i].text, strlen(counts[i].text), counts[i].from, &requests, &first);

		CHECK(good == counts[i].good);
		CHECK(!good || (requests == counts[i].requests && first == counts[i].first));
		if (good && (requests != counts[i].requests || first != counts[i].first))
			fprintf(stderr, "  %s: %g requests from %g\n", counts[i].text, requests, first);
	}
	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
		struct errorrate e = errorrate_of(rates[i].failed, strlen(rates[i].failed), rates[i].total, strlen(rates[i].total));

		CHECK(e.known == rates[i].known && e.rate == rates[i].rate);
		if (e.known != rates[i].known || e.rate != rates[i].rate)
			fprintf(stderr, "  %s of %s: %d %g\n", rates[i].failed, rates[i].total, e.known, e.rate);
	}
	return check_done();
}
