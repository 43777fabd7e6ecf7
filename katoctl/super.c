#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "katoctl/control.h"
#include "katoctl/errout.h"
#include "katoctl/feed.h"
#include "katoctl/notes.h"
#include "katoctl/notice.h"
#include "katoctl/relay.h"
#include "katoctl/sd.h"
#include "katoctl/stage.h"
#include "lib/sigs.h"
#include "lib/stamp.h"
#include "lib/xalloc.h"

enum {
	AGAIN_MS = 1000,	/* a second TERM means haste, but not one of the same breath (timeout(1) sends two) */
};

const char *
super_state(const struct super *u, const struct stage *s)
{
	static const char *const words[] = {
		[RESTART_NEW] = "starting", [RESTART_WAITING] = "backing-off", [RESTART_PARKED] = "parked", [RESTART_OVER] = "ended",
	};

	if (!restart_runs(&s->restart))
		return words[s->restart.state];
	if (s->plan->kind == PLAN_FEED)
		return "listening";
	if (u->stop_ms >= 0 || s->leave_ms >= 0)
		return "stopping";
	return s->ready ? "running" : "starting";
}

void
super_stop(struct super *u, int exit_code)
{
	if (exit_code > u->exit_code)
		u->exit_code = exit_code;
	if (u->stop_ms >= 0)
		return;
	u->stop_ms = stamp_mono();
	log_info("stopping");
	if (u->feed)
		feed_stop(u);
	for (size_t i = 0; i < u->n; i++) {
		struct stage *s = &u->v[i];

		store_free(&s->store);
		if (s->plan->kind != PLAN_COLLECT || !s->proc.pid)
			continue;
		s->leave_ms = u->stop_ms;
		s->asked = SIGTERM;
		child_kill(&s->proc, SIGTERM);
	}
}

/* No more patience: what runs is killed, what is on its way is lost. */
static void
hurry(struct super *u)
{
	if (u->hurried)
		return;
	u->hurried = true;
	log_warn("not waiting any longer; the stages that are left are killed");
	for (size_t i = 0; i < u->n; i++)
		if (u->v[i].proc.pid)
			child_kill(&u->v[i].proc, SIGKILL);
}

/* Since when it has not read what is there for it, though it could write; -1: it does. */
static int64_t
stuck_since(const struct super *u, const struct stage *s, int64_t now)
{
	const char *p;
	size_t n;

	if (!hop_unsent(&s->in, &p, &n) || (s->plan->kind != PLAN_SINK && !relay_room(u, s)))
		return -1;
	if (s->leave_ms < 0)
		return now;
	return s->took_ms > s->leave_ms ? s->took_ms : s->leave_ms;
}

/*
 * The end travels down: a stage whose input is over has until leave_ms plus patience, and one that does not
 * read what keeps the end from it has as long since it last did. A sink may serve for ever without
 * input, so it is told to end as soon as nothing of its lines is left to deal with.
 */
static void
stop_step(struct super *u, int64_t now)
{
	for (size_t i = 0; i < u->n; i++) {
		struct stage *s = &u->v[i];

		if (!s->proc.pid)
			continue;
		if (!s->input_over) {
			if (!s->asked && s->plan->kind != PLAN_COLLECT)
				s->leave_ms = stuck_since(u, s, now);
			continue;
		}
		if (s->leave_ms < 0)
			s->leave_ms = now;
		if (s->plan->kind == PLAN_SINK && !s->asked && !s->in.lines && (s->acks == ACKS_YES || !s->sent)) {
			s->asked = SIGTERM;
			child_kill(&s->proc, SIGTERM);
		}
	}
	if (now - u->stop_ms >= HURRY_AFTER * u->patience_ms)
		hurry(u);
}

static bool
all_over(const struct super *u)
{
	bool sinks = false;

	for (size_t i = 0; i < u->n; i++) {
		const struct stage *s = &u->v[i];

		if (s->proc.pid || (s->restart.state != RESTART_OVER && s->restart.state != RESTART_PARKED))
			return false;
		sinks |= s->plan->kind == PLAN_SINK && s->restart.state == RESTART_OVER;
	}
	return sinks || u->stop_ms >= 0;
}

static void
forward_hup(struct super *u)
{
	for (size_t i = 0; i < u->n; i++)
		if (u->v[i].proc.pid && u->v[i].says_ready)
			kill(u->v[i].proc.pid, SIGHUP);
	sd_reload(u);
	log_info("settings are read again by the stages; the pipeline file is read at the start only");
}

static void
take_signals(struct super *u)
{
	unsigned came = sigs_take();

	if (came & SIGS_CHLD)
		u->child_ended = true;
	if (came & SIGS_HUP && u->stop_ms < 0)
		forward_hup(u);
	if (came & SIGS_TERM && u->stop_ms >= 0 && stamp_mono() - u->stop_ms >= AGAIN_MS)
		hurry(u);
	if (came & SIGS_TERM)
		super_stop(u, 0);
}

static void
signal_ready(void *super, void *arg)
{
	(void)arg;
	take_signals(super);
}

/* The last word of a start, when all that can be is up and a sink has said where; again when that is elsewhere later. */
static void
tell_url(struct super *u)
{
	const char *url = NULL;

	for (size_t i = 0; i < u->n; i++) {
		if (u->v[i].plan->kind != PLAN_FEED && stage_is_coming(&u->v[i]))
			return;
		if (u->v[i].url && !url)
			url = u->v[i].url;
	}
	if (!url || (u->told_url && !strcmp(url, u->told_url)))
		return;
	free(u->told_url);
	u->told_url = xstrdup(url);
	log_info("KATO Live: %s", url);
}

/* Everything that time, exits and ends ask for. Sinks come before those who write to them. */
static void
step(struct super *u, int64_t now)
{
	static const enum plan_kind order[] = {PLAN_SINK, PLAN_MAP, PLAN_FILTER, PLAN_COLLECT};

	for (size_t k = 0; k < sizeof order / sizeof order[0]; k++)
		for (size_t i = u->n; i-- > 0;)
			if (u->v[i].plan->kind == order[k])
				stage_step(u, &u->v[i], now);
	u->child_ended = false;
	relay_ends(u);
	notice_step(u, now);
	if (u->stop_ms >= 0)
		stop_step(u, now);
	else
		tell_url(u);
	sd_step(u, now);
}

static int
wait_ms(const struct super *u, int64_t now)
{
	int64_t first = notice_due(u), sd = sd_due(u);

	first = sd < first ? sd : first;
	for (size_t i = 0; i < u->n; i++) {
		int64_t due = u->v[i].plan->kind == PLAN_FEED ? INT64_MAX : stage_due(u, &u->v[i]);

		if (due < first)
			first = due;
	}
	if (u->stop_ms >= 0 && !u->hurried && u->stop_ms + HURRY_AFTER * u->patience_ms < first)
		first = u->stop_ms + HURRY_AFTER * u->patience_ms;
	return first == INT64_MAX ? -1 : first <= now ? 0 : (int)(first - now < 60000 ? first - now : 60000);
}

/* Under load, so that more comes at a time. */
static void
rest(struct super *u)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	if (rest_is_due(&u->rest, (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000, u->lines, u->flood))
		nanosleep(&(struct timespec){.tv_nsec = REST_US * 1000}, NULL);
	u->flood = false;
}

static void
turn(struct super *u, int64_t now)
{
	rest(u);
	loop_add(&u->loop, sigs_fd(), POLLIN, signal_ready, u, NULL);
	notes_watch(u);
	relay_watch(u);
	errout_watch(u);
	feed_watch(u);
	control_watch(u);
	loop_turn(&u->loop, wait_ms(u, now));
}

static void
run(struct super *u)
{
	int64_t now = stamp_mono();

	for (step(u, now); !all_over(u); step(u, now)) {
		turn(u, now);
		now = stamp_mono();
	}
}

int
super_run(const struct plan *plan, const struct super_options *opt)
{
	struct super u = {.n = plan->n, .patience_ms = opt->patience_ms, .stuck_ms = opt->stuck_ms, .stop_ms = -1};

	mallopt(M_MMAP_THRESHOLD, 64 << 10);	/* buffers that grew in a jam leave no holes when they are given back */
	srand48((long)(stamp_now() ^ getpid()));
	u.sd = sd_new();
	u.control = control_new(opt->control);
	u.errout = errout_new();
	u.v = xcalloc(plan->n, sizeof *u.v);
	for (size_t i = 0; i < u.n; i++) {
		stage_init(&u.v[i], &plan->v[i], opt);
		if (plan->v[i].kind == PLAN_SINK)
			sd_hand_over(u.sd, &u.v[i]);
		if (plan->v[i].kind == PLAN_FEED && !(u.feed = feed_new(&u.v[i], sd_socket(u.sd, plan->v[i].argv[0]))))
			u.exit_code = 1;
	}
	if (!u.exit_code)
		run(&u);
	feed_del(u.feed);
	control_del(u.control);
	errout_del(u.errout);
	sd_del(u.sd);
	for (size_t i = 0; i < u.n; i++)
		stage_free(&u.v[i]);
	free(u.v);
	free(u.told_url);
	loop_free(&u.loop);
	return u.exit_code;
}
