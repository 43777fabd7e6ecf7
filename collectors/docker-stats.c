#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/cycle.h"
#include "collectors/dockerset.h"
#include "collectors/emit.h"
#include "collectors/every.h"
#include "collectors/round.h"
#include "collectors/source.h"
#include "collectors/watch.h"
#include "lib/fdio.h"
#include "lib/log.h"
#include "lib/sigs.h"
#include "lib/stamp.h"

enum {
	EVENT_GAP_MS = 50,	/* containers records that events ask for come no closer */
	LOOK_GAP_MS = 1000,	/* nor readings that events ask for */
	STATS_LEAST_MS = 2500,	/* an engine may let stats wait for a second */
	EVENT_LATE_MS = 60000,	/* an event older than this is dated now: time in the stream does not jump back */
};

struct app {
	struct set set;
	struct http *http;
	struct docker docker;
	struct picks picks;
	struct roster roster;
	struct cycle cycle;
	struct watch watch;
	struct source source;
	struct every every;
	struct strbuf out;
	bool ready;		/* a whole reading was written: an event may write the containers anew */
	bool whole;		/* the reading under way is one of all */
	bool changed, look;	/* an event asks for that record; for a reading */
	int64_t primed;		/* the tick (wall) for which the engine was primed */
	int64_t birth;		/* mono: when the containers are written for one that was created; 0: none */
	int64_t wrote, looked, ticked;	/* mono: the last event's record, the last reading asked for, the last tick */
};

static void
on_event(void *arg, const struct container_event *e)
{
	struct app *a = arg;
	int64_t wall = stamp_now();
	unsigned what = roster_event(&a->roster, e, stamp_mono(), wall);

	if (what & ROSTER_SAY)
		container_event_write(e, DOCKER_SOURCE, e->ms > wall - EVENT_LATE_MS && e->ms <= wall ? e->ms : wall, &a->out);
	a->changed |= (what & ROSTER_CHANGED) != 0;
	a->look |= (what & ROSTER_LOOK) != 0;
	if (what & ROSTER_BORN)
		a->birth = stamp_mono() + ROSTER_BIRTH_MS;
}

/* One container whose stats hang is not to hold up the others for long. */
static long
stats_timeout(int64_t interval, long timeout)
{
	long most = interval > STATS_LEAST_MS ? (long)interval : STATS_LEAST_MS;

	return timeout < most ? timeout : most;
}

/* Everything that hangs on the settings. */
static void
app_start(struct app *a)
{
	const struct set *s = &a->set;
	int64_t interval = (int64_t)(s->interval * 1000);
	struct strbuf err = {0};

	if (!docker_init(&a->docker, a->http, s->host, (long)(s->timeout * 1000), &err))
		die(2, "%s", err.s);
	a->docker.stats_ms = stats_timeout(interval, a->docker.timeout_ms);
	picks_init(&a->picks, &s->names, &s->labels, &s->expect, s->all);
	roster_init(&a->roster, &a->picks, (size_t)s->max);
	cycle_init(&a->cycle, &a->docker, &a->roster, s->once || interval >= 2 * CYCLE_GAP_MS ? CYCLE_GAP_MS : interval / 2);
	watch_init(&a->watch, &a->docker, on_event, a);
	if (a->docker.unix_socket)
		watch_since(&a->watch, stamp_now());
	every_init(&a->every, interval);
	a->source.interval_ms = interval;
	a->ready = a->changed = a->look = false;
}

static void
app_stop(struct app *a)
{
	cycle_free(&a->cycle);
	watch_free(&a->watch);
	roster_free(&a->roster);
	docker_free(&a->docker);
}

static void
app_free(struct app *a)
{
	app_stop(a);
	http_del(a->http);
	source_free(&a->source);
	strbuf_free(&a->out);
	settings_free(&docker_tool, &a->set);
}

/* A host that is none would end us: it is looked at before the old settings are given up. */
static void
reload(struct app *a, int argc, char **argv)
{
	struct strbuf err = {0};
	struct docker trial;
	struct set fresh;

	if (!settings_reload(&docker_tool, &fresh, argc, argv))
		return;
	if (!docker_init(&trial, a->http, fresh.host, 1, &err)) {
		log_warn("%s; the old settings stay", err.s);
		strbuf_free(&err);
		settings_free(&docker_tool, &fresh);
		return;
	}
	docker_free(&trial);
	app_stop(a);
	settings_free(&docker_tool, &a->set);
	a->set = fresh;
	app_start(a);
	log_info("settings read again");
}

static void
write_containers(struct app *a, int64_t wall)
{
	roster_write(&a->roster, DOCKER_SOURCE, wall, &a->out);
	source_wrote(&a->source, wall);
	a->changed = a->roster.changed = false;
}

/* A reading has come to its end. What it could not read it does not tell: the last good values stay. */
static void
take_reading(struct app *a)
{
	struct cycle *c = &a->cycle;
	enum source_state was = a->source.state;
	int64_t wall = stamp_now();

	if (!c->good) {
		source_failed(&a->source, SOURCE_DOWN, c->error.s, wall, c->busy_ms);
		*a->docker.version = '\0';	/* another engine may come back */
		roster_forget_samples(&a->roster);
		a->ready = false;
	} else {
		log_debug("%zu read, %zu failed, in %lld ms", c->read, c->failed, (long long)c->busy_ms);
		if (c->failed)
			source_failed(&a->source, SOURCE_DEGRADED, c->error.s, wall, c->busy_ms);
		else
			source_ok(&a->source, wall, c->busy_ms);
		if (c->read || !c->failed || a->roster.changed || !a->ready)
			write_containers(a, wall);
		a->ready = true;
		if (a->roster.deaf)
			watch_restart(&a->watch);
		a->roster.deaf = false;
	}
	round_say(&a->source, was, a->docker.host);
	if (source_due(&a->source, wall))
		source_record(&a->source, wall, &a->out);
}

/* Begins a reading where one is due: of all on the grid, or, because an event asked for it, of what is new. */
static void
begin_reading(struct app *a, int64_t mono, int64_t wall)
{
	bool tick;

	if (a->cycle.step != CYCLE_IDLE)
		return;
	tick = every_due(&a->every, wall);
	if (tick)
		a->ticked = mono;
	else if (a->look && a->ready && mono >= a->looked + LOOK_GAP_MS)
		a->looked = mono;
	else
		return;
	a->whole = tick;
	a->look = false;
	cycle_start(&a->cycle, tick, mono);
}

/* ms until the engine is to be primed for the next tick; -1: not at all. */
static int64_t
prime_wait(const struct app *a, int64_t wall)
{
	int64_t at = a->every.next_ms - CYCLE_PRIME_MS;

	if (!a->cycle.lags || a->primed == a->every.next_ms || a->every.interval_ms < 2 * CYCLE_PRIME_MS)
		return -1;
	return at > wall ? at - wall : 0;
}

static int
sooner(int wait, int64_t other)
{
	if (other < 0)
		return wait;
	return other < wait ? (int)other : wait;
}

/* ms until something of our own is due, at most an interval. */
static int
wait_ms(const struct app *a, int64_t mono)
{
	int wait = a->every.interval_ms < INT_MAX ? (int)a->every.interval_ms : INT_MAX;

	wait = sooner(wait, cycle_wait(&a->cycle, mono));
	wait = sooner(wait, watch_wait(&a->watch, mono));
	if (a->birth)
		wait = sooner(wait, a->birth > mono ? a->birth - mono : 0);
	if (a->changed && a->ready)
		wait = sooner(wait, a->wrote + EVENT_GAP_MS > mono ? a->wrote + EVENT_GAP_MS - mono : 0);
	if (a->cycle.step != CYCLE_IDLE)
		return wait;
	if (a->look && a->ready)
		wait = sooner(wait, a->looked + LOOK_GAP_MS > mono ? a->looked + LOOK_GAP_MS - mono : 0);
	wait = sooner(wait, prime_wait(a, stamp_now()));
	return sooner(wait, every_wait(&a->every, stamp_now()));
}

static void
turn(struct app *a)
{
	int64_t mono = stamp_mono(), wall = stamp_now();

	if (a->cycle.step != CYCLE_IDLE && a->whole)
		every_due(&a->every, wall);	/* a tick that comes while all are being read is skipped */
	if (cycle_run(&a->cycle, mono))
		take_reading(a);
	if (a->cycle.step == CYCLE_IDLE && prime_wait(a, wall) == 0) {
		a->primed = a->every.next_ms;
		cycle_prime(&a->cycle);
	}
	begin_reading(a, mono, wall);
	watch_run(&a->watch, mono);
	if (a->birth && mono >= a->birth) {
		a->changed = true;
		a->birth = 0;
	}
	if (a->changed && a->ready && mono >= a->wrote + EVENT_GAP_MS) {
		write_containers(a, wall);
		a->wrote = mono;
	}
	/* a reading that takes longer than an interval: we are still there */
	if (a->cycle.step != CYCLE_IDLE && mono - a->ticked > a->every.interval_ms && source_due(&a->source, wall))
		source_record(&a->source, wall, &a->out);
}

static int
follow(struct app *a, int argc, char **argv)
{
	struct pollfd signals = {.fd = sigs_fd(), .events = POLLIN};
	unsigned came;

	for (;;) {
		turn(a);
		if (!emit(&a->out))
			return 0;
		signals.revents = 0;
		http_wait(a->http, &signals, 1, wait_ms(a, stamp_mono()));
		came = signals.revents ? sigs_take() : 0;
		if (came & SIGS_TERM)
			return 0;
		if (came & SIGS_HUP)
			reload(a, argc, argv);
	}
}

/* One whole reading. False: asked to stop. */
static bool
read_once(struct app *a)
{
	struct pollfd signals = {.fd = sigs_fd(), .events = POLLIN};
	int wait;

	cycle_start(&a->cycle, true, stamp_mono());
	while (!cycle_run(&a->cycle, stamp_mono())) {
		wait = cycle_wait(&a->cycle, stamp_mono());
		http_wait(a->http, &signals, 1, wait);
		if (signals.revents && (sigs_take() & SIGS_TERM))
			return false;
	}
	return true;
}

static int
once(struct app *a)
{
	struct cycle *c = &a->cycle;

	if (!read_once(a))
		return 0;
	if (!c->good || (c->failed && !c->read)) {
		log_error("%s", c->error.s);
		return 1;
	}
	if (c->failed)
		log_warn("%s", c->error.s);
	write_containers(a, stamp_now());
	emit(&a->out);
	return 0;
}

/* As --once, without the figures. */
static int
probe(struct app *a)
{
	char which[256];

	a->roster.max = 0;
	if (!read_once(a))
		return 0;
	if (!a->cycle.good) {
		log_error("%s", a->cycle.error.s);
		return 1;
	}
	if (!roster_count(&a->roster)) {
		picks_describe(&a->picks, which, sizeof which);
		log_error("%s has no container %s", a->docker.host, which);
		return 1;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	struct app a = {0};
	int operands, code;

	fd_standard(true);
	operands = settings_start(&docker_tool, &a.set, argc, argv);
	if (operands < argc)
		die(2, "%s: what is this? Containers are chosen with --name", argv[operands]);
	sigs_init(SIGS_TERM | SIGS_HUP);
	a.http = http_new();
	source_init(&a.source, DOCKER_SOURCE, (int64_t)(a.set.interval * 1000));
	app_start(&a);
	code = a.set.probe ? probe(&a) : a.set.once ? once(&a) : follow(&a, argc, argv);
	app_free(&a);
	return code;
}
