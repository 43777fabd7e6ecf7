#include <stdlib.h>
#include <string.h>

#include "collectors/promanswer.h"
#include "collectors/plain.h"
#include "collectors/promasks.h"
#include "lib/stamp.h"
#include "lib/xalloc.h"

void
promasks_init(struct promasks *a, struct http *http, const struct promplan *plan, const char *url, int64_t timeout_ms)
{
	*a = (struct promasks){.http = http, .plan = plan, .url = url, .labels = true, .timeout_ms = timeout_ms};
	a->ask = xcalloc(plan->queries + 1, sizeof *a->ask);
	a->todo = xcalloc(plan->queries + 1, sizeof *a->todo);
}

void
promasks_free(struct promasks *a)
{
	free(a->ask);
	free(a->todo);
	strbuf_free(&a->why);
	*a = (struct promasks){0};
}

void
promasks_start(struct promasks *a)
{
	for (size_t i = 0; i < a->plan->queries; i++)
		a->ask[i].state = PROMASK_NONE;
	a->running = true;
	a->began_mono = stamp_mono();
	a->ntodo = a->next = a->next_alone = a->failures = a->requests = 0;
	strbuf_reset(&a->why);
	a->why_query = -1;
}

static void
take(void *arg, long query, bool finite, double value)
{
	struct promasks_request *r = arg;
	struct promask *ask;

	if (!r->labelled)
		query = r->first;
	if (query < (long)r->first || query >= (long)r->first + (long)r->n) {
		r->strange = true;
		return;
	}
	ask = &r->of->ask[query];
	if (!finite)
		return;
	/* of several series the largest: which comes first is chance */
	if (ask->state != PROMASK_VALUE || value > ask->value)
		ask->value = value;
	ask->state = PROMASK_VALUE;
}

static void
settle(const struct promasks_request *r, enum promask_state state)
{
	for (uint32_t i = r->first; i < r->first + r->n; i++)
		if (r->of->ask[i].state == PROMASK_NONE)
			r->of->ask[i].state = (uint8_t)state;
}

static void
one_by_one(const struct promasks_request *r)
{
	for (uint32_t i = r->first; i < r->first + r->n; i++) {
		r->of->ask[i].state = PROMASK_NONE;
		r->of->todo[r->of->ntodo++] = i;
	}
}

/* 4xx and 5xx in JSON are about the query; the rest is about the way there. */
static bool
about_query(long status)
{
	return (status / 100 == 4 && status != 401 && status != 403 && status != 429) || status == 501;
}

static void
failed(const struct promasks_request *r, const struct http_reply *reply)
{
	struct promasks *a = r->of;
	struct strbuf said = {0};

	if (!a->failures++) {
		strbuf_reset(&a->why);
		if (reply->status) {
			plain_error(reply->body, reply->len, &said);
			strbuf_addf(&a->why, "HTTP status %ld%s%s", reply->status, said.len ? ": " : "", said.len ? said.s : "");
		} else {
			strbuf_adds(&a->why, reply->error ? reply->error : "no answer");
		}
	}
	strbuf_free(&said);
	settle(r, PROMASK_FAILED);
}

static void
refused(const struct promasks_request *r, const char *what)
{
	struct promasks *a = r->of;

	if (!a->failures && (a->why_query < 0 || r->first < a->why_query)) {
		strbuf_reset(&a->why);
		promplan_words(a->plan, &a->plan->query[r->first], &a->why);
		strbuf_addf(&a->why, ": %s", what);
		a->why_query = r->first;
	}
	settle(r, PROMASK_REFUSED);
}

static void
on_done(void *arg, const struct http_reply *reply)
{
	struct promasks_request *r = arg;
	struct promasks *a = r->of;
	struct strbuf why = {0};
	bool good = false;

	a->inflight--;
	if (reply->status == 200 || about_query(reply->status)) {
		good = promanswer_read(reply->body, reply->len, take, r, &why);
		if (good && r->strange && r->labelled)
			a->labels = false;
	}
	if (good && !r->strange) {
		settle(r, PROMASK_EMPTY);
	} else if (r->labelled && (good || reply->status == 200 || about_query(reply->status))) {
		one_by_one(r);
	} else if (good || reply->status == 200 || about_query(reply->status)) {
		refused(r, why.len ? why.s : "the answer is not Prometheus's");
	} else {
		failed(r, reply);
	}
	strbuf_free(&why);
	r->of = NULL;
}

static void
add_form(struct strbuf *out, const struct strbuf *query)
{
	strbuf_adds(out, "query=");
	for (size_t i = 0; i < query->len; i++) {
		unsigned char c = (unsigned char)query->s[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.')
			strbuf_addc(out, (char)c);
		else
			strbuf_addf(out, "%%%02X", c);
	}
}

static int64_t
left(const struct promasks *a)
{
	int64_t ms = a->timeout_ms - (stamp_mono() - a->began_mono);

	return ms < 1 ? 1 : ms;
}

static void
send_request(struct promasks *a, uint32_t first, uint32_t n, bool labelled)
{
	struct promasks_request *r = a->request;
	struct strbuf query = {0}, form = {0}, url = {0};

	while (r->of)	/* fewer than PROMASKS_RUNNING are */
		r++;
	*r = (struct promasks_request){.of = a, .first = first, .n = n, .labelled = labelled};
	for (uint32_t i = first; i < first + n; i++) {
		if (labelled)
			strbuf_adds(&query, i > first ? " or label_replace((" : "label_replace((");
		promplan_expr(a->plan, &a->plan->query[i], &query);
		if (labelled)	/* a line of its own: the query may end in a comment */
			strbuf_addf(&query, "\n),\"" PROMANSWER_LABEL "\",\"%u\",\"\",\"\")", i);
	}
	add_form(&form, &query);
	strbuf_addf(&url, "%s/api/v1/query", a->url);
	if (!labelled)
		strbuf_addf(&url, "?%s", form.s);
	http_start(a->http, &(struct http_get){.url = url.s, .form = labelled ? form.s : NULL, .timeout_ms = (long)left(a),
	    .max_bytes = PROMASKS_MAX_BYTES, .on_done = on_done, .arg = r});
	a->inflight++;
	a->requests++;
	strbuf_free(&query);
	strbuf_free(&form);
	strbuf_free(&url);
}

/* The next queries that may travel together. */
static void
send_next(struct promasks *a)
{
	uint32_t first = (uint32_t)a->next, n = 0, most = a->labels ? PROMASKS_BATCH : 1;

	if (a->ask[first].alone) {
		a->todo[a->ntodo++] = first;
		a->next++;
		return;
	}
	while (n < most && first + n < a->plan->queries && !a->ask[first + n].alone)
		n++;
	a->next += n;
	send_request(a, first, n, a->labels);
}

/*
 * After a tick: who was refused by itself is asked by itself from now on; where a company was refused and nobody of it, all of it is.
 */
static bool
over(struct promasks *a)
{
	bool guilty = false;

	for (size_t i = 0; i < a->ntodo; i++)
		guilty = guilty || a->ask[a->todo[i]].state == PROMASK_REFUSED || a->ask[a->todo[i]].state == PROMASK_FAILED;
	for (size_t i = 0; i < a->ntodo; i++) {
		struct promask *ask = &a->ask[a->todo[i]];

		if (ask->state != PROMASK_FAILED)
			ask->alone = !guilty || ask->state == PROMASK_REFUSED || (ask->alone && ask->state != PROMASK_REFUSED);
	}
	a->running = false;
	return true;
}

bool
promasks_step(struct promasks *a)
{
	if (!a->running)
		return false;
	while (a->inflight < PROMASKS_RUNNING) {
		if (a->next < a->plan->queries) {
			send_next(a);
		} else if (a->next_alone < a->ntodo) {
			send_request(a, a->todo[a->next_alone], 1, false);
			a->next_alone++;
		} else {
			break;
		}
	}
	return a->inflight ? false : over(a);
}
