#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "collectors/count.h"
#include "collectors/coverage.h"
#include "collectors/emit.h"
#include "collectors/every.h"
#include "collectors/katoapi.h"
#include "collectors/katoevents.h"
#include "collectors/round.h"
#include "collectors/sessionkeeper.h"
#include "collectors/sessions.h"
#include "collectors/sessionset.h"
#include "collectors/source.h"
#include "lib/fdio.h"
#include "lib/log.h"
#include "lib/sigs.h"
#include "lib/stamp.h"
#include "lib/xalloc.h"

#define COUNT_PATH "/sessions/count"

enum {
	DEAF_MS = 10000,	/* so long without a connection to /ws/events: that is worth telling */
	SAY_MS = 60000,		/* the same complaint is not made more often */
};

struct app {
	struct set set;
	struct http *http;
	struct katoapi api;
	struct katoapi_call *call;	/* the count that was asked for, NULL: none */
	int64_t asked;			/* mono */
	bool over;			/* a count has just come, or failed */
	struct every every;
	struct source source;
	struct sessions sessions;
	struct sessionkeeper keeper;
	int64_t away;			/* mono: what a count says before may have happened before we began */
	struct coverage coverage;
	struct katoevents *events;	/* NULL: not wanted */
	int64_t heard;			/* mono: since when nobody listens, or now */
	bool deaf;			/* and that was said */
	bool counted;			/* the first count has come */
	bool blind;			/* since the last count there was neither count nor connection */
	uint64_t missed;		/* of sessions.missed, what was acted upon */
	struct log_gate bad;
	struct strbuf why;		/* the last failure of a connection */
	struct strbuf out;
};

static struct sessions_now
moment(void)
{
	return (struct sessions_now){.mono = stamp_mono(), .wall = stamp_now()};
}

static bool
landed(void *arg, int slot, uint64_t worker)
{
	struct app *a = arg;

	return coverage_landed(&a->coverage, slot, worker, stamp_mono());
}

static void
up(void *arg, int slot)
{
	struct app *a = arg;

	coverage_up(&a->coverage, slot, stamp_mono());
}

static void
lost(void *arg, int slot, const char *why)
{
	struct app *a = arg;

	coverage_lost(&a->coverage, slot, stamp_mono());
	strbuf_reset(&a->why);
	strbuf_adds(&a->why, why);
	log_debug("event connection %d: %s", slot, why);
}

static void
message(void *arg, int slot, const char *text, size_t len)
{
	struct app *a = arg;
	struct hint h;
	uint64_t skipped;

	hint_read(text, len, &h);
	if (h.kind == HINT_BAD && log_gate_open(&a->bad, stamp_mono(), SAY_MS, &skipped))
		log_warn("%s/ws/events: message of %zu bytes ignored: %s (%llu more before)", a->api.shown, len, h.why,
		    (unsigned long long)skipped);
	if (h.kind != HINT_CREATED && h.kind != HINT_DESTROYED)
		return;
	coverage_heard(&a->coverage, slot, h.key, stamp_mono());
	sessions_hint(&a->sessions, &h, moment(), &a->out);
}

static void
events_start(struct app *a)
{
	struct katoevents_to to = {.host = a->api.host, .port = a->api.port, .path = a->api.path, .userinfo = a->api.userinfo,
	    .tls = a->api.tls};
	struct katoevents_calls calls = {.landed = landed, .up = up, .message = message, .lost = lost, .arg = a};
	uint64_t seed = (uint64_t)stamp_now();

	if (getrandom(&seed, sizeof seed, 0) < 0)
		log_debug("getrandom fails: the clock must do");
	coverage_init(&a->coverage, (unsigned)a->set.hints, seed);
	a->heard = stamp_mono();
	a->deaf = false;
	if (a->set.hints && !a->set.no_events && !a->set.once)
		a->events = katoevents_new(&to, (unsigned)a->set.hints, &calls);
}

static void
app_start(struct app *a)
{
	struct strbuf err = {0};

	if (!katoapi_init(&a->api, a->http, a->set.url, (long)(a->set.timeout * 1000), &err))
		die(2, "%s", err.s);
	every_init(&a->every, (int64_t)(a->set.interval * 1000));
	a->source.interval_ms = a->every.interval_ms;
	events_start(a);
}

static void
app_stop(struct app *a)
{
	if (a->call)
		katoapi_cancel(a->call);
	a->call = NULL;
	if (a->events)
		katoevents_del(a->events);
	a->events = NULL;
	katoapi_free(&a->api);
}

/* What a worker keeps, and a second for the way. */
static int64_t
hold_ms(const struct app *a)
{
	return (int64_t)(a->set.cache * 1000) + 1000;
}

static void
count_failed(struct app *a, const struct http_reply *r, struct sessions_now now)
{
	bool hears = a->events && coverage_count(&a->coverage);
	struct strbuf why = {0};

	katoapi_describe(&a->api, COUNT_PATH, r, &why);
	source_failed(&a->source, hears ? SOURCE_DEGRADED : SOURCE_DOWN, why.s, now.wall, now.mono - a->asked);
	strbuf_free(&why);
	a->blind |= !hears;
	if (!r->status)
		coverage_answers(&a->coverage, false);
}

/* The count is there; are events heard, too? */
static void
count_good(struct app *a, struct sessions_now now)
{
	struct strbuf why = {0};

	if (!a->deaf) {
		source_ok(&a->source, now.wall, now.mono - a->asked);
		return;
	}
	strbuf_addf(&why, "%s/ws/events: %s: sessions are counted only", a->api.shown, a->why.len ? a->why.s : "no connection");
	source_failed(&a->source, SOURCE_DEGRADED, why.s, now.wall, now.mono - a->asked);
	a->source.last_success_ms = now.wall;
	strbuf_free(&why);
}

static void
on_count(void *arg, const struct http_reply *r)
{
	struct app *a = arg;
	struct sessions_now now = moment();
	enum source_state was = a->source.state;
	struct sessions_count c = {.asked = a->asked, .same = r->reused, .blind = a->blind};

	a->call = NULL;
	a->over = true;
	c.hinted = a->events && coverage_count(&a->coverage);
	c.reason = now.mono < a->away ? "session-watch restarted" : NULL;
	if (r->status != 200 || !count_read(r->body, r->len, &c.n)) {
		count_failed(a, r, now);
	} else {
		coverage_answers(&a->coverage, true);
		sessions_count(&a->sessions, &c, now, &a->out);
		sessions_write(&a->sessions, now.wall, &a->out);
		source_wrote(&a->source, now.wall);
		count_good(a, now);
		a->counted = true;
		a->blind = false;
	}
	round_say(&a->source, was, a->api.shown);
}

static void
ask(struct app *a)
{
	a->asked = stamp_mono();
	a->call = katoapi_get(&a->api, COUNT_PATH, a->api.timeout_ms, on_count, a);
}

static int
sooner(int wait, int other)
{
	return other >= 0 && other < wait ? other : wait;
}

/* Connections that are due are dialed, those that are too many hung up. What was missed is a reason for both. */
static void
tend(struct app *a, int64_t mono)
{
	bool question;
	int slot;

	sessions_settle(&a->sessions, moment(), &a->out);
	if (!a->events)
		return;
	if (a->sessions.missed != a->missed)
		coverage_missed(&a->coverage, mono);
	a->missed = a->sessions.missed;
	coverage_turn(&a->coverage, mono);
	if ((slot = coverage_dial(&a->coverage, mono, &question)) >= 0)
		katoevents_dial(a->events, slot, question);
	if ((slot = coverage_surplus(&a->coverage, mono)) >= 0)
		katoevents_hang_up(a->events, slot);
	if (coverage_count(&a->coverage)) {
		if (a->deaf)
			log_info("%s/ws/events is heard again", a->api.shown);
		a->heard = mono;
		a->deaf = false;
	} else if (!a->deaf && mono - a->heard >= DEAF_MS) {
		a->deaf = true;
	}
}

static int
wait_ms(const struct app *a)
{
	int64_t mono = stamp_mono();
	int wait = every_wait(&a->every, stamp_now());

	if (a->call)
		wait = (int)(a->every.interval_ms < INT_MAX ? a->every.interval_ms : INT_MAX);
	wait = sooner(wait, sessions_wait(&a->sessions, mono));
	if (!a->events)
		return wait;
	wait = sooner(wait, coverage_wait(&a->coverage, mono));
	return sooner(wait, katoevents_wait(a->events));
}

static void
reload(struct app *a, int argc, char **argv)
{
	struct strbuf err = {0};
	struct katoapi trial;
	struct set fresh;
	bool moved;

	if (!settings_reload(&session_tool, &fresh, argc, argv))
		return;
	if (!katoapi_init(&trial, a->http, fresh.url, 1, &err)) {
		log_warn("%s; the old settings stay", err.s);
		strbuf_free(&err);
		settings_free(&session_tool, &fresh);
		return;
	}
	moved = strcmp(trial.base, a->api.base) != 0;
	katoapi_free(&trial);
	app_stop(a);
	settings_free(&session_tool, &a->set);
	a->set = fresh;
	if (moved) {
		sessions_init(&a->sessions, SESSION_SOURCE, hold_ms(a));
		a->counted = a->blind = false;
	}
	a->sessions.hold_ms = hold_ms(a);
	app_start(a);
	log_info("settings read again");
}

static void
turn(struct app *a)
{
	int64_t mono = stamp_mono(), wall = stamp_now();

	if (a->events)
		katoevents_run(a->events, mono);
	tend(a, mono);
	if (!a->call && every_due(&a->every, wall))
		ask(a);
	/* a count that takes longer than an interval: we are still there */
	if ((a->over || (a->call && mono - a->asked >= a->every.interval_ms)) && source_due(&a->source, wall))
		source_record(&a->source, wall, &a->out);
	a->over = false;
}

/* What was known before a restart goes on. */
static void
remember(struct app *a)
{
	struct sessions_now now = moment();

	if (sessionkeeper_open(&a->keeper, a->set.state, a->api.shown, &a->sessions, now, &a->out)) {
		a->blind = true;
		a->away = now.mono + hold_ms(a) + SESSIONS_GRACE_MS;
	}
}

/* False: the reader has left. */
static bool
follow(struct app *a, int argc, char **argv)
{
	struct pollfd fds[1 + COVERAGE_SLOTS_MAX] = {{.fd = sigs_fd(), .events = POLLIN}};
	unsigned came;
	size_t n;

	for (;;) {
		turn(a);
		sessionkeeper_before(&a->keeper, &a->sessions, a->api.shown, moment(), &a->out);
		if (!emit(&a->out))
			return false;
		sessionkeeper_after(&a->keeper, stamp_mono());
		n = 1 + (a->events ? katoevents_fds(a->events, fds + 1) : 0);
		http_wait(a->http, fds, n, wait_ms(a));
		came = sigs_take();
		if (came & SIGS_TERM)
			return true;
		if (came & SIGS_HUP)
			reload(a, argc, argv);
	}
}

static int
once(struct app *a)
{
	ask(a);
	while (a->call) {
		round_wait(a->http, -1);
		if (sigs_take() & SIGS_TERM)
			return 0;
	}
	emit(&a->out);
	return a->counted ? 0 : 1;
}

int
main(int argc, char **argv)
{
	struct app *a = xcalloc(1, sizeof *a);
	int code = 0;

	fd_standard(true);
	if (settings_start(&session_tool, &a->set, argc, argv) < argc)
		die(2, "takes no operands, only options; try --help");
	sigs_init(SIGS_TERM | SIGS_HUP);
	a->http = http_new();
	source_init(&a->source, SESSION_SOURCE, 0);
	sessions_init(&a->sessions, SESSION_SOURCE, hold_ms(a));
	app_start(a);
	if (a->set.once) {
		code = once(a);
	} else {
		remember(a);
		if (follow(a, argc, argv) && emit(&a->out))
			sessionkeeper_close(&a->keeper, &a->sessions, a->api.shown, moment());
	}
	app_stop(a);
	http_del(a->http);
	source_free(&a->source);
	strbuf_free(&a->why);
	strbuf_free(&a->out);
	settings_free(&session_tool, &a->set);
	free(a);
	return code;
}
