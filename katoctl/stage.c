#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "katoctl/errout.h"
#include "katoctl/notes.h"
#include "katoctl/notice.h"
#include "katoctl/refeed.h"
#include "katoctl/relay.h"
#include "katoctl/stage.h"
#include "lib/fdio.h"
#include "lib/stamp.h"
#include "lib/xalloc.h"

void
stage_init(struct stage *s, const struct plan_stage *plan, const struct super_options *opt)
{
	*s = (struct stage){.plan = plan, .first_given_ms = -1, .leave_ms = -1};
	s->proc = (struct child){.in = -1, .out = -1, .err = -1, .ready = -1, .ack = -1, .store = -1};
	restart_init(&s->restart);
	linebuf_init(&s->out, LINE_MAX_BYTES);
	hop_init(&s->in, opt->hop_bytes, opt->hop_lines);
	echo_init(&s->echo, &s->in);
	errout_init_stage(s);
}

void
stage_free(struct stage *s)
{
	child_close(&s->proc);
	linebuf_free(&s->out);
	linebuf_free(&s->err);
	hop_free(&s->in);
	echo_free(&s->echo);
	store_free(&s->store);
	free(s->url);
	free(s->trouble);
	free(s->last_err);
}

void
stage_proved(struct stage *s)
{
	restart_take(&s->restart, RESTART_LINE, stamp_mono(), 0);
}

void
stage_over(struct stage *s)
{
	restart_take(&s->restart, RESTART_DONE, stamp_mono(), 0);
}

bool
stage_is_coming(const struct stage *s)
{
	return s->restart.state == RESTART_NEW || (restart_runs(&s->restart) && !s->ready);
}

void
stage_ready(struct stage *s)
{
	s->ready = true;
	notice_back(s);
}

void
stage_close_input(struct stage *s)
{
	if (s->proc.in < 0)
		return;
	s->unread = child_unread(&s->proc);
	if ((s->deaf || s->exited) && s->plan->kind == PLAN_SINK && s->acks == ACKS_UNKNOWN)
		s->unread_lines = child_take_unread(&s->proc);
	close(s->proc.in);
	s->proc.in = -1;
}

void
stage_dealt(struct stage *s, uint64_t lines)
{
	uint64_t before = s->in.lines;
	size_t bytes = hop_deal(&s->in, lines);

	s->dealt += before - s->in.lines;
	if (s->plan->kind != PLAN_SINK)
		return;
	s->count.lines += before - s->in.lines;
	s->count.bytes += bytes;
}

void
stage_no_acks(struct stage *s)
{
	s->acks = ACKS_NO;
	stage_dealt(s, s->sent);
}

/* What belonged to the last process is forgotten. */
static void
renew(struct stage *s)
{
	linebuf_free(&s->out);
	s->toolong = 0;
	hop_again(&s->in);
	echo_again(&s->echo, &s->in);
	s->hang = (struct hang){0};
	s->exited = s->hung = s->deaf = s->again = s->ready = s->says_ready = false;
	s->first_given_ms = s->leave_ms = -1;
	s->took_ms = s->echo_ms = s->asked = 0;
	s->sent = s->dealt = s->ack_len = 0;
	s->fed = s->fed_seen = s->moves = s->unread = s->unread_lines = 0;
	s->acks = s->plan->kind == PLAN_MAP || s->found_out ? ACKS_NO : ACKS_UNKNOWN;
	free(s->url);
	s->url = NULL;
	notes_offer(s);
}

static void act(struct super *, struct stage *, enum restart_event, const char *why);

static void
start(struct super *u, struct stage *s)
{
	struct strbuf path = {0}, why = {0};
	struct child_sockets kept = store_sockets(&s->store);
	int err = ENOENT;

	renew(s);
	if (child_find(s->plan->argv[0], &path) && child_start(path.s, s->plan->argv, notes_pipes(s->plan->kind), &kept,
	    &s->proc, &err)) {
		log_debug("%s started, process %d", s->plan->name, (int)s->proc.pid);
		child_widen(s->proc.out);
		if (refeed_echoes(s))	/* what it has not read is not lost with it */
			child_widen(s->proc.in);
		relay_write(u, s);
	} else {
		strbuf_addf(&why, "%s: %s", path.len ? path.s : s->plan->argv[0],
		    path.len ? strerror(err) : "no such program");
		act(u, s, RESTART_DIED, why.s);
	}
	strbuf_free(&path);
	strbuf_free(&why);
}

/* Lines that its end costs: given and not acknowledged, or never given. */
static void
give_up_lines(struct stage *s)
{
	uint64_t lines = hop_left(&s->in);

	if (lines)
		log_warn("%s ended before it took %llu lines", s->plan->name, (unsigned long long)lines);
	s->dropped += lines;
	hop_free(&s->in);
	echo_forget(&s->echo);
}

/* One event through the restart table, and what that asks for. why: how it ended, for people. */
static void
act(struct super *u, struct stage *s, enum restart_event event, const char *why)
{
	int64_t now = stamp_mono();
	const char *name = s->plan->name;

	switch (restart_take(&s->restart, event, now, drand48())) {
	case RESTART_START:
		if (event == RESTART_ASKED)
			log_info("%s started again, as asked", name);
		else if (why)
			log_warn("%s died: %s; started again", name, why);
		if (why && event != RESTART_ASKED)
			notice_trouble(s, why, s->ready);
		start(u, s);
		break;
	case RESTART_WAIT:
		log_warn("%s died: %s; next try in %.1f s", name, why, (double)(s->restart.due_ms - now) / 1000);
		notice_trouble(s, why, s->ready && s->restart.due_ms - now <= RESTART_QUICK_MAX_MS);
		break;
	case RESTART_PARK:
		log_error("%s: %s: its settings are wrong, starting it again would not help; it stays off", name, why);
		notice_trouble(s, why, false);
		relay_bypass(u, s);
		store_free(&s->store);
		if (s->plan->kind == PLAN_SINK)
			super_stop(u, 2);
		break;
	case RESTART_END:
		if (u->stop_ms < 0)
			log_info("%s ended%s%s", name, why ? ": " : "", why ? why : "");
		give_up_lines(s);
		break;
	case RESTART_NOTHING:
		break;
	}
}

/* What the exit means. While stopping only a death that left lines behind is not the end. */
static enum restart_event
meaning(const struct super *u, const struct stage *s)
{
	bool zero = WIFEXITED(s->status) && WEXITSTATUS(s->status) == 0;

	if (s->input_over && WIFEXITED(s->status) && refeed_echoes(s) && !hop_left(&s->in))
		return RESTART_DONE;	/* whatever the status: it was at its end, and all is echoed */
	if (u->stop_ms >= 0 && (s->asked || u->hurried || !s->in.lines))
		return RESTART_DONE;
	if (s->again)
		return RESTART_ASKED;
	if (WIFEXITED(s->status) && WEXITSTATUS(s->status) == 2)
		return RESTART_REFUSED;
	if (s->plan->kind == PLAN_COLLECT)
		return zero ? RESTART_DONE : RESTART_DIED;
	return s->input_over && (zero || !hop_bytes(&s->in)) ? RESTART_DONE : RESTART_DIED;
}

/* A sink that writes where we write died of that: its reader, and so ours, has left. */
static bool
nobody_reads(const struct stage *s)
{
	return s->plan->kind == PLAN_SINK && WIFSIGNALED(s->status) && WTERMSIG(s->status) == SIGPIPE && fd_reader_left(1);
}

static void
bury(struct super *u, struct stage *s)
{
	struct strbuf why = {0};
	enum restart_event event;

	child_describe(s->status, &why);
	errout_rest(u, s);
	if (s->plan->kind == PLAN_SINK && !s->acks_lines) {
		/* it may have been about to say that it acks: what it has not read is given again in either case */
		stage_close_input(s);
		stage_dealt(s, s->sent > s->unread_lines ? s->sent - s->unread_lines : 0);
	}
	if (!u->hurried)
		refeed_died(u, s);
	child_close(&s->proc);
	s->proc.pid = 0;
	s->exited = false;
	if (nobody_reads(s)) {
		log_info("the reader of standard output has left");
		hop_free(&s->in);
		super_stop(u, 0);
	}
	event = meaning(u, s);
	if (event == RESTART_DONE)
		refeed_ended(s);
	act(u, s, event, why.s);
	strbuf_free(&why);
}

/*
 * Has the process ended? The rest of its group goes with it, so that its pipes come to their end; while it is
 * not waited for, no other group can have its number.
 */
static void
reap(struct super *u, struct stage *s, int64_t now)
{
	siginfo_t info = {0};

	if (!s->proc.pid || s->exited ||
	    waitid(P_PID, (id_t)s->proc.pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || !info.si_pid)
		return;
	kill(-s->proc.pid, SIGKILL);
	waitpid(s->proc.pid, &s->status, 0);
	s->exited = s->has_exited = true;
	s->exited_ms = now;
	notes_rest(s);
	notes_store_rest(u, s);
	refeed_lost(s);
	stage_close_input(s);
}

/* One that should have gone by now is asked, then made to. */
static void
ask(struct super *u, struct stage *s, int64_t now)
{
	int64_t waited = now - s->leave_ms;
	int sig = waited >= 2 * u->patience_ms ? SIGKILL : SIGTERM;

	if (s->leave_ms < 0 || s->exited || s->asked == sig || s->asked == SIGKILL || waited < u->patience_ms)
		return;
	log_warn("%s does not end; sent %s", s->plan->name, sig == SIGKILL ? "KILL" : "TERM");
	s->asked = sig;
	child_kill(&s->proc, sig);
}

/* A sink that has said nothing yet. */
static bool
may_ack(const struct stage *s)
{
	return s->plan->kind == PLAN_SINK && s->acks == ACKS_UNKNOWN && !s->acks_lines;
}

static void
age(struct super *u, struct stage *s, int64_t now)
{
	bool served = s->first_given_ms >= 0 && now - s->first_given_ms >= READY_AFTER_MS;

	if (!s->ready && now - s->restart.started_ms >= READY_AFTER_MS)
		stage_ready(s);
	if (served && s->restart.state == RESTART_FRESH && s->acks != ACKS_YES)
		stage_proved(s);
	if (served && may_ack(s))
		stage_no_acks(s);
	if (now >= s->hang.look_ms && s->plan->kind != PLAN_COLLECT)
		refeed_look(u, s, now);
	if (s->deaf && s->leave_ms < 0)
		s->leave_ms = now;
	ask(u, s, now);
}

/* While stopping: lines are left for it, and it will be back soon. */
static bool
worth_waiting(const struct super *u, const struct stage *s, int64_t now)
{
	return s->in.lines && !u->hurried && s->restart.state == RESTART_WAITING &&
	    s->restart.due_ms <= now + u->patience_ms;
}

void
stage_step(struct super *u, struct stage *s, int64_t now)
{
	if (u->child_ended)
		reap(u, s, now);
	if (s->exited && relay_drained(u, s, now - s->exited_ms >= u->patience_ms))
		bury(u, s);
	if (s->proc.pid && !s->exited)
		age(u, s, now);
	if (u->stop_ms >= 0 && !s->proc.pid && !worth_waiting(u, s, now))
		act(u, s, RESTART_DONE, NULL);
	else if (s->restart.state == RESTART_NEW || (s->restart.state == RESTART_WAITING && now >= s->restart.due_ms))
		act(u, s, RESTART_GO, NULL);
}

int64_t
stage_due(const struct super *u, const struct stage *s)
{
	int64_t due = INT64_MAX;
	bool unproven;

	if (s->restart.state == RESTART_WAITING)
		return s->restart.due_ms;
	if (s->exited && relay_room(u, s))
		return s->exited_ms + u->patience_ms;
	if (!s->proc.pid || s->exited)
		return due;
	if (!s->ready)
		due = s->restart.started_ms + READY_AFTER_MS;
	if (refeed_due(s) < due)
		due = refeed_due(s);
	unproven = s->restart.state == RESTART_FRESH || may_ack(s);
	if (s->first_given_ms >= 0 && unproven && s->acks != ACKS_YES && s->first_given_ms + READY_AFTER_MS < due)
		due = s->first_given_ms + READY_AFTER_MS;
	if (s->leave_ms >= 0 && s->asked != SIGKILL) {
		int64_t next = s->leave_ms + u->patience_ms * (s->asked ? 2 : 1);

		if (next < due)
			due = next;
	}
	return due;
}

/* Its input has ended, or that of all behind it. */
static bool
is_too_late(const struct super *u, const struct stage *s)
{
	if (s->input_over || (s->restart.state == RESTART_OVER && s->plan->kind != PLAN_COLLECT))
		return true;
	for (size_t i = 0; i < u->n && s->plan->kind == PLAN_COLLECT; i++)
		if (u->v[i].input_over)
			return true;
	return false;
}

bool
stage_restart(struct super *u, struct stage *s)
{
	if (s->plan->kind == PLAN_FEED || u->stop_ms >= 0 || is_too_late(u, s))
		return false;
	if (!s->proc.pid) {
		act(u, s, RESTART_ASKED, NULL);
		return true;
	}
	s->again = true;
	if (s->exited || s->asked)
		return true;
	s->leave_ms = stamp_mono() - u->patience_ms;	/* TERM is sent here: KILL is next */
	s->asked = SIGTERM;
	child_kill(&s->proc, SIGTERM);
	return true;
}
