/* katoctl record: keep the lines of standard input in a file. */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "katoctl/cmd.h"
#include "katoctl/tape.h"
#include "lib/fdio.h"
#include "lib/linebuf.h"
#include "lib/log.h"
#include "lib/notify.h"
#include "lib/record.h"
#include "lib/settings.h"
#include "lib/sigs.h"
#include "lib/stamp.h"

enum { LOOK_MS = 1000, REPEAT_MS = 60000, LAST_READS = 64 };

struct options {
	long long rotate, keep, ready_fd, ack_fd;
};

#define AT(m) offsetof(struct options, m)

static const struct setting table[] = {
	{"rotate", 'r', NULL, NULL, SET_BYTES, AT(rotate), "0", 0, 1e15, "BYTES", "begin a new file before FILE grows over this; 0: never"},
	{"keep", 'k', NULL, NULL, SET_INT, AT(keep), "5", 0, 9999, "N", "how many full files to keep, as FILE.1 (the newest) to FILE.N"},
	{"ready-fd", 0, "KATO_READY_FD", NULL, SET_INT, AT(ready_fd), "-1", 0, 1048576, "N", "write a newline there once FILE is open"},
	{"ack-fd", 0, "KATO_ACK_FD", NULL, SET_INT, AT(ack_fd), "-1", 0, 1048576, "N", "write there how many lines were dealt with"},
};

static const struct settings_tool tool = {
	.name = "katoctl record",
	.synopsis = "[options] FILE",
	.about = "Appends the lines of standard input to FILE, byte for byte, and writes nothing to standard output. A line is\n"
		 "in FILE whole or not at all: a recorder that was killed costs at most the line it was writing, which the next\n"
		 "one mends. With a full disk it says so once, goes on when there is room again and tells how many lines were\n"
		 "lost. Lines are written at once; they are forced to the disk at a rotation and at the end.",
	.examples = "  kato-metrics | tee /dev/stderr | katoctl record metrics.ndjson\n"
		    "  katoctl tail | katoctl record --rotate 100M --keep 7 live.ndjson\n",
	.table = table,
	.n = sizeof table / sizeof table[0],
	.size = sizeof(struct options),
};

struct recorder {
	struct options opt;
	int argc;
	char **argv;
	struct tape tape;
	struct linebuf lines;
	struct log_gate toolong_gate, rotate_gate, moved_gate;
	uint64_t toolong;	/* of them, those that were said */
	uint64_t taken;		/* newline-ended lines dealt with */
	uint64_t lost, lost_ever;
	int64_t looked_ms;
	int ack_fd;
};

static void
say_lost(struct recorder *r)
{
	if (r->lost)
		log_warn("%s: %llu lines were lost", r->tape.path, (unsigned long long)r->lost);
	r->lost = 0;
}

/* Says why not (through the gate), or what was mended. */
static bool
open_tape(const struct recorder *r, char *path, struct tape *out, struct log_gate *gate)
{
	struct strbuf say = {0};
	bool good = tape_open(out, path, r->opt.rotate, r->opt.keep, &say);
	uint64_t unsaid;

	if (!good && log_gate_open(gate, stamp_mono(), REPEAT_MS, &unsaid))
		log_error("%s", say.s);
	else if (good && say.len)
		log_warn("%s", say.s);
	strbuf_free(&say);
	return good;
}

/* FILE may have been moved or deleted under our hands. If no new one can be opened, the old one serves on. */
static void
look_after(struct recorder *r, int64_t now)
{
	struct tape fresh;

	r->looked_ms = now;
	if (tape_in_place(&r->tape) || !open_tape(r, r->tape.path, &fresh, &r->moved_gate))
		return;
	log_info("%s: it was moved away: a new one is begun", r->tape.path);
	tape_close(&r->tape);
	r->tape = fresh;
}

static void
keep(struct recorder *r, const char *p, size_t n)
{
	int64_t now = stamp_mono();
	uint64_t lost, unsaid;

	if (now - r->looked_ms >= LOOK_MS)
		look_after(r, now);
	lost = tape_add(&r->tape, p, n);
	if (lost && !r->lost)
		log_error("%s: %s: lines are lost until it can be written again", r->tape.path, strerror(errno));
	else if (!lost && r->lost)
		say_lost(r);
	r->lost += lost;
	r->lost_ever += lost;
	if (r->tape.rotate_error && log_gate_open(&r->rotate_gate, now, REPEAT_MS, &unsaid))
		log_warn("%s: no new file can be begun (%s): this one goes on", r->tape.path, strerror(r->tape.rotate_error));
}

static void
say_toolong(struct recorder *r, bool last)
{
	uint64_t unsaid, n = r->lines.toolong - r->toolong;

	if (!n || (!last && !log_gate_open(&r->toolong_gate, stamp_mono(), REPEAT_MS, &unsaid)))
		return;
	r->toolong = r->lines.toolong;
	log_warn("%llu lines of more than %d bytes skipped", (unsigned long long)n, LINE_MAX_BYTES);
}

static void
keep_lines(struct recorder *r)
{
	char *lines;
	size_t n;

	while (linebuf_run(&r->lines, &lines, &n))
		keep(r, lines, n);
	say_toolong(r, false);
	if (r->lines.lines + r->lines.toolong > r->taken) {
		r->taken = r->lines.lines + r->lines.toolong;
		notify_ack(r->ack_fd, r->taken);
	}
}

/* A last line without a newline is taken if it is a record. */
static void
keep_rest(struct recorder *r)
{
	struct strbuf whole = {0};
	struct record record;
	char *line;
	size_t len;

	if (!linebuf_rest(&r->lines, &line, &len))
		return;
	if (record_parse(line, len, &record) == RECORD_OK) {
		strbuf_add(&whole, line, len);
		strbuf_addc(&whole, '\n');
		keep(r, whole.s, whole.len);
		strbuf_free(&whole);
	} else {
		log_warn("the input ended in the middle of a line: %zu bytes dropped", len);
	}
}

/* False: the input has ended. */
static bool
take(struct recorder *r)
{
	size_t room;
	char *p = linebuf_space(&r->lines, &room);
	ssize_t n = fd_read(0, p, room);

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return true;
	if (n < 0)
		log_error("standard input: %s", strerror(errno));
	if (n > 0) {
		linebuf_filled(&r->lines, (size_t)n);
		keep_lines(r);
	}
	return n > 0;
}

/* HUP: the settings are read anew, and FILE is opened anew if it was moved. */
static void
reload(struct recorder *r)
{
	struct options fresh;

	if (settings_reload(&tool, &fresh, r->argc, r->argv)) {
		r->tape.rotate = r->opt.rotate = fresh.rotate;
		r->tape.keep = r->opt.keep = fresh.keep;
		settings_free(&tool, &fresh);
	}
	look_after(r, stamp_mono());
}

/* Until the input ends; TERM: what is waiting in it now is still taken, within bounds. */
static void
run(struct recorder *r)
{
	struct pollfd p[2] = {{.fd = 0, .events = POLLIN}, {.fd = sigs_fd(), .events = POLLIN}};
	int reads_left = -1;
	unsigned signals;

	while (reads_left) {
		if (poll(p, 2, reads_left < 0 ? -1 : 0) < 0)
			continue;	/* EINTR: sigs_fd says more */
		signals = p[1].revents ? sigs_take() : 0;
		if (signals & SIGS_HUP)
			reload(r);
		if ((signals & SIGS_TERM) && reads_left < 0)
			reads_left = LAST_READS;
		if (p[0].revents && !take(r))
			return;
		if (reads_left > 0)
			reads_left = p[0].revents ? reads_left - 1 : 0;
	}
}

int
cmd_record(int argc, char **argv)
{
	struct recorder r = {.argc = argc, .argv = argv, .looked_ms = stamp_mono()};
	int at = settings_start(&tool, &r.opt, argc, argv), ready_fd = (int)r.opt.ready_fd;

	log_init("katoctl record");
	if (argc - at != 1)
		die(2, at == argc ? "record to which FILE? Try katoctl record --help" : "%s: record writes one file", argv[argc - 1]);
	sigs_init(SIGS_TERM | SIGS_HUP);
	signal(SIGXFSZ, SIG_IGN);	/* ulimit -f: write(2) says EFBIG instead */
	r.ack_fd = (int)r.opt.ack_fd;
	if (!notify_take(ready_fd, false) || !notify_take(r.ack_fd, true))
		die(2, "--ready-fd or --ack-fd names a descriptor that is not open");
	linebuf_init(&r.lines, LINE_MAX_BYTES);
	if (!open_tape(&r, argv[at], &r.tape, &r.moved_gate))
		return 1;
	notify_ack(r.ack_fd, 0);	/* so that it is known from the first line on that we acknowledge */
	notify_ready(&ready_fd);
	run(&r);
	keep_rest(&r);
	say_toolong(&r, true);
	say_lost(&r);
	tape_close(&r.tape);
	linebuf_free(&r.lines);
	settings_free(&tool, &r.opt);
	return r.lost_ever ? 1 : 0;
}
