#include <stdlib.h>
#include <string.h>

#include "collectors/cycle.h"
#include "lib/stamp.h"
#include "lib/xalloc.h"

enum { LAG_MS = 500 };	/* one-shot stats that take longer than this wait for something */

/* A stats call under way. */
struct cycle_ask {
	struct cycle_ask *next;
	struct cycle *cycle;
	struct http_transfer *call;
	char id[CONTAINER_ID_MAX + 1];
};

void
cycle_init(struct cycle *c, struct docker *d, struct roster *r, int64_t gap_ms)
{
	*c = (struct cycle){.docker = d, .roster = r, .gap_ms = gap_ms};
}

void
cycle_free(struct cycle *c)
{
	cycle_cancel(c);
	strbuf_free(&c->error);
}

static void
forget_ask(struct cycle_ask *a)
{
	struct cycle_ask **at;

	for (at = &a->cycle->asks; *at != a; at = &(*at)->next)
		;
	*at = a->next;
	a->cycle->nasks--;
	free(a);
}

void
cycle_cancel(struct cycle *c)
{
	if (c->call)
		http_cancel(c->docker->http, c->call);
	if (c->prime)
		http_cancel(c->docker->http, c->prime);
	c->call = c->prime = NULL;
	while (c->asks) {
		http_cancel(c->docker->http, c->asks->call);
		forget_ask(c->asks);
	}
	c->step = CYCLE_IDLE;
	c->lags = false;
}

static void
fail(struct cycle *c, const char *what, const struct http_reply *r)
{
	if (!c->error.len)
		docker_describe(c->docker, what, r, &c->error);
}

static void
end(struct cycle *c, int64_t mono)
{
	c->busy_ms += mono - c->began;
	c->step = CYCLE_ENDED;
}

static void on_version(void *, const struct http_reply *);
static void on_list(void *, const struct http_reply *);

static void
ask_list(struct cycle *c, int64_t mono)
{
	c->step = CYCLE_LIST;
	c->asked = mono;
	c->call = docker_get_list(c->docker, on_list, c);
}

void
cycle_start(struct cycle *c, bool all, int64_t mono)
{
	strbuf_reset(&c->error);
	c->read = c->failed = 0;
	c->good = false;
	c->round = all ? ROUND_ALL : ROUND_NEW;
	c->began = mono;
	c->busy_ms = 0;
	if (*c->docker->version) {
		ask_list(c, mono);
		return;
	}
	c->step = CYCLE_VERSION;
	c->call = docker_get_version(c->docker, on_version, c);
}

static void
on_version(void *arg, const struct http_reply *r)
{
	struct cycle *c = arg;

	c->call = NULL;
	if (docker_take_version(c->docker, r)) {
		ask_list(c, stamp_mono());
		return;
	}
	fail(c, "GET /version", r);
	end(c, stamp_mono());
}

/* A container that is gone (404), or about to be, is no failure. */
static void
on_stats(void *arg, const struct http_reply *r)
{
	struct cycle_ask *a = arg;
	struct cycle *c = a->cycle;
	const char *name = roster_name(c->roster, a->id);
	enum sample_answer answer = SAMPLE_GARBLED;
	struct strbuf what = {0};

	if (r->status == 200)
		answer = roster_sample(c->roster, a->id, r->body, r->len, stamp_mono(), stamp_now());
	else if (r->status == 404 || !name)
		answer = SAMPLE_IDLE;
	if (answer == SAMPLE_TAKEN) {
		c->read++;
	} else if (answer == SAMPLE_GARBLED) {
		c->failed++;
		strbuf_addf(&what, "stats of %s", name ? name : a->id);
		fail(c, what.s, r);
		strbuf_free(&what);
	}
	forget_ask(a);
}

/* Keeps as many calls under way as may be. */
static void
ask_more(struct cycle *c)
{
	const char *id;

	while (c->nasks < CYCLE_AT_ONCE && (id = roster_next(c->roster))) {
		struct cycle_ask *a = xcalloc(1, sizeof *a);

		a->cycle = c;
		a->next = c->asks;
		c->asks = a;
		c->nasks++;
		memcpy(a->id, id, strlen(id) + 1);
		a->call = docker_get_stats(c->docker, a->id, on_stats, a);
	}
}

static void
on_list(void *arg, const struct http_reply *r)
{
	struct cycle *c = arg;
	int64_t mono = stamp_mono();

	c->call = NULL;
	if (r->status != 200 || !roster_list(c->roster, r->body, r->len, c->asked, mono, stamp_now())) {
		fail(c, "GET /containers/json", r);
		end(c, mono);
		return;
	}
	c->good = true;
	roster_round(c->roster, c->round);
	c->step = CYCLE_FIGURES;
	c->round_began = mono;
	ask_more(c);
}

static void
on_prime(void *arg, const struct http_reply *r)
{
	struct cycle *c = arg;

	(void)r;	/* whatever it is: the reading itself will meet it too */
	c->prime = NULL;
}

void
cycle_prime(struct cycle *c)
{
	const char *id;

	if (c->prime || c->step != CYCLE_IDLE || !*c->docker->version)
		return;
	roster_round(c->roster, ROUND_ALL);
	id = roster_next(c->roster);
	if (id)
		c->prime = docker_get_stats(c->docker, id, on_prime, c);
}

/* The figures have come; do some need a second sample? An engine that lags keeps the second between them itself. */
static void
after_figures(struct cycle *c, int64_t mono)
{
	bool waited = c->docker->one_shot && mono - c->round_began >= LAG_MS;

	if (waited && c->read > 1)
		c->lags = true;
	if (!roster_wants_again(c->roster)) {
		end(c, mono);
		return;
	}
	c->busy_ms += mono - c->began;
	c->step = CYCLE_PAUSE;
	c->resume = mono + (waited ? 0 : c->gap_ms);
}

bool
cycle_run(struct cycle *c, int64_t mono)
{
	if (c->step == CYCLE_PAUSE && mono >= c->resume) {
		c->began = mono;
		c->step = CYCLE_AGAIN;
		roster_round(c->roster, ROUND_AGAIN);
	}
	if (c->step == CYCLE_FIGURES || c->step == CYCLE_AGAIN) {
		ask_more(c);
		if (!c->nasks && c->step == CYCLE_FIGURES)
			after_figures(c, mono);
		else if (!c->nasks)
			end(c, mono);
	}
	if (c->step != CYCLE_ENDED)
		return false;
	c->step = CYCLE_IDLE;
	return true;
}

int
cycle_wait(const struct cycle *c, int64_t mono)
{
	if (c->step != CYCLE_PAUSE)
		return -1;
	return c->resume > mono ? (int)(c->resume - mono) : 0;
}
