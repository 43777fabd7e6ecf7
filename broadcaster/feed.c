#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broadcaster/feed.h"
#include "broadcaster/journal.h"
#include "broadcaster/ws.h"
#include "lib/linebuf.h"
#include "lib/log.h"
#include "lib/notify.h"
#include "lib/record.h"
#include "lib/stamp.h"
#include "lib/xalloc.h"

enum { PIPE_BYTES = 1 << 20, SAY_MS = 10000, CLOSE_GOING = 1001 };

struct feed {
	int fd;
	struct linebuf lines;
	uint64_t number;		/* of the line at hand, too long ones included */
	uint64_t toolong;		/* said so far */
	struct log_gate bad_gate, long_gate, state_gate, full_gate;
};

/* --state adds to the types whose last value counts. */
static bool
is_state(const struct server *s, const struct record *r)
{
	if (record_is_state(r))
		return true;
	for (size_t i = 0; i < s->opt.state_types.n; i++)
		if (record_is(r, s->opt.state_types.v[i]))
			return true;
	return false;
}

static void
say(struct log_gate *gate, uint64_t line, const char *what, const char *detail, size_t at)
{
	uint64_t skipped;

	if (!log_gate_open(gate, stamp_mono(), SAY_MS, &skipped))
		return;
	if (detail)
		log_warn("line %llu: %s: %s at byte %zu (%llu dropped so far)", (unsigned long long)line, what, detail, at,
		    (unsigned long long)gate->count);
	else
		log_warn("line %llu: %s (%llu dropped so far)", (unsigned long long)line, what, (unsigned long long)gate->count);
}

static void
gone(struct server *s, const struct record *r, struct hub_now now)
{
	struct strbuf id = {0};
	char *type = xmemdup0(r->type.p, r->type.len);

	if (json_string(r->id, &id))
		hub_gone(s->hub, type, id.s, now);
	strbuf_free(&id);
	free(type);
}

static void
take_state(struct server *s, const struct record *r, struct hub_now now)
{
	struct feed *f = s->feed;
	const struct value *v;

	switch (state_put(s->state, r, now.wall, &v)) {
	case STATE_CHANGED:
		if (r->data.p && !r->id.p)
			series_take(s->series, v->type->name, r->data, v->ms, now.wall);
		hub_state(s->hub, v, now);
		break;
	case STATE_GONE:
		gone(s, r, now);
		break;
	case STATE_IGNORED:
		s->stats.records_bad_state++;
		say(&f->state_gate, f->number, "a state record without usable data: the last good value stays", NULL, 0);
		break;
	case STATE_FULL:
		s->stats.records_bad_state++;
		say(&f->full_gate, f->number, "too many different things: this one is not kept", NULL, 0);
		break;
	}
}

static void
take_record(struct server *s, const struct record *r, struct hub_now now)
{
	uint64_t number = s->lines_before + s->feed->number;
	const struct event *e;

	s->stats.lines++;
	s->demo = s->demo || r->demo;
	if (!r->stamped)
		s->stats.records_unstamped++;
	if (is_state(s, r)) {
		take_state(s, r, now);
		return;
	}
	/* a line given again is told by its number, and by the event's id where nobody numbers them */
	e = number <= journal_taken(s->journal) ? NULL : history_add(s->history, r, now.wall);
	if (!e) {
		s->stats.events_repeated++;
		return;
	}
	journal_add(s->journal, e, number);
	if (hub_event(s->hub, e, r->id)) {
		journal_commit(s->journal, now.mono);
		hub_relieve(s->hub);
	}
}

static void
take_line(struct server *s, const char *line, size_t len, struct hub_now now)
{
	struct feed *f = s->feed;
	struct record r;
	enum record_result result;

	f->number = f->lines.lines + f->lines.toolong;
	result = record_parse(line, len, &r);
	if (result == RECORD_OK) {
		take_record(s, &r, now);
	} else if (result == RECORD_EMPTY) {
		s->stats.lines_empty++;
	} else {
		s->stats.lines_bad++;
		say(&f->bad_gate, f->number, record_strerror(result), result == RECORD_NOT_JSON ? json_strerror(r.error) : NULL, r.at);
	}
}

void
feed_tell(struct server *s, const char *line, size_t len)
{
	struct record r;

	if (record_parse(line, len, &r) == RECORD_OK)
		take_state(s, &r, ws_now());
}

static void
take_lines(struct server *s)
{
	struct feed *f = s->feed;
	struct hub_now now = ws_now();
	char *line;
	size_t len;

	while (linebuf_next(&f->lines, &line, &len))
		take_line(s, line, len, now);
	s->stats.last_line_ms = now.wall;
	s->stats.lines_toolong = f->lines.toolong;
	if (f->lines.toolong != f->toolong) {
		f->toolong = f->lines.toolong;
		say(&f->long_gate, f->lines.lines + f->lines.toolong, "longer than 1 MiB", NULL, 0);
	}
}

static void
ended(struct server *s)
{
	struct feed *f = s->feed;
	char *line;
	size_t len;

	if (linebuf_rest(&f->lines, &line, &len))
		take_line(s, line, len, ws_now());
	s->input_ended = true;
	s->stats.input_ended = 1;
	journal_commit(s->journal, stamp_mono());
	ws_turn(s);
	if (s->opt.exit_on_eof) {
		log_info("the input has ended: stopping");
		ws_stop(s, CLOSE_GOING, "the input has ended");
	} else {
		log_info("the input has ended: serving on what is known");
		hub_input_ended(s->hub, ws_now());
	}
	linebuf_free(&f->lines);
}

/* One read a turn: it never waits, since the loop says there is something, and others get their turn too. */
static int
readable(struct server *s)
{
	struct feed *f = s->feed;
	size_t room;
	char *p = linebuf_space(&f->lines, &room);
	ssize_t n = read(f->fd, p, room);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0)
		log_warn("standard input: %s", strerror(errno));
	if (n <= 0) {
		ended(s);
		return -1;
	}
	s->stats.bytes_in += (uint64_t)n;
	linebuf_filled(&f->lines, (size_t)n);
	take_lines(s);
	journal_commit(s->journal, stamp_mono());	/* before a byte of it is sent, or acknowledged */
	ws_turn(s);
	notify_ack((int)s->opt.ack_fd, f->lines.lines + f->lines.toolong);
	return 0;
}

int
feed_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct server *s = lws_context_user(lws_get_context(wsi));

	(void)user;
	(void)in;
	(void)len;
	return reason == LWS_CALLBACK_RAW_RX_FILE && !s->input_ended ? readable(s) : 0;
}

void
feed_open(struct server *s)
{
	struct feed *f = s->feed = xcalloc(1, sizeof *f);
	int null;

	linebuf_init(&f->lines, LINE_MAX_BYTES);
	/* a copy: libwebsockets closes what it is given, and descriptor 0 must not become a client's */
	f->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (null >= 0 && null != STDIN_FILENO) {
		dup2(null, STDIN_FILENO);
		close(null);
	}
	if (f->fd < 0)
		die(1, "standard input: %s", strerror(errno));
	fcntl(f->fd, F_SETPIPE_SZ, PIPE_BYTES);	/* not a pipe, or not allowed: as good */
	if (!server_watch(s, f->fd, "feed"))
		die(1, "libwebsockets does not take standard input");
}
