/* katoctl merge: several commands, one stream of whole lines. */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "katoctl/child.h"
#include "katoctl/cmd.h"
#include "katoctl/loop.h"
#include "katoctl/out.h"
#include "lib/fdio.h"
#include "lib/linebuf.h"
#include "lib/log.h"
#include "lib/settings.h"
#include "lib/sigs.h"
#include "lib/stamp.h"
#include "lib/xalloc.h"

enum { PATIENCE_MS = 5000, REPEAT_MS = 10000 };

static const struct settings_tool tool = {
	.name = "katoctl merge",
	.synopsis = "[options] -- COMMAND [ARGUMENT…] [-- COMMAND [ARGUMENT…]]…",
	.about = "Runs the commands side by side and writes what they write to standard output, by whole lines. A line that a\n"
		 "dying command was in the middle of is cut off and said. One that ends or fails leaves the others running.\n"
		 "Ends when all have: with 0 if each ended with 0 or we were told to stop, 2 if those that failed all said 2\n"
		 "(wrong usage), else 1. TERM and INT are passed on; what is left after 5 s is killed.",
	.examples = "  katoctl merge -- kato-metrics -- docker-stats -- session-watch | alertd | broadcaster\n"
		    "  katoctl merge -- kato-metrics --url http://a:8000 -- kato-metrics --url http://b:8000 | jq -c .type\n",
	.size = 1,
};

struct writer {
	char **argv;
	char *path;
	struct child proc;	/* pid 0: it could not be started; out is -1 once its output has ended */
	struct linebuf lines;
	struct log_gate gate;
	uint64_t toolong;	/* of them, those that were said */
	bool reaped, over;
	int status;
};

struct merge {
	struct writer *v;
	size_t n;
	struct loop loop;
	struct out out;
	bool stopping, left;
	int64_t kill_ms;	/* monotonic; -1: nobody was told to stop, or all were killed */
	int code;
};

static void
signal_all(struct merge *m, int sig)
{
	for (size_t i = 0; i < m->n; i++)
		if (!m->v[i].reaped)
			child_kill(&m->v[i].proc, sig);
}

static void
stop(struct merge *m)
{
	if (m->stopping)
		return;
	m->stopping = true;
	m->kill_ms = stamp_mono() + PATIENCE_MS;
	signal_all(m, SIGTERM);
}

/* Nobody reads any more, or nothing can be written: what the commands still write goes nowhere. */
static void
leave(struct merge *m)
{
	m->left = true;
	for (size_t i = 0; i < m->n; i++)
		child_close(&m->v[i].proc);
	stop(m);
}

static void
reap(struct merge *m)
{
	for (size_t i = 0; i < m->n; i++) {
		struct writer *w = &m->v[i];

		if (!w->reaped && waitpid(w->proc.pid, &w->status, WNOHANG) == w->proc.pid)
			w->reaped = true;
	}
}

static void
take_signals(void *owner, void *arg)
{
	struct merge *m = owner;

	(void)arg;
	if (sigs_take() & SIGS_TERM)
		stop(m);
	reap(m);
}

static void
reader_left(void *owner, void *arg)
{
	(void)arg;
	leave(owner);
}

/* What is left after PATIENCE_MS is killed. */
static void
lose_patience(struct merge *m)
{
	if (m->kill_ms < 0 || stamp_mono() < m->kill_ms)
		return;
	m->kill_ms = -1;
	signal_all(m, SIGKILL);
	if (!m->left)
		leave(m);
}

static void
write_out(struct merge *m, const char *p, size_t n)
{
	size_t done = 0;

	while (!m->left) {
		switch (out_write(&m->out, p, n, &done, m->kill_ms)) {
		case OUT_DONE: return;
		case OUT_SIGNAL: take_signals(m, NULL); break;
		case OUT_LATE: lose_patience(m); break;
		case OUT_LEFT: leave(m); break;
		case OUT_FAILED:
			log_error("standard output: %s", strerror(errno));
			m->code = 1;
			leave(m);
		}
	}
}

static void
say_toolong(struct writer *w, bool last)
{
	uint64_t unsaid, n = w->lines.toolong - w->toolong;

	if (!n || (!last && !log_gate_open(&w->gate, stamp_mono(), REPEAT_MS, &unsaid)))
		return;
	w->toolong = w->lines.toolong;
	log_warn("%s: %llu lines of more than %d bytes skipped", w->argv[0], (unsigned long long)n, LINE_MAX_BYTES);
}

static void
relay(struct merge *m, struct writer *w)
{
	char *lines;
	size_t n;

	while (linebuf_run(&w->lines, &lines, &n))
		write_out(m, lines, n);
	say_toolong(w, false);
}

static void
take_lines(void *owner, void *arg)
{
	struct merge *m = owner;
	struct writer *w = arg;
	size_t room;
	char *p;
	ssize_t n;

	if (w->proc.out < 0)
		return;
	p = linebuf_space(&w->lines, &room);
	n = fd_read(w->proc.out, p, room);
	if (n < 0 && errno == EAGAIN) {
		if (m->stopping && w->reaped)	/* someone it started holds the pipe: not waited for */
			child_close(&w->proc);
		return;
	}
	if (n <= 0) {
		child_close(&w->proc);
		return;
	}
	linebuf_filled(&w->lines, (size_t)n);
	relay(m, w);
}

/* Its process and its output have ended: what does its last line come to? */
static void
finish(struct merge *m, struct writer *w)
{
	bool failed = !WIFEXITED(w->status) || WEXITSTATUS(w->status);
	struct strbuf how = {0};
	char *line;
	size_t len;

	w->over = true;
	say_toolong(w, true);
	child_describe(w->status, &how);
	if (!m->left && linebuf_rest(&w->lines, &line, &len)) {
		if (failed) {
			log_warn("%s: %s in the middle of a line: %zu bytes cut off", w->argv[0], how.s, len);
		} else {
			write_out(m, line, len);
			write_out(m, "\n", 1);
		}
	}
	if (failed && !m->stopping) {
		log_warn("%s: %s", w->argv[0], how.s);
		if (!WIFEXITED(w->status) || WEXITSTATUS(w->status) != 2)
			m->code = 1;
		else if (m->code == 0)
			m->code = 2;
	}
	strbuf_free(&how);
	linebuf_free(&w->lines);
}

/* How many are not over yet. */
static size_t
finish_ended(struct merge *m)
{
	size_t left = 0;

	for (size_t i = 0; i < m->n; i++) {
		struct writer *w = &m->v[i];

		if (w->reaped && m->stopping && w->proc.out >= 0)
			take_lines(m, w);
		if (!w->over && w->reaped && w->proc.out < 0)
			finish(m, w);
		left += !w->over;
	}
	return left;
}

static void
run(struct merge *m)
{
	int64_t now;

	while (finish_ended(m)) {
		loop_add(&m->loop, sigs_fd(), POLLIN, take_signals, m, NULL);
		if (!m->left)
			loop_add(&m->loop, m->out.fd, 0, reader_left, m, NULL);
		for (size_t i = 0; i < m->n; i++)
			loop_add(&m->loop, m->v[i].proc.out, POLLIN, take_lines, m, &m->v[i]);
		now = stamp_mono();
		loop_turn(&m->loop, m->kill_ms < 0 ? -1 : m->kill_ms > now ? (int)(m->kill_ms - now) : 0);
		lose_patience(m);
	}
}

/* The words behind each "--" are a command; all are looked for before the first is started. */
static void
parse(struct merge *m, char **words)
{
	struct strbuf path = {0};
	struct writer *w;

	while (*words) {
		char *dashes = *words;

		m->v = xreallocarray(m->v, m->n + 1, sizeof *m->v);
		w = &m->v[m->n++];
		*w = (struct writer){.argv = ++words};
		linebuf_init(&w->lines, LINE_MAX_BYTES);
		if (!*words || !strcmp(*words, "--"))
			die(2, "a command is missing behind %s number %zu", dashes, m->n);
		strbuf_reset(&path);
		if (!child_find(*words, &path))
			die(2, "%s: no such program, or not executable", *words);
		w->path = xstrdup(path.s);
		while (*words && strcmp(*words, "--") != 0)
			words++;
	}
	strbuf_free(&path);
}

static void
start(struct merge *m)
{
	int err;

	for (size_t i = 0; i < m->n; i++) {
		struct writer *w = &m->v[i];
		char **end = w->argv;

		while (*end && strcmp(*end, "--") != 0)
			end++;
		*end = NULL;
		if (child_start(w->path, w->argv, CHILD_OUT, NULL, &w->proc, &err))
			continue;
		log_error("%s: %s", w->path, strerror(err));
		m->code = 1;
		for (; i < m->n; i++) {
			m->v[i].reaped = m->v[i].over = true;
			m->v[i].proc = (struct child){.out = -1};
		}
		stop(m);
	}
}

int
cmd_merge(int argc, char **argv)
{
	struct merge m = {.kill_ms = -1};
	char unused;
	int at = 1;

	while (at < argc && strcmp(argv[at], "--") != 0)
		at++;
	if (settings_start(&tool, &unused, at, argv) < at)
		die(2, "-- goes before each command: katoctl merge -- COMMAND… [-- COMMAND…]…");
	log_init("katoctl merge");
	if (at == argc)
		die(2, "no command; try katoctl merge --help");
	parse(&m, argv + at);
	sigs_init(SIGS_TERM | SIGS_CHLD);
	out_init(&m.out);
	start(&m);
	run(&m);
	for (size_t i = 0; i < m.n; i++)
		free(m.v[i].path);
	free(m.v);
	loop_free(&m.loop);
	out_close(&m.out);
	return m.code;
}
