/* katoctl replay: play recordings at the speed they were made. */

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "katoctl/cmd.h"
#include "katoctl/out.h"
#include "katoctl/pace.h"
#include "katoctl/retime.h"
#include "lib/fdio.h"
#include "lib/linebuf.h"
#include "lib/log.h"
#include "lib/settings.h"
#include "lib/sigs.h"
#include "lib/stamp.h"

enum { BATCH = 64 << 10, SHOW_MS = 250, CLOCK_STEP_MS = 1000 };

struct options {
	char *speed;
	bool loop, retime;
	struct strlist states;
};

#define AT(m) offsetof(struct options, m)

static const struct setting table[] = {
	{"speed", 's', NULL, NULL, SET_STRING, AT(speed), "1", 0, 0, "N|max", "so many times as fast as it was recorded; max: without waiting"},
	{"loop", 'l', NULL, NULL, SET_BOOL, AT(loop), NULL, 0, 0, NULL, "begin again at the end, for ever"},
	{"retime", 't', NULL, NULL, SET_BOOL, AT(retime), NULL, 0, 0, NULL, "move the time stamps to now"},
	{"state", 0, NULL, NULL, SET_LIST, AT(states), NULL, 0, 0, "TYPE", "one more type whose last value counts: its ids stay as they are"},
};

static const struct settings_tool tool = {
	.name = "katoctl replay",
	.synopsis = "[options] FILE…",
	.about = "Writes the recorded lines of the files (-: standard input), one file after the other, with the pauses between\n"
		 "them that their time stamps have. A line without one goes with the line before it; a step of more than a\n"
		 "minute back or an hour ahead is not waited for. Lines are passed byte for byte, good and bad, but for --retime\n"
		 "(each time stamp of a record moves as far as its \"timestamp\" does) and the ids of events under --loop and\n"
		 "--retime, which get ~RUN.LOOP appended: an event whose id was seen before is taken once only.",
	.examples = "  katoctl replay monday.ndjson.1 monday.ndjson | broadcaster\n"
		    "  katoctl replay --loop --retime share/demo/kato.ndjson | alertd | broadcaster\n"
		    "  zcat old.ndjson.gz | katoctl replay --speed max - | alertd | jq -c 'select(.type == \"system_alert\")'\n",
	.table = table,
	.n = sizeof table / sizeof table[0],
	.size = sizeof(struct options),
};

struct player {
	struct options opt;
	double speed;
	bool raw;		/* nothing of a line matters */
	struct pace pace;
	struct out out;
	struct strbuf ready;	/* lines that are due */
	struct linebuf lines;
	uint64_t toolong;	/* of them, those that were said */
	char suffix[48];	/* of event ids; empty: none */
	int64_t wall;		/* what the wall clock is ahead of the monotonic one */
	uint64_t loop, played;

	bool terminal;		/* progress is shown */
	int64_t shown_ms;
	const char *name;	/* of the file being played */
	off_t size, at;
	int64_t first;		/* the file's first stamp */
	bool stamped;
	int code;		/* of the exit, once playing is to end */
};

static void
show(struct player *p, int64_t now)
{
	int64_t s = p->stamped ? (p->pace.newest - p->first) / 1000 : 0;

	if (!p->terminal || now - p->shown_ms < SHOW_MS)
		return;
	p->shown_ms = now;
	fprintf(stderr, "\r%s:", p->name);
	if (p->size > 0)
		fprintf(stderr, " %d %%,", (int)(100 * p->at / p->size));
	fprintf(stderr, " %02lld:%02lld:%02lld, %llu lines", (long long)(s / 3600), (long long)(s / 60 % 60), (long long)(s % 60),
	    (unsigned long long)p->played);
	if (p->opt.loop)
		fprintf(stderr, ", round %llu", (unsigned long long)p->loop);
	fputs("\033[K", stderr);
}

static void
show_nothing(const struct player *p)
{
	if (p->terminal)
		fputs("\r\033[K", stderr);
}

/* Writes what is due. False: playing is to end. */
static bool
flush(struct player *p)
{
	bool on = out_all(&p->out, p->ready.s, p->ready.len, &p->code);

	strbuf_reset(&p->ready);
	return on;
}

/* Until the monotonic clock says due. False: playing is to end. */
static bool
wait_until(struct player *p, double due)
{
	struct pollfd w[2] = {{.fd = sigs_fd(), .events = POLLIN}, {.fd = p->out.fd}};
	int64_t now, most = p->terminal ? SHOW_MS : 60000;
	double left;

	while ((left = ceil(due - (double)(now = stamp_mono()))) > 0) {
		show(p, now);
		if (poll(w, 2, left < (double)most ? (int)left : (int)most) < 0 && errno != EINTR)
			return false;
		if (w[0].revents && (sigs_take() & SIGS_TERM))
			return false;
		if (w[1].revents)	/* the reader left */
			return false;
	}
	return true;
}

static bool
is_event(const struct player *p, const struct record *r)
{
	for (size_t i = 0; i < p->opt.states.n; i++)
		if (record_is(r, p->opt.states.v[i]))
			return false;
	return !record_is_state(r);
}

/* Where a stamp of the recording lies on the wall clock now; a clock that was set is followed. */
static int64_t
moved(struct player *p, int64_t stamp)
{
	int64_t wall = stamp_now() - stamp_mono();

	if (wall - p->wall > CLOCK_STEP_MS || p->wall - wall > CLOCK_STEP_MS)
		p->wall = wall;
	return p->wall + (int64_t)llround(pace_time(&p->pace, stamp));
}

/* A line of n bytes, newline included, when its time has come. */
static bool
play(struct player *p, const char *line, size_t n)
{
	struct record r = {0};
	bool good;
	double due;

	p->played++;
	if (p->raw) {
		strbuf_add(&p->ready, line, n);
		return p->ready.len < BATCH || flush(p);
	}
	good = record_parse(line, n, &r) == RECORD_OK;
	if (good && r.stamped) {
		due = pace_due(&p->pace, r.ms, stamp_mono());
		if (!p->stamped)
			p->first = r.ms;
		p->stamped = true;
		if (due > (double)stamp_mono() && (!flush(p) || !wait_until(p, due)))
			return false;
	}
	if (good)
		retime_line(&r, line, n, p->opt.retime && r.stamped ? moved(p, r.ms) : RETIME_KEEP,
		    *p->suffix && is_event(p, &r) ? p->suffix : NULL, &p->ready);
	else
		strbuf_add(&p->ready, line, n);
	return p->ready.len < BATCH || flush(p);
}

static void
say_toolong(struct player *p)
{
	uint64_t n = p->lines.toolong - p->toolong;

	p->toolong = p->lines.toolong;
	if (n)
		log_warn("%s: %llu lines of more than %d bytes skipped", p->name, (unsigned long long)n, LINE_MAX_BYTES);
}

/* The lines read so far, then what is due is written: nothing is held while we wait for more input. */
static bool
play_lines(struct player *p)
{
	char *line;
	size_t len;

	while (linebuf_next(&p->lines, &line, &len))
		if (!play(p, line, len + 1))
			return false;
	show(p, stamp_mono());
	return flush(p);
}

/* A last line without newline gets one. */
static bool
play_rest(struct player *p)
{
	struct strbuf whole = {0};
	char *line;
	size_t len;
	bool on = true;

	if (linebuf_rest(&p->lines, &line, &len)) {
		strbuf_add(&whole, line, len);
		strbuf_addc(&whole, '\n');
		on = play(p, whole.s, whole.len);
		strbuf_free(&whole);
	}
	return on && flush(p);
}

/* The next bytes of the input: 1, 0 at its end, -1: playing is to end. */
static int
fill(struct player *p, int fd)
{
	struct pollfd w[3] = {{.fd = sigs_fd(), .events = POLLIN}, {.fd = p->out.fd}, {.fd = fd, .events = POLLIN}};
	size_t room;
	char *to = linebuf_space(&p->lines, &room);
	ssize_t n;

	while (!w[2].revents) {
		if (poll(w, 3, -1) < 0 && errno != EINTR)
			return -1;
		if ((w[0].revents && (sigs_take() & SIGS_TERM)) || w[1].revents)
			return -1;
	}
	n = fd_read(fd, to, room);
	if (n < 0) {
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			return 1;
		log_error("%s: %s", p->name, strerror(errno));
		p->code = 1;
		return -1;
	}
	if (n >= 2 && !p->at && !memcmp(to, "\x1f\x8b", 2)) {
		log_error("%s: is compressed; zcat %s | katoctl replay -", p->name, p->name);
		p->code = 2;
		return -1;
	}
	p->at += n;
	linebuf_filled(&p->lines, (size_t)n);
	return n > 0;
}

/* False: playing is to end. */
static bool
play_file(struct player *p, const char *name)
{
	int fd = strcmp(name, "-") ? open(name, O_RDONLY | O_CLOEXEC) : 0, got = 0;
	struct stat st;
	bool on = true;

	p->name = fd ? name : "standard input";
	if (fd < 0 || fstat(fd, &st) < 0) {
		log_error("%s: %s", name, strerror(errno));
		p->code = 1;
		return false;
	}
	p->size = S_ISREG(st.st_mode) ? st.st_size : 0;
	p->at = 0;
	p->stamped = false;
	while (on && (got = fill(p, fd)) > 0)
		on = play_lines(p);
	on = on && got == 0 && play_rest(p);
	say_toolong(p);
	linebuf_free(&p->lines);
	p->toolong = p->lines.toolong;
	if (fd)
		close(fd);
	return on;
}

static void
play_all(struct player *p, char *const *files)
{
	unsigned long long run = (unsigned long long)stamp_now();
	uint64_t before;

	do {
		before = p->played;
		p->loop++;
		if (p->opt.loop || p->opt.retime)
			snprintf(p->suffix, sizeof p->suffix, "~%llx.%llu", run, (unsigned long long)p->loop);
		for (char *const *f = files; *f; f++)
			if (!play_file(p, *f))
				return;
		if (p->opt.loop && p->played == before) {
			log_error("there is not one line to play again");
			p->code = 1;
			return;
		}
		if (p->opt.loop && !p->pace.begun && !p->raw &&
		    !wait_until(p, (double)stamp_mono() + PACE_GAP_MS / p->speed))	/* nothing in it has a time */
			return;
		pace_again(&p->pace);
	} while (p->opt.loop);
}

static double
parse_speed(const char *s)
{
	char *end;
	double v = strtod(s, &end);

	if (!strcasecmp(s, "max"))
		return INFINITY;
	if (end == s || *end || !(v >= 0.001 && v <= 1e6))
		die(2, "--speed %s: must be from 0.001 to 1000000, or max", s);
	return v;
}

static void
check_files(const struct player *p, char *const *files)
{
	struct stat st;

	for (; *files; files++) {
		if (!strcmp(*files, "-") ? fstat(0, &st) < 0 : stat(*files, &st) < 0 || access(*files, R_OK) < 0)
			die(2, "%s: %s", *files, strerror(errno));
		if (S_ISDIR(st.st_mode))
			die(2, "%s: %s", *files, strerror(EISDIR));
		if (p->opt.loop && (!S_ISREG(st.st_mode) || !strcmp(*files, "-")))
			die(2, "%s: cannot be read again, which --loop needs", *files);
	}
}

int
cmd_replay(int argc, char **argv)
{
	struct player p = {.name = ""};
	int at = settings_start(&tool, &p.opt, argc, argv);

	log_init("katoctl replay");
	if (at == argc)
		die(2, "replay which FILE? Try katoctl replay --help");
	p.speed = parse_speed(p.opt.speed);
	p.raw = isinf(p.speed) && !p.opt.retime && !p.opt.loop;
	check_files(&p, argv + at);
	sigs_init(SIGS_TERM);
	out_init(&p.out);
	linebuf_init(&p.lines, LINE_MAX_BYTES);
	pace_init(&p.pace, p.speed);
	p.wall = stamp_now() - stamp_mono();
	p.terminal = isatty(2) && !isatty(1);
	play_all(&p, argv + at);
	show_nothing(&p);
	out_close(&p.out);
	strbuf_free(&p.ready);
	linebuf_free(&p.lines);
	settings_free(&tool, &p.opt);
	return p.code;
}
