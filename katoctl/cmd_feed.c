/* katoctl feed: the lines of a command, or of standard input, go to the feed socket of a hub that runs elsewhere. */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "katoctl/child.h"
#include "katoctl/cmd.h"
#include "katoctl/loop.h"
#include "katoctl/uplink.h"
#include "lib/fdio.h"
#include "lib/linebuf.h"
#include "lib/log.h"
#include "lib/record.h"
#include "lib/sdnotify.h"
#include "lib/settings.h"
#include "lib/sigs.h"
#include "lib/stamp.h"

enum { REPEAT_MS = 10000, READY_AFTER_MS = 1000, LAST_ACKS_MS = 500, LOOK_MS = 20 };

struct options {
	char *to;
	double patience;
	long long bytes, lines;
};

static const struct setting table[] = {
	{"to", 't', "KATO_FEED", NULL, SET_STRING, offsetof(struct options, to), "/run/kato-live-feed.sock", 0, 0, "SOCKET",
	 "the feed socket of the hub"},
	{"patience", 0, "KATO_PATIENCE", NULL, SET_NUMBER, offsetof(struct options, patience), "2", 0.1, 3600, "SECONDS",
	 "how long the command may take to end before it is killed, and as long again the hub to take what is left"},
	{"max-waiting-bytes", 0, "KATO_MAX_WAITING_BYTES", NULL, SET_BYTES, offsetof(struct options, bytes), "1M", 4096, 1 << 30, "BYTES",
	 "lines the hub has not dealt with; at the bound nothing more is read"},
	{"max-waiting-lines", 0, "KATO_MAX_WAITING_LINES", NULL, SET_INT, offsetof(struct options, lines), "10000", 1, 1e9, "N",
	 "the same, in lines"},
};

static const struct settings_tool tool = {
	.name = "katoctl feed",
	.synopsis = "[options] [-- COMMAND [ARGUMENT…]]",
	.about = "Gives the lines of COMMAND, or of standard input, to the feed socket of a katoctl run. It keeps them until the\n"
		 "pipeline there has dealt with them: when that dies and comes back, it is given the rest again, a line that was\n"
		 "half sent whole. While nobody takes them, up to 1 MiB waits, then COMMAND has to.\n"
		 "Ends as COMMAND does: with its exit status, or 1 if a signal ended it. TERM is passed on to it; what the hub\n"
		 "has not taken some seconds later is lost, which is said, and the exit status is then 1.",
	.examples = "  katoctl feed -- docker-stats\n"
		    "  my-report | katoctl feed --to /run/kato-live-feed.sock\n",
	.table = table,
	.n = sizeof table / sizeof table[0],
	.size = sizeof(struct options),
};

struct feeder {
	struct options opt;
	struct uplink up;
	struct loop loop;
	struct linebuf in;
	struct log_gate gate;
	struct sdnotify systemd;
	uint64_t toolong;	/* of in's, those that were said */
	struct child proc;	/* pid 0: standard input is read */
	int fd;			/* lines come from here; -1: all have */
	bool reaped, killed, ready;
	int status;
	int64_t started_ms, ended_ms;	/* ended: the first moment nothing was left to give; -1: something is */
	int64_t term_ms;		/* -1: not told to stop */
	int64_t patience_ms;
};

static void
say_toolong(struct feeder *f, bool last)
{
	uint64_t unsaid, n = f->in.toolong - f->toolong;

	if (!n || (!last && !log_gate_open(&f->gate, stamp_mono(), REPEAT_MS, &unsaid)))
		return;
	f->toolong = f->in.toolong;
	log_warn("%llu lines of more than %d bytes skipped", (unsigned long long)n, LINE_MAX_BYTES);
}

/* The command is up: it said so, wrote a line, or has run for a second. */
static void
is_ready(struct feeder *f)
{
	if (!f->ready)
		sdnotify_say(&f->systemd, "READY=1");
	f->ready = true;
}

/* What stands behind the last newline: a line, unless who wrote it died in it. */
static void
take_rest(struct feeder *f)
{
	bool died = f->proc.pid && (!f->reaped || !WIFEXITED(f->status) || WEXITSTATUS(f->status));
	struct record r;
	char *line;
	size_t len;

	if (!linebuf_rest(&f->in, &line, &len))
		return;
	if (died || (!f->proc.pid && record_parse(line, len, &r) != RECORD_OK)) {
		log_warn("the input ended inside a line; its %zu bytes are cut off", len);
		return;
	}
	struct strbuf whole = {0};

	strbuf_add(&whole, line, len);
	strbuf_addc(&whole, '\n');
	uplink_put(&f->up, whole.s, whole.len);
	strbuf_free(&whole);
}

static void
end_input(struct feeder *f)
{
	if (f->proc.pid)
		close(f->fd);
	f->fd = f->proc.out = -1;
}

static void
input_ready(void *feeder, void *arg)
{
	struct feeder *f = feeder;
	size_t room, n;
	ssize_t got;
	char *p;

	(void)arg;
	if (f->fd < 0 || uplink_full(&f->up))
		return;
	p = linebuf_space(&f->in, &room);
	got = fd_read(f->fd, p, room);
	if (got < 0 && errno == EAGAIN) {
		if (f->reaped)	/* someone it started holds the pipe: not waited for */
			end_input(f);
		return;
	}
	if (got < 0)
		log_error("input: %s", strerror(errno));
	if (got <= 0) {
		end_input(f);
		return;
	}
	linebuf_filled(&f->in, (size_t)got);
	while (linebuf_run(&f->in, &p, &n)) {
		is_ready(f);
		uplink_put(&f->up, p, n);
	}
	say_toolong(f, false);
}

static void
child_ready(void *feeder, void *arg)
{
	struct feeder *f = feeder;
	char buf[16];
	ssize_t n;

	(void)arg;
	if (f->proc.ready < 0)
		return;
	n = fd_read(f->proc.ready, buf, sizeof buf);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n > 0)
		is_ready(f);
	close(f->proc.ready);
	f->proc.ready = -1;
}

/* The rest of its group ends with it; while it is not waited for, nobody else can have its number. */
static void
reap(struct feeder *f)
{
	siginfo_t info = {0};

	if (!f->proc.pid || f->reaped ||
	    waitid(P_PID, (id_t)f->proc.pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || !info.si_pid)
		return;
	kill(-f->proc.pid, SIGKILL);
	waitpid(f->proc.pid, &f->status, 0);
	f->reaped = true;
}

/* What waits in standard input now is still taken, one read of it. */
static void
leave_input(struct feeder *f)
{
	struct pollfd p = {.fd = f->fd, .events = POLLIN};

	if (poll(&p, 1, 0) == 1)
		input_ready(f, NULL);
	f->fd = -1;
}

static void
signal_ready(void *feeder, void *arg)
{
	struct feeder *f = feeder;
	unsigned came = sigs_take();

	(void)arg;
	if (came & SIGS_HUP && f->proc.pid && !f->reaped)
		kill(f->proc.pid, SIGHUP);
	if (came & SIGS_TERM && f->term_ms < 0) {
		f->term_ms = stamp_mono();
		sdnotify_say(&f->systemd, "STOPPING=1");
		if (f->proc.pid && !f->reaped)
			child_kill(&f->proc, SIGTERM);
		else if (!f->proc.pid)
			leave_input(f);
	}
	reap(f);
}

/* All lines are in, and the hub has them: then it has a moment to say that they are dealt with. False: not yet. */
static bool
is_delivered(struct feeder *f, int64_t now)
{
	bool confirmed;

	if (f->fd >= 0 || (f->proc.pid && !f->reaped) || !uplink_taken(&f->up, &confirmed)) {
		f->ended_ms = -1;
		return false;
	}
	if (f->ended_ms < 0)
		f->ended_ms = now;
	return confirmed || now - f->ended_ms >= LAST_ACKS_MS;
}

static int
wait_ms(const struct feeder *f, int64_t now)
{
	int64_t due = uplink_due(&f->up);

	if (f->fd < 0 && (!f->proc.pid || f->reaped))
		due = now + LOOK_MS < due ? now + LOOK_MS : due;	/* what the hub has read is nowhere told: it is looked for */
	if (f->term_ms >= 0 && f->term_ms + f->patience_ms * (f->killed ? 2 : 1) < due)
		due = f->term_ms + f->patience_ms * (f->killed ? 2 : 1);
	if (!f->ready && f->started_ms + READY_AFTER_MS < due)
		due = f->started_ms + READY_AFTER_MS;
	return due == INT64_MAX ? -1 : due <= now ? 0 : (int)(due - now);
}

static void
turn(struct feeder *f, int64_t now)
{
	loop_add(&f->loop, sigs_fd(), POLLIN, signal_ready, f, NULL);
	loop_add(&f->loop, f->proc.ready, POLLIN, child_ready, f, NULL);
	if (!uplink_full(&f->up))
		loop_add(&f->loop, f->fd, POLLIN, input_ready, f, NULL);
	uplink_watch(&f->up, &f->loop);
	loop_turn(&f->loop, wait_ms(f, now));
}

/* Until the input has ended and is delivered; or, asked to stop, until patience ends. */
static void
run(struct feeder *f)
{
	int64_t now = stamp_mono();
	bool rest = true;

	f->started_ms = now;
	uplink_step(&f->up, now);
	while (!is_delivered(f, now)) {
		if (f->term_ms >= 0 && now - f->term_ms >= 2 * f->patience_ms)
			return;
		turn(f, now);
		now = stamp_mono();
		if (f->term_ms >= 0 && !f->killed && now - f->term_ms >= f->patience_ms) {
			f->killed = true;
			if (f->proc.pid && !f->reaped)
				child_kill(&f->proc, SIGKILL);
		}
		if (f->reaped && f->fd >= 0)
			input_ready(f, NULL);
		if (rest && f->fd < 0 && (!f->proc.pid || f->reaped)) {
			rest = false;
			take_rest(f);
		}
		if (!f->ready && now - f->started_ms >= READY_AFTER_MS)
			is_ready(f);
		uplink_step(&f->up, now);
	}
}

static void
start(struct feeder *f, char **argv)
{
	struct strbuf path = {0};
	int err;

	f->proc = (struct child){.in = -1, .out = -1, .err = -1, .ready = -1, .ack = -1, .store = -1};
	if (!argv)
		return;
	if (!child_find(argv[0], &path))
		die(2, "%s: no such program, or not executable", argv[0]);
	if (!child_start(path.s, argv, CHILD_OUT | CHILD_READY, NULL, &f->proc, &err))
		die(1, "%s: %s", path.s, strerror(err));
	f->fd = f->proc.out;
	strbuf_free(&path);
}

/* As the command ended, unless something was lost or we were told to. */
static int
exit_code(const struct feeder *f)
{
	struct strbuf how = {0};
	bool confirmed;
	int code = 0;

	if (!uplink_taken(&f->up, &confirmed)) {
		log_error("%llu lines were not given to the hub: nobody takes them at %s", (unsigned long long)f->up.lines.lines, f->up.path);
		code = 1;
	}
	if (f->proc.pid && f->reaped && !(f->term_ms >= 0 && WIFSIGNALED(f->status)) && f->status) {
		child_describe(f->status, &how);
		log_warn("the command ended: %s", how.s);
		code = WIFEXITED(f->status) ? WEXITSTATUS(f->status) : 1;
	}
	strbuf_free(&how);
	return code;
}

int
cmd_feed(int argc, char **argv)
{
	struct feeder f = {.ended_ms = -1, .term_ms = -1};
	int at = 1, code;

	while (at < argc && strcmp(argv[at], "--") != 0)
		at++;
	if (settings_start(&tool, &f.opt, at, argv) < at)
		die(2, "-- goes before the command: katoctl feed -- COMMAND…");
	log_init("katoctl feed");
	if (at + 1 == argc)
		die(2, "a command is missing behind --");
	srand48((long)(stamp_now() ^ getpid()));
	sigs_init(SIGS_TERM | SIGS_CHLD | SIGS_HUP);
	f.patience_ms = (int64_t)(f.opt.patience * 1000);
	linebuf_init(&f.in, LINE_MAX_BYTES);
	uplink_init(&f.up, f.opt.to, (size_t)f.opt.bytes, (size_t)f.opt.lines);
	sdnotify_open(&f.systemd);
	start(&f, at < argc ? argv + at + 1 : NULL);
	run(&f);
	say_toolong(&f, true);
	code = exit_code(&f);
	sdnotify_close(&f.systemd);
	child_close(&f.proc);
	uplink_free(&f.up);
	linebuf_free(&f.in);
	loop_free(&f.loop);
	settings_free(&tool, &f.opt);
	return code;
}
