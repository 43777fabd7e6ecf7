#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "katoctl/control.h"
#include "katoctl/feed.h"
#include "katoctl/refeed.h"
#include "katoctl/relay.h"
#include "katoctl/stage.h"
#include "lib/fdio.h"
#include "lib/stamp.h"

enum { SAY_EVERY_MS = 10000, READ_MAX = 256 << 10 };

static bool
is_middle(const struct stage *s)
{
	return s->plan->kind == PLAN_FILTER || s->plan->kind == PLAN_MAP;
}

/* Parked ones are gone round. */
static bool
takes(const struct stage *s)
{
	return s->restart.state != RESTART_PARKED && s->restart.state != RESTART_OVER;
}

/* The filter that comes behind from; NULL: the sinks do. */
static struct stage *
next_filter(const struct super *u, const struct stage *from)
{
	size_t i = from && is_middle(from) ? (size_t)(from - u->v) + 1 : 0;

	for (; i < u->n; i++)
		if (is_middle(&u->v[i]) && takes(&u->v[i]))
			return &u->v[i];
	return NULL;
}

bool
relay_room(const struct super *u, const struct stage *from)
{
	const struct stage *f = next_filter(u, from);

	if (f)
		return !hop_full(&f->in);
	for (size_t i = 0; i < u->n; i++)
		if (u->v[i].plan->kind == PLAN_SINK && takes(&u->v[i]) && hop_full(&u->v[i].in))
			return false;
	return true;
}

/* So many lines of n bytes are given to a process that has dealt with them thereby. */
static void
passed(struct stage *to, size_t n, uint64_t lines)
{
	hop_passed(&to->in, lines);
	to->sent += lines;
	to->fed += n;
	to->took_ms = stamp_mono();
	if (lines && to->first_given_ms < 0)
		to->first_given_ms = to->took_ms;
	if (to->plan->kind != PLAN_SINK)
		return;
	to->count.lines += lines;
	to->count.bytes += n;
}

/* Straight into its pipe, as much as that takes; only what is left is kept. False: nothing was done. */
static bool
pass(struct stage *to, const char *p, size_t n, uint64_t lines)
{
	const char *last;
	size_t whole;
	uint64_t given;
	ssize_t wrote = to->proc.in >= 0 ? write(to->proc.in, p, n) : -1;

	if (wrote <= 0)
		return false;
	last = (size_t)wrote == n ? p + n - 1 : memrchr(p, '\n', (size_t)wrote);
	whole = last ? (size_t)(last + 1 - p) : 0;
	given = whole == n ? lines : hop_count(p, whole);
	passed(to, whole, given);
	hop_put(&to->in, p + whole, n - whole, lines - given);
	if ((size_t)wrote > whole) {
		hop_wrote(&to->in, (size_t)wrote - whole);
		to->fed += (size_t)wrote - whole;
	}
	return true;
}

/* A pipe with nothing on its way gets it at once; else its turn comes when the process has read. */
static void
put(struct super *u, struct stage *to, const char *p, size_t n, uint64_t lines)
{
	const char *q;
	size_t left;
	bool idle = !hop_unsent(&to->in, &q, &left);

	if (to->plan->kind == PLAN_SINK)
		control_tapped(u, to, p, n);
	if (idle && to->acks == ACKS_NO && pass(to, p, n, lines))
		return;
	hop_put(&to->in, p, n, lines);
	if (idle)
		relay_write(u, to);
}

void
relay_give(struct super *u, const struct stage *from, const char *p, size_t n, uint64_t lines)
{
	struct stage *f = next_filter(u, from);

	u->lines += lines;
	if (f) {
		put(u, f, p, n, lines);
		return;
	}
	for (size_t i = 0; i < u->n; i++)
		if (u->v[i].plan->kind == PLAN_SINK && takes(&u->v[i]))
			put(u, &u->v[i], p, n, lines);
}

void
relay_lines(struct super *u, const struct stage *from, struct linebuf *b, struct relay_count *count)
{
	char *run;
	size_t n;
	uint64_t before = b->lines;

	while (linebuf_run(b, &run, &n)) {
		count->lines += b->lines - before;
		count->bytes += n;
		control_tapped(u, from, run, n);
		relay_give(u, from, run, n, b->lines - before);
		before = b->lines;
	}
}

static void
say_toolong(struct stage *s)
{
	uint64_t more = s->out.toolong - s->toolong, skipped;

	if (!more)
		return;
	s->toolong += more;
	s->dropped += more;
	if (log_gate_open(&s->toolong_gate, stamp_mono(), SAY_EVERY_MS, &skipped))
		log_warn("%s wrote a line over %d bytes; dropped (%llu lines so far)", s->plan->name, LINE_MAX_BYTES,
		    (unsigned long long)s->dropped);
}

/* End of file: what stands behind the last newline is the beginning of a line whose writer died. */
static void
close_output(struct stage *s)
{
	size_t torn = linebuf_pending(&s->out);

	if (torn) {
		s->torn++;
		log_warn("%s ended inside a line; its %zu bytes are cut off", s->plan->name, torn);
	}
	close(s->proc.out);
	s->proc.out = -1;
}

/* One read. False: nothing to be had now. */
static bool
read_output(struct super *u, struct stage *s)
{
	size_t room, run;
	char *p;
	ssize_t n;

	if (s->proc.out < 0 || !relay_room(u, s))
		return false;
	p = linebuf_space(&s->out, &room);
	n = fd_read(s->proc.out, p, room);
	if (n < 0 && errno == EAGAIN)
		return false;
	if (n <= 0) {
		close_output(s);
		return false;
	}
	s->moves++;
	s->echo_ms = stamp_mono();
	linebuf_filled(&s->out, (size_t)n);
	if ((size_t)n == room) {
		u->flood = true;
		if (s->out.cap < READ_MAX)
			linebuf_grow(&s->out, 2 * s->out.cap);
	}
	if (refeed_echoes(s))
		while (linebuf_run(&s->out, &p, &run))
			refeed_output(u, s, p, run);
	else
		relay_lines(u, s, &s->out, &s->count);
	say_toolong(s);
	if (s->restart.state == RESTART_FRESH && s->out.lines)
		stage_proved(s);
	return true;
}

static void
output_ready(void *super, void *stage)
{
	read_output(super, stage);
}

bool
relay_drained(struct super *u, struct stage *s, bool late)
{
	while (!u->hurried && read_output(u, s))
		;
	if ((u->hurried || (late && relay_room(u, s))) && s->proc.out >= 0)
		close_output(s);
	return s->proc.out < 0;
}

/* The process got some. A sink that acks and a filter keep theirs outstanding; for all others giving is dealing. */
static void
gave(struct stage *s, size_t n)
{
	uint64_t lines = hop_wrote(&s->in, n);
	const char *p;
	size_t left;

	s->sent += lines;
	s->fed += n;
	s->took_ms = stamp_mono();
	if (lines && s->first_given_ms < 0)
		s->first_given_ms = s->took_ms;
	/* it read until we were full, far more than its pipe holds, without a word: it will not speak of them */
	if (s->plan->kind == PLAN_SINK && s->acks == ACKS_UNKNOWN && !s->acks_lines && hop_full(&s->in) && !hop_unsent(&s->in, &p, &left))
		stage_no_acks(s);
	else if (s->acks == ACKS_NO)
		stage_dealt(s, lines);
}

void
relay_write(struct super *u, struct stage *s)
{
	const char *p;
	size_t len;
	ssize_t n;

	(void)u;
	while (s->proc.in >= 0 && refeed_unsent(s, &p, &len)) {
		n = write(s->proc.in, p, len);
		if (n >= 0) {
			gave(s, (size_t)n);
		} else if (errno == EPIPE) {
			s->deaf = true;
			refeed_lost(s);
			stage_close_input(s);
		} else if (errno != EINTR) {
			return;
		}
	}
	if (s->proc.in >= 0 && s->input_over && !hop_unsent(&s->in, &p, &len))
		stage_close_input(s);
}

static void
input_ready(void *super, void *stage)
{
	relay_write(super, stage);
}

void
relay_watch(struct super *u)
{
	for (size_t i = 0; i < u->n; i++) {
		struct stage *s = &u->v[i];
		const char *p;
		size_t n;

		if (s->proc.out >= 0 && relay_room(u, s))
			loop_add(&u->loop, s->proc.out, POLLIN, output_ready, u, s);
		if (s->proc.in >= 0 && refeed_unsent(s, &p, &n))
			loop_add(&u->loop, s->proc.in, POLLOUT, input_ready, u, s);
	}
}

/* Will from (NULL: a collector, the feed) never write again? */
static bool
sources_over(const struct super *u)
{
	if (u->feed && !feed_over(u->feed))
		return false;
	for (size_t i = 0; i < u->n; i++)
		if (u->v[i].plan->kind == PLAN_COLLECT && u->v[i].restart.state != RESTART_OVER)
			return false;
	return true;
}

static void
end_input(struct super *u, struct stage *s)
{
	if (s->input_over)
		return;
	s->input_over = true;
	relay_write(u, s);
	if (!restart_runs(&s->restart) && s->restart.state != RESTART_PARKED && !hop_bytes(&s->in))
		stage_over(s);
}

void
relay_ends(struct super *u)
{
	bool over = sources_over(u);

	for (size_t i = 0; i < u->n && over; i++)
		if (is_middle(&u->v[i])) {
			end_input(u, &u->v[i]);
			over = !takes(&u->v[i]);
		}
	for (size_t i = 0; i < u->n && over; i++)
		if (u->v[i].plan->kind == PLAN_SINK)
			end_input(u, &u->v[i]);
}

void
relay_bypass(struct super *u, struct stage *s)
{
	const char *p;
	size_t n;
	uint64_t lines = hop_left(&s->in);

	if (s->in.open)
		hop_drop(&s->in);
	hop_again(&s->in);
	if (!is_middle(s))
		s->dropped += lines;
	else if (hop_unsent(&s->in, &p, &n))
		relay_give(u, s, p, n, lines);
	hop_free(&s->in);
	echo_forget(&s->echo);
}
