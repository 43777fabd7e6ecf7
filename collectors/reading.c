#include "collectors/plain.h"
#include "collectors/reading.h"
#include "lib/stamp.h"

enum { METRICS, FAILED, TOTAL };
enum { LEAST_MS = 50 };

static const char *const paths[] = {
	"/metrics",
	"/metrics/kato_requests_failed?minutes=60",	/* KATO takes these minutes for seconds */
	"/metrics/kato_requests_total?minutes=60",
};

void
reading_init(struct reading *r, struct katoapi *api)
{
	*r = (struct reading){.api = api, .step = -1};
}

void
reading_free(struct reading *r)
{
	if (r->call)
		katoapi_cancel(r->call);
	strbuf_free(&r->body);
	strbuf_free(&r->failed);
	strbuf_free(&r->why);
	reading_init(r, r->api);
}

bool
reading_busy(const struct reading *r)
{
	return r->step >= 0;
}

static void on_done(void *, const struct http_reply *);

/* All questions together have the time of one. */
static void
ask(struct reading *r, int step)
{
	long left = r->api->timeout_ms - (step == METRICS ? 0 : (long)(stamp_mono() - r->begun_mono));

	r->step = step;
	r->call = katoapi_get(r->api, paths[step], left > LEAST_MS ? left : LEAST_MS, on_done, r);
}

void
reading_start(struct reading *r)
{
	strbuf_reset(&r->body);
	strbuf_reset(&r->failed);
	strbuf_reset(&r->why);
	r->over = r->answered = r->moved = false;
	r->errors = (struct errorrate){0};
	r->begun_mono = stamp_mono();
	ask(r, METRICS);
}

static void
finish(struct reading *r)
{
	r->step = -1;
	r->over = true;
	r->took_ms = stamp_mono() - r->begun_mono;
}

/* Some failures KATO tells with HTTP 200, and an "error" in the body. */
static void
take_metrics(struct reading *r, const struct http_reply *reply)
{
	struct strbuf said = {0};

	if (reply->status != 200) {
		r->result = METRICS_NONE;
		r->metrics = (struct metrics){0};
		katoapi_describe(r->api, paths[METRICS], reply, &r->why);
		return;
	}
	strbuf_addf(&r->why, "%s%s: ", r->api->shown, paths[METRICS]);
	r->result = metrics_look(&r->metrics, reply->body, reply->len, stamp_now(), stamp_mono(), &r->ms, &r->answered, &r->why);
	if (r->result == METRICS_NEW)
		strbuf_add(&r->body, reply->body, reply->len);
	if (r->result != METRICS_NONE)
		return;
	plain_error(reply->body, reply->len, &said);
	if (said.len)
		strbuf_addf(&r->why, ": %s", said.s);
	strbuf_free(&said);
}

/* True: the answer settles it, the total is not needed. */
static bool
take_failed(struct reading *r, const struct http_reply *reply)
{
	bool fast = metrics_is_fast(r->body.s, r->body.len);
	double requests, first;

	if (reply->status == 200)
		strbuf_add(&r->failed, reply->body, reply->len);
	else if (reply->status == 404)
		strbuf_adds(&r->failed, "{\"data_points\":[]}");
	else
		return !fast;
	if (!errorrate_count(r->failed.s, r->failed.len, 0, &requests, &first))
		return !fast;
	if (requests > 0 || fast || (reply->status == 404 && !r->counted))
		return false;
	r->errors.known = true;
	return true;
}

static void
take_total(struct reading *r, const struct http_reply *reply)
{
	struct errorrate *e = &r->errors;
	bool fast = metrics_is_fast(r->body.s, r->body.len);

	if (reply->status == 200) {
		*e = errorrate_of(r->failed.s ? r->failed.s : "", r->failed.len, reply->body, reply->len);
		r->counted |= e->known;
	}
	if (fast && r->moved)	/* another worker's points say nothing of this one's rate */
		e->per_second = -1;
	e->burst = fast && (e->burst || r->moved);
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
		if (r->result == METRICS_NEW) {
			ask(r, FAILED);
			return;
		}
		break;
	case FAILED:
		if (!take_failed(r, reply)) {
			ask(r, TOTAL);
			return;
		}
		break;
	case TOTAL:
		take_total(r, reply);
		break;
	}
	finish(r);
}

void
reading_write(const struct reading *r, struct strbuf *out)
{
	metrics_write(r->body.s, r->body.len, &r->errors, out);
}
