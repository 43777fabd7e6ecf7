#include <stdint.h>
#include <string.h>

#include "collectors/errorrate.h"
#include "lib/json.h"
#include "lib/strbuf.h"

enum { POINTS_KEPT = 1000, WINDOW_S = 60, POINTS_MAX = 100000, STEP_MAX = 1000000000 };

#define OURS "/metrics/kato_requests_"
#define SLOP_S 0.05	/* between the points of one request in the two counters */

static bool
is_ours(struct span point)
{
	struct strbuf path = {0};
	bool ours = json_string(json_path(point, "labels.path"), &path) && !strncmp(path.s, OURS, sizeof OURS - 1);

	strbuf_free(&path);
	return ours;
}

struct counter {
	double from, first, last, before, sum, first_step;
	bool sampled;	/* it rises by more than one from point to point */
	size_t points;
};

/* One point. A counter that falls was begun anew, with one request. False: it is no counter's. */
static bool
take_point(struct counter *c, struct span point)
{
	double value, when, step = 1;

	if (!json_number(json_member(point, "value"), &value) || !json_number(json_member(point, "timestamp"), &when) || value < 0 ||
	    ++c->points > POINTS_MAX)
		return false;
	if (c->points == 1)
		c->first = when;
	else if (value >= c->before)
		step = value - c->before;
	if (step > STEP_MAX)
		return false;
	c->last = when;
	c->sampled |= step > 1;
	c->before = value;
	if (when < c->from || is_ours(point))
		return true;
	c->sum += step;
	if (c->points == 1)
		c->first_step = step;
	return true;
}

/* False: the text is no counter's answer. */
static bool
read_counter(struct counter *c, const char *text, size_t len)
{
	struct json_iter it;
	struct span list, point;
	size_t at;

	if (json_check(text, len, &at) != JSON_OK)
		return false;
	list = json_member(json_trim(text, len), "data_points");
	if (!json_is(list, '['))
		return false;
	for (it = json_iter(list); json_next_element(&it, &point);)
		if (!take_point(c, point))
			return false;
	return true;
}

bool
errorrate_count(const char *text, size_t len, double from, double *requests, double *first)
{
	struct counter c = {.from = from};

	if (!read_counter(&c, text, len))
		return false;
	/* the first point is a request like the others, unless they are samples: then it is where they begin */
	*requests = c.sampled ? c.sum - c.first_step : c.sum;
	*first = c.first;
	return true;
}

bool
errorrate_burst(const char *total, size_t len, double *per_second)
{
	struct counter c = {0};

	if (!read_counter(&c, total, len) || c.points < 2 || c.points >= POINTS_KEPT || c.sampled || c.last - c.first >= 1)
		return false;
	*per_second = (double)c.points / WINDOW_S;
	return true;
}

struct errorrate
errorrate_of(const char *failed, size_t failed_len, const char *total, size_t total_len)
{
	struct errorrate e = {0};
	double requests, bad, first, ignored;

	e.burst = errorrate_burst(total, total_len, &e.per_second);
	if (!errorrate_count(total, total_len, 0, &requests, &first) ||
	    !errorrate_count(failed, failed_len, first - SLOP_S, &bad, &ignored) || bad > requests)
		return e;
	e.known = true;
	e.rate = requests > 0 ? bad / requests : 0;
	return e;
}
