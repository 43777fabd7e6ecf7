#include "collectors/plain.h"
#include "collectors/reading.h"
#include "lib/jsonget.h"
#include "lib/stamp.h"

enum { METRICS, TOTAL, FAILED };
enum { POINTS_KEPT = 1000, LEAST_MS = 50 };	/* KATO keeps a counter's last 1000 points */

static const char *const paths[] = {
	"/metrics",
	"/metrics/kato_requests_total?minutes=60",	/* KATO takes these minutes for seconds */
	"/metrics/kato_requests_failed?minutes=60",
};

void
reading_init(struct reading *r, struct katoapi *api)
{
	*r = (struct reading){.api = api, .step = -1};
}

void
reading_clear(struct reading *r)
{
	cJSON_Delete(r->body);
	r->body = NULL;
	r->over = false;
}

void
reading_free(struct reading *r)
{
	if (r->call)
		katoapi_cancel(r->call);
	reading_clear(r);
	strbuf_free(&r->why);
	reading_init(r, r->api);
}

bool
reading_busy(const struct reading *r)
{
	return r->step >= 0;
}

static void on_done(void *, const struct http_reply *);

/* All steps together have the time of one. */
static void
ask(struct reading *r, int step)
{
	long left = r->api->timeout_ms - (long)(stamp_mono() - r->begun_ms);

	r->step = step;
	r->call = katoapi_get(r->api, paths[step], left > LEAST_MS ? left : LEAST_MS, on_done, r);
}

void
reading_start(struct reading *r)
{
	reading_clear(r);
	r->errors = (struct metrics_errors){0};
	r->since = 0;
	r->moved = r->answered = false;
	r->begun_ms = stamp_mono();
	ask(r, METRICS);
}

static void
finish(struct reading *r)
{
	r->step = -1;
	r->over = true;
	r->took_ms = stamp_mono() - r->begun_ms;
}

static cJSON *
object(const struct http_reply *reply)
{
	cJSON *body = reply->status == 200 ? jsonget_parse(reply->body, reply->len) : NULL;

	if (body && !cJSON_IsObject(body)) {
		cJSON_Delete(body);
		return NULL;
	}
	return body;
}

/* KATO tells some failures with HTTP 200 and an "error" that is not null. */
static void
take_metrics(struct reading *r, const struct http_reply *reply)
{
	cJSON *body = object(reply);

	strbuf_reset(&r->why);
	if (body && !jsonget(body, "error")) {
		r->body = body;
		return;
	}
	if (body) {
		r->answered = true;
		strbuf_addf(&r->why, "%s%s: KATO has no metrics: ", r->api->shown, paths[METRICS]);
		plain_error(reply->body, reply->len, &r->why);
	} else if (reply->status == 200) {
		strbuf_addf(&r->why, "%s%s: not a JSON object", r->api->shown, paths[METRICS]);
	} else {
		katoapi_describe(r->api, paths[METRICS], reply, &r->why);
	}
	cJSON_Delete(body);
}

/* An answer about a counter: how much it rose. 404: nothing in the window. */
static bool
rose(const struct http_reply *reply, double from, double *rise, double *first, int *points)
{
	cJSON *body;
	bool good;

	*rise = *first = 0;
	*points = 0;
	if (reply->status == 404)
		return true;
	body = object(reply);
	good = body && metrics_rise(body, from, rise, first, points);
	cJSON_Delete(body);
	return good;
}

/* Where a busy worker's 1000 requests reach back less than a minute, failures from before them do not count. */
static bool
take_total(struct reading *r, const struct http_reply *reply)
{
	double first;
	int points;

	if (r->moved || !rose(reply, 0, &r->errors.total, &first, &points) || r->errors.total <= 0)
		return false;
	r->since = points >= POINTS_KEPT ? first : 0;
	return true;
}

static void
take_failed(struct reading *r, const struct http_reply *reply)
{
	struct metrics_errors *e = &r->errors;
	double first;
	int points;

	if (r->moved || !rose(reply, r->since, &e->failed, &first, &points))
		return;
	if (e->failed > e->total)	/* some came between the two answers */
		e->failed = e->total;
	e->known = true;
}

static void
on_done(void *arg, const struct http_reply *reply)
{
	struct reading *r = arg;

	r->call = NULL;
	r->moved |= r->step != METRICS && !reply->reused;
	switch (r->step) {
	case METRICS:
		take_metrics(r, reply);
		if (r->body) {
			ask(r, TOTAL);
			return;
		}
		break;
	case TOTAL:
		if (take_total(r, reply)) {
			ask(r, FAILED);
			return;
		}
		break;
	case FAILED:
		take_failed(r, reply);
		break;
	}
	finish(r);
}
