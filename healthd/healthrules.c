#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "healthd/healthrules.h"
#include "lib/xalloc.h"

static const double percent_max = 999999;

static const struct name {
	const char *name;
	size_t at;
	double def, min, max;
	const char *about;
} names[] = {
#define RULE(member, def, min, max, about) {#member, offsetof(struct rules, member), def, min, max, about}
	RULE(error_rate_limit, 0.05, 0, 1, "a service's error_rate above this is an anomaly"),
	RULE(latency_limit, 1.0, 0, 1e6, "seconds; any metric with latency in its name"),
	RULE(cpu_limit, 0.9, 0, 1e6, "cores; any metric with cpu in its name"),
	RULE(anomaly_penalty, 10, 0, 100, "off a score of 100, for each anomaly of the last window"),
	RULE(error_penalty, 100, 0, 1e6, "off it, times the mean error_rate of the window"),
	RULE(healthy_score, 70, 0, 100, "from this score a service is healthy"),
	RULE(degraded_score, 50, 0, 100, "from this degraded, below failed"),
	RULE(hysteresis, 5, 0, 50, "so much more is wanted to become better"),
	RULE(degraded_share, 0.3, 0, 1, "more services degraded than this: the system is"),
	RULE(sigmas, 4, 1, 100, "standard deviations from its baseline make a value an anomaly"),
	RULE(samples, 30, 2, 1e6, "which needs so many samples"),
	RULE(confirm_samples, 1, 1, 100, "so many in a row must be so far off; 2 where noise makes too many"),
	RULE(baseline_samples, 2000, 10, 1e9, "and is of about the last so many"),
	RULE(relearn_minutes, 60, 1, 1e6, "an anomaly that lasts longer becomes what is usual"),
	RULE(window_minutes, WINDOW_MINUTES, 1, WINDOW_MINUTES, "scores, traffic and trends are of so many minutes"),
	RULE(traffic_error_rate, 0.05, 0, 1, "an edge's mean error rate above this adds"),
	RULE(traffic_error_score, 0.4, 0, 1, "this to its score"),
	RULE(traffic_latency, 1.0, 0, 1e6, "a mean latency above this, in seconds,"),
	RULE(traffic_latency_score, 0.3, 0, 1, "this"),
	RULE(traffic_idle_rate, 0.1, 0, 1e9, "fewer requests a second than this"),
	RULE(traffic_idle_error_rate, 0.01, 0, 1, "with more errors than this"),
	RULE(traffic_idle_score, 0.3, 0, 1, "this"),
	RULE(traffic_abnormal_score, 0.5, 0, 1, "above this score the traffic is abnormal"),
	RULE(traffic_hysteresis, 0.1, 0, 1, "and is told anew once all were so much, as a share, on their good side"),
	RULE(trend, 0.1, 0, 10, "by so much more or less than before the traffic rises or falls"),
	RULE(forget_minutes, 60, 5, 1e6, "what is not heard of for so long, while others are, is gone"),
};

enum { NAMES = sizeof names / sizeof *names };

static double *
member(struct rules *r, const struct name *n)
{
	return (double *)(void *)((char *)r + n->at);
}

void
rules_default(struct rules *r)
{
	for (size_t i = 0; i < NAMES; i++)
		*member(r, &names[i]) = names[i].def;
}

/* NULL: fine. */
static const char *
take(struct rules *r, const char *word, const char *value, struct strbuf *why)
{
	char *end;
	double v;

	for (size_t i = 0; i < NAMES; i++) {
		if (strcmp(names[i].name, word) != 0)
			continue;
		v = strtod(value, &end);
		if (end == value || *end || !isfinite(v))
			return "want a number";
		if (v < names[i].min || v > names[i].max) {
			strbuf_addf(why, "want %g to %g", names[i].min, names[i].max);
			return why->s;
		}
		*member(r, &names[i]) = v;
		return NULL;
	}
	return "no rule of this name";
}

static void
take_line(struct rules *r, const char *file, int number, char *line, struct strbuf *err)
{
	struct strbuf why = {0};
	char *at, *word = strtok_r(line, " \t\r", &at), *value = word ? strtok_r(NULL, " \t\r", &at) : NULL;
	const char *fault;

	if (!word || *word == '#')
		return;
	fault = !value || strtok_r(NULL, " \t\r", &at) ? "want NAME VALUE" : take(r, word, value, &why);
	if (fault)
		strbuf_addf(err, "%s%s:%d: %s: %s", err->len ? "\n" : "", file, number, word, fault);
	strbuf_free(&why);
}

bool
rules_read(struct rules *r, const char *file, const char *text, size_t len, struct strbuf *err)
{
	char *copy = xmemdup0(text, len), *rest = copy, *line;
	int number = 0;

	if (strlen(copy) != len)
		strbuf_addf(err, "%s: holds a NUL byte, so it is no text", file);
	while ((line = strsep(&rest, "\n")))
		take_line(r, file, ++number, line, err);
	if (!err->len && r->degraded_score > r->healthy_score)
		strbuf_addf(err, "%s: degraded_score is above healthy_score", file);
	free(copy);
	return !err->len;
}

void
rules_write(const struct rules *r, struct strbuf *out)
{
	for (size_t i = 0; i < NAMES; i++)
		strbuf_addf(out, "# %s\n%s %g\n", names[i].about, names[i].name, *(const double *)(const void *)((const char *)r + names[i].at));
}

const char *
status_word(enum status s)
{
	static const char *const words[] = {"unknown", "healthy", "degraded", "failed"};

	return words[s];
}

bool
status_unwell(enum status s)
{
	return s == STATUS_DEGRADED || s == STATUS_FAILED;
}

static bool
has(const char *name, size_t len, const char *word)
{
	return memmem(name, len, word, strlen(word)) != NULL;
}

enum kind
rules_kind(const char *name, size_t len)
{
	if (len == 10 && !memcmp(name, "error_rate", 10))
		return KIND_ERROR_RATE;
	if (has(name, len, "latency"))
		return KIND_LATENCY;
	return has(name, len, "cpu") ? KIND_CPU : KIND_OTHER;
}

static double
limit_of(const struct rules *r, enum kind k)
{
	switch (k) {
	case KIND_ERROR_RATE: return r->error_rate_limit;
	case KIND_LATENCY: return r->latency_limit;
	case KIND_CPU: return r->cpu_limit;
	default: return INFINITY;
	}
}

bool
rules_anomaly(const struct rules *r, enum kind k, const struct window *w, struct strbuf *out)
{
	double max = window_max(w);

	if (!(max > limit_of(r, k)))
		return false;
	if (k == KIND_ERROR_RATE)
		strbuf_addf(out, "high error rate %.1f%%", 100 * max);
	else if (k == KIND_LATENCY)
		strbuf_addf(out, "high latency %.0f ms", 1000 * max);
	else
		strbuf_adds(out, "CPU saturation");
	return true;
}

double
rules_score(const struct rules *r, int anomalies, double errors)
{
	double score = 100 - r->anomaly_penalty * anomalies - r->error_penalty * errors;

	return score < 0 ? 0 : score > 100 ? 100 : score;
}

enum status
rules_status(const struct rules *r, double score, enum status was)
{
	double healthy = r->healthy_score + (status_unwell(was) ? r->hysteresis : 0);
	double degraded = r->degraded_score + (was == STATUS_FAILED ? r->hysteresis : 0);

	/* a rule that asks for more than there is would never let it go */
	if (score >= (healthy > 100 ? 100 : healthy))
		return STATUS_HEALTHY;
	return score >= degraded ? STATUS_DEGRADED : STATUS_FAILED;
}

const char *
rules_overall(const struct rules *r, size_t services, size_t degraded, size_t failed)
{
	if (!services)
		return "unknown";
	if (failed)
		return "critical";
	return (double)degraded > r->degraded_share * (double)services ? "degraded" : "healthy";
}

/* The least that counts as a deviation: what never moved must not cry at its first breath. */
static double
floor_of(enum kind k, double mean)
{
	static const double least[] = {[KIND_OTHER] = 0, [KIND_ERROR_RATE] = 0.005, [KIND_LATENCY] = 0.005, [KIND_CPU] = 0.02};
	double share = 0.02 * fabs(mean);

	return share > least[k] ? share : least[k];
}

static double
percent_of(double value, double expected)
{
	double p = expected != 0 ? 100 * (value - expected) / fabs(expected) : value > 0 ? percent_max : value < 0 ? -percent_max : 0;

	return p > percent_max ? percent_max : p < -percent_max ? -percent_max : p;
}

struct verdict
rules_judge(const struct rules *r, enum kind k, const struct baseline *b, double value)
{
	const double leave = 0.75;	/* of what it took to enter */
	double limit = limit_of(r, k), sigma = baseline_deviation(b), least = floor_of(k, b->mean), sigmas = 0, ratio;
	struct verdict v = {.expected = b->n ? b->mean : isfinite(limit) ? limit : value};

	if (sigma < least)
		sigma = least;
	if (b->n >= r->samples && sigma > 0)
		sigmas = fabs(value - b->mean) / sigma;
	ratio = isfinite(limit) && limit > 0 ? value / limit : value > limit ? 2 : 0;
	v.enters = value > limit || sigmas > r->sigmas;
	v.chance = !(value > limit);
	v.over = value > leave * limit && isfinite(limit);
	v.leaves = !v.over && !(sigmas > leave * r->sigmas);
	v.score = fmin(1, fmax(0.4 * fmax(ratio, 0), 0.4 * sigmas / r->sigmas));
	v.percent = percent_of(value, v.expected);
	return v;
}

const char *
rules_severity(double score)
{
	return score >= 0.8 ? "critical" : score >= 0.6 ? "high" : score >= 0.4 ? "medium" : "low";
}

struct traffic_verdict
rules_traffic(const struct rules *r, const struct window *rate, const struct window *errors, const struct window *latency)
{
	bool bad = window_mean(errors) > r->traffic_error_rate, slow = window_mean(latency) > r->traffic_latency;
	bool idle = rate->n && window_mean(rate) < r->traffic_idle_rate && window_mean(errors) > r->traffic_idle_error_rate;
	struct traffic_verdict v = {0};

	v.score = (bad ? r->traffic_error_score : 0) + (slow ? r->traffic_latency_score : 0) + (idle ? r->traffic_idle_score : 0);
	if (v.score > 1)
		v.score = 1;
	v.abnormal = v.score > r->traffic_abnormal_score + 1e-9;
	v.why = idle ? "traffic_drop" : slow ? "latency_spike" : bad ? "error_rate_spike" : NULL;
	return v;
}

bool
rules_traffic_calm(const struct rules *r, const struct window *rate, const struct window *errors, const struct window *latency)
{
	struct rules strict = *r;

	strict.traffic_error_rate *= 1 - r->traffic_hysteresis;
	strict.traffic_latency *= 1 - r->traffic_hysteresis;
	strict.traffic_idle_error_rate *= 1 - r->traffic_hysteresis;
	strict.traffic_idle_rate *= 1 + r->traffic_hysteresis;
	return !rules_traffic(&strict, rate, errors, latency).abnormal;
}

const char *
rules_trend(const struct rules *r, const struct window *rate)
{
	double older, newer;

	window_halves(rate, &older, &newer);
	if (rate->n < 2)
		return "stable";
	return newer > older * (1 + r->trend) ? "increasing" : newer < older * (1 - r->trend) ? "decreasing" : "stable";
}
