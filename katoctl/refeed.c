#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "katoctl/control.h"
#include "katoctl/refeed.h"
#include "katoctl/relay.h"
#include "katoctl/stage.h"
#include "lib/stamp.h"

enum {
	SHOWN = 100,		/* bytes of a line that is said */
	AT_ONCE_MS = 1000,	/* a filter that lives so long after the line it has echoed does not die of that */
	SILENT_MS = 5000,	/* a filter that was given all there is room for, and echoes nothing so long */
};

bool
refeed_echoes(const struct stage *s)
{
	return s->plan->kind == PLAN_FILTER && s->acks != ACKS_NO;
}

const char *
refeed_word(const struct stage *s)
{
	return plan_word(s->found_out ? PLAN_MAP : s->plan->kind);
}

/* Its lines are kept until it says that it has dealt with them. */
static bool
is_kept(const struct stage *s)
{
	return refeed_echoes(s) || s->acks == ACKS_YES || s->acks_lines;
}

/* The number of the oldest line it has not answered, of all that ever came to it. */
static uint64_t
place(const struct stage *s)
{
	return s->in.gone + (s->in.open > 0);
}

bool
refeed_unsent(const struct stage *s, const char **p, size_t *n)
{
	const struct hop *h = &s->in;
	size_t oldest = h->start + h->open;
	const char *nl;

	if (!hop_unsent(h, p, n))
		return false;
	if (!is_kept(s) || !poison_careful(&s->poison, place(s)))
		return true;
	if (h->sent > oldest && h->buf[h->sent - 1] == '\n')
		return false;
	nl = memchr(h->buf + (h->sent > oldest ? h->sent : oldest), '\n', h->end - (h->sent > oldest ? h->sent : oldest));
	if (nl)
		*n = (size_t)(nl + 1 - *p);
	return true;
}

static void
found_out(struct stage *s, uint64_t missed, const char *how)
{
	log_warn("%s %s: it is no filter but a map; nothing is given to it twice from now on (%llu lines missed)", s->plan->name, how,
	    (unsigned long long)missed);
	s->dropped += missed;
	s->found_out = true;
	stage_no_acks(s);
}

static void
hand_on(struct super *u, struct stage *s, const char *p, size_t n, uint64_t lines)
{
	if (!n)
		return;
	s->count.lines += lines;
	s->count.bytes += n;
	control_tapped(u, s, p, n);
	relay_give(u, s, p, n, lines);
}

void
refeed_output(struct super *u, struct stage *s, const char *p, size_t n)
{
	struct echo_piece piece;
	uint64_t lines = 0;
	size_t on = 0;	/* bytes at p that are new and not handed on yet */

	while (on < n && refeed_echoes(s)) {
		piece = echo_take(&s->echo, &s->in, p + on, n - on);
		if (piece.what == ECHO_BROKEN)
			found_out(s, piece.missed, "does not pass on each line as it is");
		if (piece.what == ECHO_ON) {
			on += piece.bytes;
			lines += piece.lines;
		}
		if (piece.what == ECHO_CUT) {
			hand_on(u, s, p, on, lines);
			p += on + piece.bytes;
			n -= on + piece.bytes;
			on = lines = 0;
		}
	}
	if (on < n)
		lines += hop_count(p + on, n - on);
	hand_on(u, s, p, n, lines);
}

void
refeed_lost(struct stage *s)
{
	uint64_t lines = is_kept(s) || s->acks == ACKS_UNKNOWN ? 0 : child_take_unread(&s->proc);

	if (!lines)
		return;
	log_warn("%s left %llu lines unread; they are lost", s->plan->name, (unsigned long long)lines);
	s->dropped += lines;
}

static void
say_culprit(const struct stage *s, const char *line, size_t n)
{
	log_error("%s died %d times of one line, which %s: %.*s%s", s->plan->name, POISON_DEATHS,
	    s->plan->kind == PLAN_SINK ? "is dropped" : "goes round it", (int)(n - 1 < SHOWN ? n - 1 : SHOWN), line,
	    n - 1 > SHOWN ? "..." : "");
}

/* The oldest line it has not answered is not given again. */
static void
go_round(struct super *u, struct stage *s)
{
	struct hop *h = &s->in;
	const char *p, *nl;

	if (h->open)
		hop_drop(h);	/* what it was to add there is in: the process went on to the next */
	p = h->buf + h->start;
	nl = memchr(p, '\n', h->end - h->start);
	if (!nl)
		return;
	say_culprit(s, p, (size_t)(nl + 1 - p));
	if (s->plan->kind == PLAN_SINK)
		s->dropped++;
	else
		hand_on(u, s, p, (size_t)(nl + 1 - p), 1);
	hop_drop(h);
	echo_forget(&s->echo);
}

/* It dies of the line it has echoed: that is not given again. */
static void
go_on(struct stage *s)
{
	log_error("%s died %d times behind one line; what it adds there may be missing", s->plan->name, POISON_DEATHS);
	hop_drop(&s->in);
	echo_forget(&s->echo);
}

/* A process that somebody ended did not die of what it had read. */
static bool
was_ended(const struct stage *s)
{
	static const int by_hand[] = {SIGKILL, SIGTERM, SIGINT, SIGHUP, SIGQUIT};

	for (size_t i = 0; i < sizeof by_hand / sizeof by_hand[0]; i++)
		if (WIFSIGNALED(s->status) && WTERMSIG(s->status) == by_hand[i])
			return !s->hung;
	return false;
}

void
refeed_died(struct super *u, struct stage *s)
{
	const struct hop *h = &s->in;
	size_t given = h->sent - h->start, read = given > s->unread ? given - s->unread : 0;

	if (!is_kept(s) || !h->lines || !read || (s->asked && !s->hung) || was_ended(s))
		return;
	if (h->open && read <= h->open) {
		if (s->exited_ms - s->took_ms < AT_ONCE_MS && poison_died(&s->poison, h->gone, h->gone + h->given))
			go_on(s);
		return;
	}
	if (poison_died(&s->poison, place(s), h->gone + h->given + (h->sent > h->line)))
		go_round(u, s);
}

void
refeed_ended(struct stage *s)
{
	const char *p;
	size_t n;

	if (!refeed_echoes(s))
		return;
	if (hop_unechoed(&s->in, &p, &n)) {
		uint64_t lines = hop_count(p, n);

		log_warn("%s ended without passing on %llu lines", s->plan->name, (unsigned long long)lines);
		s->dropped += lines;
	}
	stage_dealt(s, s->in.given);
	if (s->in.open)
		hop_drop(&s->in);
}

/* Something is there that it could do, and where it would write there is room. */
static bool
waits(const struct super *u, const struct stage *s)
{
	if (s->plan->kind != PLAN_SINK && !relay_room(u, s))
		return false;
	return hop_left(&s->in) || child_unread(&s->proc);
}

/* It has read all there is room for, so that nothing more can come, and writes none of it. */
static bool
swallows(const struct super *u, const struct stage *s, int64_t now)
{
	const char *p;
	size_t n;

	return refeed_echoes(s) && hop_full(&s->in) && !hop_unsent(&s->in, &p, &n) && !child_unread(&s->proc) && relay_room(u, s) &&
	    now - s->took_ms >= SILENT_MS && now - s->echo_ms >= SILENT_MS;
}

void
refeed_look(struct super *u, struct stage *s, int64_t now)
{
	uint64_t moved = s->fed - child_unread(&s->proc) + s->moves;

	s->fed_seen = s->fed;
	if (poison_careful(&s->poison, place(s)) && now - s->took_ms >= HANG_LOOK_MS && !child_unread(&s->proc))
		poison_relax(&s->poison);
	if (swallows(u, s, now))
		found_out(s, echo_swallowed(&s->echo, &s->in), "echoes nothing");
	switch (hang_look(&s->hang, now, waits(u, s), moved, s->leave_ms < 0 ? u->stuck_ms : 0)) {
	case HANG_SAY:
		log_warn("%s has not moved for %d seconds; %llu lines wait for it", s->plan->name, HANG_SAY_MS / 1000,
		    (unsigned long long)hop_left(&s->in));
		break;
	case HANG_END:
		log_warn("%s is stuck; it is ended and started again", s->plan->name);
		s->hung = true;
		s->leave_ms = now - u->patience_ms;
		s->asked = SIGTERM;
		child_kill(&s->proc, SIGTERM);
		break;
	case HANG_NOT:
		break;
	}
}

int64_t
refeed_due(const struct stage *s)
{
	return s->hang.waits || s->fed != s->fed_seen ? s->hang.look_ms : INT64_MAX;
}
