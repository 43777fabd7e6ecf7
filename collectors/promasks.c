#include <stdlib.h>
#include <string.h>

#include "collectors/plain.h"
#include "collectors/promanswer.h"
#include "collectors/promasks.h"
#include "lib/stamp.h"
#include "lib/xalloc.h"

static const double time_least = 1e9;	/* a server that says an earlier time says none */

void
promasks_init(struct promasks *a, struct http *http, const struct promplan *plan, const struct promasks_server *server, int64_t timeout_ms)
{
	*a = (struct promasks){.http = http, .plan = plan, .server = server, .marks = true, .timeout_ms = timeout_ms};
	promgroups_init(&a->groups, plan);
	a->ask = xcalloc(plan->queries + 1, sizeof *a->ask);
	a->one_by_one = xcalloc(plan->rules + 1, sizeof *a->one_by_one);
}

void
promasks_free(struct promasks *a)
{
	promgroups_free(&a->groups);
	free(a->ask);
	free(a->one_by_one);
	free(a->todo);
	strbuf_free(&a->why);
	strbuf_free(&a->warning);
	*a = (struct promasks){0};
}

static struct promask *
ask_at(const struct promasks *a, size_t place)
{
	return &a->ask[a->groups.query[place]];
}

/* The place that a series is of; -1: it is of nothing we asked for. */
static long
place_of(struct promasks_request *r, const struct promseries *s)
{
	const struct promasks *a = r->of;
	bool nodes = a->plan->rule[a->plan->query[a->groups.query[r->first]].rule].types, named = nodes ? s->id != NULL : s->source && s->target;
	long of;

	if (r->kind == PROMASKS_MARKED) {
		r->strange = r->strange || s->query < (long)r->first || s->query >= (long)r->first + (long)r->n;
		return r->strange ? -1 : s->query;
	}
	if (r->kind == PROMASKS_ALONE && (!named || !promgroups_many(&a->groups, a->plan, r->first)))
		return r->first;
	if (!named) {
		r->strange = true;
		return -1;
	}
	of = nodes ? promplan_node(a->plan, s->id, strlen(s->id)) : promplan_edge(a->plan, s->source, s->target);
	return of < 0 ? -1 : promgroups_find(&a->groups, a->plan, r->first, r->first + r->n, (uint32_t)of);
}

static void
take(void *arg, const struct promseries *s)
{
	struct promasks_request *r = arg;
	struct promask *ask;
	long place;

	if (r->kind == PROMASKS_CLOCK) {
		r->of->time = s->finite && s->value > time_least ? s->value : 0;
		return;
	}
	place = place_of(r, s);
	if (place < 0 || !s->finite)
		return;
	ask = ask_at(r->of, (size_t)place);
	/* of several series the largest: which comes first is chance */
	if (ask->state != PROMASK_VALUE || s->value > ask->value)
		ask->value = s->value;
	ask->state = PROMASK_VALUE;
}

static void
settle(const struct promasks_request *r, enum promask_state state)
{
	for (uint32_t i = r->first; i < r->first + r->n; i++)
		if (ask_at(r->of, i)->state == PROMASK_NONE)
			ask_at(r->of, i)->state = (uint8_t)state;
}

static void
add_todo(struct promasks *a, uint32_t first, uint32_t n)
{
	for (uint32_t i = first; i < first + n; i++)
		ask_at(a, i)->state = PROMASK_NONE;
	if (a->ntodo == a->room) {
		a->room = a->room ? 2 * a->room : 64;
		a->todo = xreallocarray(a->todo, a->room, sizeof *a->todo);
	}
	a->todo[a->ntodo++] = (struct promasks_range){first, n};
}

static void
one_by_one(const struct promasks_request *r)
{
	for (uint32_t i = r->first; i < r->first + r->n; i++)
		add_todo(r->of, i, 1);
}

static void
fail(const struct promasks_request *r, const struct http_reply *reply, const char *what)
{
	struct promasks *a = r->of;
	struct strbuf said = {0};

	if (!a->failures++) {
		strbuf_reset(&a->why);
		plain_error(reply->body, reply->len, &said);
		if (reply->status == 200)
			strbuf_adds(&a->why, what);
		else if (reply->status)
			strbuf_addf(&a->why, "HTTP status %ld%s%s", reply->status, said.len ? ": " : "", said.len ? said.s : "");
		else
			strbuf_adds(&a->why, reply->error ? reply->error : "no answer");
	}
	strbuf_free(&said);
	settle(r, PROMASK_FAILED);
}

static void
refuse(const struct promasks_request *r, const char *what)
{
	struct promasks *a = r->of;
	int64_t query = a->groups.query[r->first];

	if (!a->failures && (a->why_query < 0 || query < a->why_query)) {
		strbuf_reset(&a->why);
		promplan_words(a->plan, &a->plan->query[query], &a->why);
		strbuf_addf(&a->why, ": %s", what);
		a->why_query = query;
	}
	settle(r, PROMASK_REFUSED);
}

/* Prometheus has refused: what it says is 400 where the text of the query is wrong, another status where carrying it out failed. */
static void
refused(const struct promasks_request *r, long status, const char *what)
{
	struct promasks *a = r->of;

	if (r->kind == PROMASKS_MARKED) {
		one_by_one(r);
	} else if (r->kind == PROMASKS_MANY && status != 400) {
		add_todo(a, r->first, r->n / 2);
		add_todo(a, r->first + r->n / 2, r->n - r->n / 2);
	} else {
		refuse(r, what);
	}
}

/* Answered, but nothing in the answer tells what is of what. */
static void
strange(const struct promasks_request *r)
{
	struct promasks *a = r->of;

	if (r->kind == PROMASKS_MARKED)
		a->marks = false;
	else
		a->one_by_one[a->plan->query[a->groups.query[r->first]].rule] = true;
	one_by_one(r);
}

/* 4xx of Prometheus is about the query, but for these; the rest is about the way there. */
static bool
about_query(long status)
{
	return status == 200 || (status / 100 == 4 && status != 401 && status != 403 && status != 429);
}

static void
on_done(void *arg, const struct http_reply *reply)
{
	struct promasks_request *r = arg;
	struct promasks *a = r->of;
	struct strbuf why = {0};
	bool spoke = false, good = promanswer_read(reply->body, reply->len, take, r, &spoke, &why) && reply->status == 200;

	a->inflight--;
	if (r->kind == PROMASKS_CLOCK)
		a->reached = good || (spoke && about_query(reply->status));	/* it may not do time() */
	if (good && why.len && !a->warning.len)
		strbuf_adds(&a->warning, why.s);
	if (r->kind == PROMASKS_CLOCK && a->reached)
		;
	else if ((good && r->strange) || (r->n > 1 && (reply->status == 405 || reply->status == 501)))
		strange(r);	/* or it takes no form that is posted, as several are */
	else if (good)
		settle(r, PROMASK_EMPTY);
	else if (spoke && about_query(reply->status))
		refused(r, reply->status, why.s);
	else
		fail(r, reply, why.s);
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
add_query(const struct promasks_request *r, struct strbuf *out)
{
	const struct promasks *a = r->of;

	if (r->kind == PROMASKS_CLOCK)
		strbuf_adds(out, "time()");
	else if (r->kind != PROMASKS_MARKED)
		promplan_expr(a->plan, &a->groups.query[r->first], r->n, out);
	else
		for (uint32_t i = r->first; i < r->first + r->n; i++) {
			strbuf_adds(out, i > r->first ? " or label_replace((" : "label_replace((");
			promplan_expr(a->plan, &a->groups.query[i], 1, out);
			/* a line of its own: the query may end in a comment */
			strbuf_addf(out, "\n),\"" PROMANSWER_LABEL "\",\"%u\",\"\",\"\")", i);
		}
}

static void
send_request(struct promasks *a, enum promasks_kind kind, uint32_t first, uint32_t n)
{
	struct promasks_request *r = a->request;
	struct strbuf query = {0}, form = {0}, url = {0};

	while (r->of)	/* fewer than PROMASKS_RUNNING are */
		r++;
	*r = (struct promasks_request){.of = a, .kind = kind, .first = first, .n = n};
	add_query(r, &query);
	add_form(&form, &query);
	if (a->time > 0)
		strbuf_addf(&form, "&time=%.3f", a->time);
	strbuf_addf(&url, "%s/api/v1/query", a->server->url);
	if (n <= 1)
		strbuf_addf(&url, "?%s", form.s);
	http_start(a->http, &(struct http_get){.url = url.s, .form = n > 1 ? form.s : NULL, .headers = a->server->headers, .ca_file = a->server->ca_file,
	    .timeout_ms = (long)left(a), .max_bytes = PROMASKS_MAX_BYTES, .on_done = on_done, .arg = r});
	a->inflight++;
	a->requests++;
	strbuf_free(&query);
	strbuf_free(&form);
	strbuf_free(&url);
}

void
promasks_start(struct promasks *a)
{
	for (size_t i = 0; i < a->plan->queries; i++)
		a->ask[i].state = PROMASK_NONE;
	a->running = true;
	a->reached = false;
	a->began_mono = stamp_mono();
	a->time = 0;
	a->ntodo = a->next = a->next_todo = a->failures = a->requests = 0;
	strbuf_reset(&a->why);
	strbuf_reset(&a->warning);
	a->why_query = -1;
	send_request(a, PROMASKS_CLOCK, 0, 0);
}

static void
send_range(struct promasks *a, struct promasks_range range, bool many)
{
	send_request(a, range.n == 1 ? PROMASKS_ALONE : many ? PROMASKS_MANY : PROMASKS_MARKED, range.first, range.n);
}

/* The next queries that may travel together. */
static void
send_next(struct promasks *a)
{
	uint32_t first = (uint32_t)a->next, n = 0, most, end = a->groups.end[first];
	bool many = promgroups_many(&a->groups, a->plan, first);

	if (ask_at(a, first)->alone) {
		add_todo(a, first, 1);
		a->next++;
		return;
	}
	if (many)
		most = a->one_by_one[a->plan->query[a->groups.query[first]].rule] ? 1 : PROMGROUPS_MANY;
	else
		most = a->marks ? PROMGROUPS_BATCH : 1;
	while (n < most && first + n < end && !ask_at(a, first + n)->alone)
		n++;
	a->next += n;
	send_range(a, (struct promasks_range){first, n}, many);
}

/*
 * After a tick: who was refused by itself is asked by itself from now on; where a company was refused and nobody of it, all of it is.
 */
static bool
over(struct promasks *a)
{
	bool guilty = false;

	for (size_t i = 0; i < a->ntodo; i++) {
		uint8_t state = ask_at(a, a->todo[i].first)->state;

		guilty = guilty || (a->todo[i].n == 1 && (state == PROMASK_REFUSED || state == PROMASK_FAILED));
	}
	for (size_t i = 0; i < a->ntodo; i++) {
		struct promask *ask = ask_at(a, a->todo[i].first);

		if (a->todo[i].n == 1 && ask->state != PROMASK_FAILED)
			ask->alone = !guilty || ask->alone || ask->state == PROMASK_REFUSED;
	}
	a->running = false;
	return true;
}

/* Nobody is there, or it is somebody else: then nothing more is asked. */
static bool
not_reached(struct promasks *a)
{
	for (size_t i = 0; i < a->plan->queries; i++)
		a->ask[i].state = PROMASK_FAILED;
	return over(a);
}

bool
promasks_step(struct promasks *a)
{
	if (!a->running || (a->inflight && !a->reached))
		return false;
	if (!a->reached)
		return not_reached(a);
	while (a->inflight < PROMASKS_RUNNING) {
		if (a->next < a->plan->queries) {
			send_next(a);
		} else if (a->next_todo < a->ntodo) {
			struct promasks_range range = a->todo[a->next_todo++];

			send_range(a, range, promgroups_many(&a->groups, a->plan, range.first));
		} else {
			break;
		}
	}
	return a->inflight ? false : over(a);
}
