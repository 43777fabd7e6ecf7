#include <math.h>

#include "check.h"
#include "healthd/healthrules.h"

static struct rules r;

static void
reads(const char *text, const char *err)
{
	struct strbuf why = {0};

	rules_default(&r);
	CHECK(rules_read(&r, "f", text, strlen(text), &why) == !err);
	if (err)
		CHECK_STR(why.s, err);
	strbuf_free(&why);
	rules_default(&r);
}

static void
files(void)
{
	struct strbuf out = {0}, err = {0};

	reads("", NULL);
	reads("# x\n\nsigmas 3\r\n", NULL);
	reads("sigmas\nnone 3\nsigmas 0\nsigmas x\nsigmas 3 4\n",
	    "f:1: sigmas: want NAME VALUE\nf:2: none: no rule of this name\nf:3: sigmas: want 1 to 100\nf:4: sigmas: want a number\nf:5: sigmas: want NAME VALUE");
	reads("degraded_score 80\n", "f: degraded_score is above healthy_score");
	reads("sigmas nan\n", "f:1: sigmas: want a number");
	r.sigmas = 7;
	rules_write(&r, &out);
	rules_default(&r);
	CHECK(rules_read(&r, "f", out.s, out.len, &err) && r.sigmas == 7);
	rules_default(&r);
	strbuf_free(&out);
}

static void
statuses(void)
{
	CHECK(rules_status(&r, 70, STATUS_UNKNOWN) == STATUS_HEALTHY);
	CHECK(rules_status(&r, 69.9, STATUS_HEALTHY) == STATUS_DEGRADED);
	CHECK(rules_status(&r, 74, STATUS_DEGRADED) == STATUS_DEGRADED);
	CHECK(rules_status(&r, 75, STATUS_DEGRADED) == STATUS_HEALTHY);
	CHECK(rules_status(&r, 49.9, STATUS_DEGRADED) == STATUS_FAILED);
	CHECK(rules_status(&r, 54, STATUS_FAILED) == STATUS_FAILED);
	CHECK(rules_status(&r, 55, STATUS_FAILED) == STATUS_DEGRADED);
	CHECK(rules_score(&r, 0, 0) == 100 && rules_score(&r, 2, 0.1) == 70 && rules_score(&r, 20, 1) == 0 && rules_score(&r, 0, -1) == 100);
	CHECK_STR(rules_overall(&r, 0, 0, 0), "unknown");
	CHECK_STR(rules_overall(&r, 10, 3, 0), "healthy");
	CHECK_STR(rules_overall(&r, 10, 4, 0), "degraded");
	CHECK_STR(rules_overall(&r, 10, 0, 1), "critical");
}

static void
words(enum kind k, double value, const char *want)
{
	struct window w = {0};
	struct strbuf out = {0};

	window_add(&w, 0, value, 60);
	CHECK(rules_anomaly(&r, k, &w, &out) == !!want);
	if (want)
		CHECK_STR(out.s, want);
	window_free(&w);
	strbuf_free(&out);
}

static void
judges(void)
{
	struct baseline b = {0};
	struct verdict v = rules_judge(&r, KIND_LATENCY, &b, 1.5);

	CHECK(v.enters && v.expected == 1 && v.percent == 50 && v.score > 0.59 && v.score < 0.61);
	v = rules_judge(&r, KIND_LATENCY, &b, 0.8);
	CHECK(!v.enters && !v.leaves);	/* between 0.75 and 1 times the limit */
	v = rules_judge(&r, KIND_LATENCY, &b, 0.7);
	CHECK(v.leaves);
	for (int i = 0; i < 29; i++)
		baseline_add(&b, i % 2 ? 9 : 11, 1000);
	CHECK(!rules_judge(&r, KIND_OTHER, &b, 1000).enters);	/* 29 samples are not enough */
	baseline_add(&b, 9, 1000);
	v = rules_judge(&r, KIND_OTHER, &b, 14.5);
	CHECK(v.enters && fabs(v.expected - 10) < 1e-9 && fabs(v.percent - 45) < 1e-6);
	CHECK(!rules_judge(&r, KIND_OTHER, &b, 13.9).enters && rules_judge(&r, KIND_OTHER, &b, 5).enters);
	CHECK(!rules_judge(&r, KIND_OTHER, &b, 13.5).leaves && rules_judge(&r, KIND_OTHER, &b, 12.9).leaves);
	b = (struct baseline){0, 0, 100};
	CHECK(!rules_judge(&r, KIND_ERROR_RATE, &b, 0.001).enters);	/* never moved, and hardly does */
	v = rules_judge(&r, KIND_OTHER, &b, 5);
	CHECK(!v.enters && isfinite(v.percent) && isfinite(v.score));
	CHECK_STR(rules_severity(0.8), "critical");
	CHECK_STR(rules_severity(0.79), "high");
	CHECK_STR(rules_severity(0.4), "medium");
	CHECK_STR(rules_severity(0.3), "low");
}

static void
traffic(void)
{
	struct window rate = {0}, errors = {0}, latency = {0}, none = {0};
	struct traffic_verdict v;

	window_add(&rate, 0, 10, 60);
	window_add(&errors, 0, 0.06, 60);
	window_add(&latency, 0, 2, 60);
	v = rules_traffic(&r, &rate, &errors, &none);
	CHECK(v.score == 0.4 && !v.abnormal);	/* one reason is never enough */
	v = rules_traffic(&r, &rate, &errors, &latency);
	CHECK(fabs(v.score - 0.7) < 1e-9 && v.abnormal);
	CHECK_STR(v.why, "latency_spike");
	window_free(&rate);
	window_add(&rate, 0, 0.05, 60);
	v = rules_traffic(&r, &rate, &errors, &latency);
	CHECK(v.score == 1 && v.abnormal);
	v = rules_traffic(&r, &none, &none, &none);
	CHECK(v.score == 0 && !v.abnormal && !v.why);
	window_free(&rate);
	window_add(&rate, 0, 10, 60);
	CHECK_STR(rules_trend(&r, &rate), "stable");
	window_add(&rate, 60000, 11.5, 60);
	CHECK_STR(rules_trend(&r, &rate), "increasing");
	window_add(&rate, 120000, 2, 60);
	CHECK_STR(rules_trend(&r, &rate), "decreasing");
	window_free(&rate);
	window_free(&errors);
	window_free(&latency);
}

int
main(void)
{
	rules_default(&r);
	files();
	statuses();
	words(KIND_ERROR_RATE, 0.051, "high error rate 5.1%");
	words(KIND_ERROR_RATE, 0.05, NULL);
	words(KIND_LATENCY, 1.2, "high latency 1200 ms");
	words(KIND_CPU, 0.95, "CPU saturation");
	words(KIND_OTHER, 1e9, NULL);
	CHECK(rules_kind("latency_p95", 11) == KIND_LATENCY && rules_kind("cpu_usage", 9) == KIND_CPU && rules_kind("error_rates", 11) == KIND_OTHER);
	judges();
	traffic();
	return check_done();
}
