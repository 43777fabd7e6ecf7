/* katoctl top: katoctl status, again and again. On a terminal in place, else a block of text each time. */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "katoctl/ask.h"
#include "katoctl/cmd.h"
#include "katoctl/rows.h"
#include "katoctl/screen.h"
#include "lib/fdio.h"
#include "lib/log.h"
#include "lib/settings.h"
#include "lib/sigs.h"
#include "lib/stamp.h"

enum { ANSWER_MS = 1000 };

struct options {
	char *control;
	double interval;
	bool once;
};

static const struct setting table[] = {
	{"interval", 'i', NULL, NULL, SET_NUMBER, offsetof(struct options, interval), "1", 0.1, 3600, "SECONDS", "how often to look"},
	{"once", '1', NULL, NULL, SET_BOOL, offsetof(struct options, once), NULL, 0, 0, NULL, "one look, as text, then end"},
	{"control", 0, "KATO_CONTROL", NULL, SET_STRING, offsetof(struct options, control), NULL, 0, 0, "PATH",
	 "the control socket of the katoctl run to ask; unset: looked for"},
};

static const struct settings_tool tool = {
	.name = "katoctl top",
	.synopsis = "[options]",
	.about = "Shows live how the stages of the running pipeline do: state, process, lines and bytes a second since the last\n"
		 "look, how old the time stamp of the last line is (LAG), what is on its way to each, what was torn or dropped,\n"
		 "and the last line each wrote on standard error. q ends it. Where standard output is no terminal, or TERM is\n"
		 "dumb, it prints a block of text each time. If katoctl run ends, it waits for the next one.",
	.examples = "  katoctl top\n"
		    "  katoctl top --interval 10 >>/tmp/pipeline.log\n"
		    "  katoctl top --once\n",
	.table = table,
	.n = sizeof table / sizeof table[0],
	.size = sizeof(struct options),
};

static const struct rows_column columns[] = {
	{"name", "STAGE", ROWS_LEFT}, {"state", "STATE", ROWS_LEFT}, {"lines_per_second", "LINES/S", ROWS_RIGHT},
	{"bytes_per_second", "BYTES/S", ROWS_RIGHT}, {"lag_seconds", "LAG", ROWS_RIGHT}, {"outstanding", "WAITING", ROWS_RIGHT},
	{"restarts", "RESTARTS", ROWS_RIGHT}, {"dropped", "DROPPED", ROWS_RIGHT}, {"torn", "TORN", ROWS_RIGHT},
	{"uptime_seconds", "UP", ROWS_RIGHT}, {"pid", "PID", ROWS_RIGHT},
};

struct top {
	struct options opt;
	struct rows_look look;
	struct rows_since since;
	int64_t asked_ms;	/* monotonic, of the last answer; -1: none */
	bool away;
};

static void
add_stages(struct top *t, struct span stages, int64_t now, struct strbuf *out)
{
	char stamp[STAMP_LEN + 1];
	struct strbuf head = {0};

	rows_since_take(&t->since, stages, t->asked_ms < 0 ? 0 : (double)(now - t->asked_ms) / 1000);
	t->asked_ms = now;
	strbuf_addf(&head, "katoctl top  %s  ", stamp_format(stamp_now(), stamp));
	rows_summary(stages, &head);
	rows_text(out, head.s, head.len, t->look.width);
	strbuf_adds(out, "\n\n");
	rows_table_since(stages, &t->look, &t->since, out);
	strbuf_addc(out, '\n');
	rows_last_words(stages, t->look.width, out);
	strbuf_free(&head);
}

/* One look; false: katoctl run is not there, *out says so. */
static bool
look(struct top *t, struct strbuf *out)
{
	struct strbuf why = {0};
	struct ask a;
	char *line;
	size_t len, bad;
	bool good = ask_try(&a, t->opt.control, "status", ANSWER_MS, &why);

	if (good) {
		good = ask_line(&a, &line, &len) && json_check(line, len, &bad) == JSON_OK;
		if (good)
			add_stages(t, json_member((struct span){line, len}, "stages"), stamp_mono(), out);
		else
			strbuf_adds(&why, "katoctl run does not answer");
		ask_close(&a);
	}
	if (!good) {
		rows_text(out, why.s, why.len, t->look.width);
		strbuf_addc(out, '\n');
		t->asked_ms = -1;
	}
	strbuf_free(&why);
	return good;
}

/* False: the reader has left. */
static bool
print(const struct strbuf *b)
{
	if (fd_write_all(1, b->s, b->len) == 0)
		return true;
	if (errno != EPIPE)
		die(1, "standard output: %s", strerror(errno));
	return false;
}

/* Said once when it goes and once when it comes back; on a terminal the screen says it. */
static void
tell(struct top *t, bool there, const struct strbuf *why)
{
	if (there && t->away)
		log_info("katoctl run is back");
	else if (!there && !t->away)
		log_warn("%.*s; waiting for it", (int)strcspn(why->s, "\n"), why->s);
	t->away = !there;
}

static bool
show(struct top *t, bool live)
{
	struct strbuf out = {0};
	bool there, good = true;

	if (live)
		t->look.width = screen_width();
	there = look(t, &out);
	if (live) {
		if (!there)
			strbuf_adds(&out, "waiting for it; q ends this\n");
		good = screen_show(out.s, out.len);
	} else {
		tell(t, there, &out);
		strbuf_addc(&out, '\n');
		good = !there || print(&out);
	}
	strbuf_free(&out);
	return good;
}

/* Until the next look is due, or the window has another size. False: to end. */
static bool
pause_until(int64_t due, bool live)
{
	struct pollfd p[] = {{.fd = sigs_fd(), .events = POLLIN}, {.fd = live ? screen_keys() : -1, .events = POLLIN}, {.fd = live ? -1 : 1}};
	int64_t now;

	while ((now = stamp_mono()) < due) {
		if (poll(p, 3, (int)(due - now)) <= 0)
			continue;
		if (p[0].revents) {
			unsigned came = sigs_take();

			if (came & (SIGS_TERM | SIGS_HUP))
				return false;
			if (came & SIGS_WINCH)
				return true;
		}
		if (p[1].revents && !screen_key())
			return false;
		if (p[2].revents & (POLLERR | POLLHUP))
			return false;
	}
	return !(sigs_take() & (SIGS_TERM | SIGS_HUP));
}

static void
run(struct top *t, bool live)
{
	int64_t step = (int64_t)(t->opt.interval * 1000);
	int64_t due;

	do {
		due = stamp_mono() + step;
	} while (show(t, live) && pause_until(due, live));
}

static int
once(struct top *t)
{
	struct strbuf out = {0};

	if (!look(t, &out))
		die(1, "%.*s", (int)out.len - 1, out.s);
	print(&out);
	strbuf_free(&out);
	return 0;
}

int
cmd_top(int argc, char **argv)
{
	struct top t = {.asked_ms = -1};
	int at = settings_start(&tool, &t.opt, argc, argv), code = 0;
	const char *term = getenv("TERM");
	bool live;

	log_init("katoctl");
	if (at < argc)
		die(2, "%s: top takes no arguments", argv[at]);
	live = isatty(1) && term && *term && strcmp(term, "dumb") != 0 && !t.opt.once;
	t.look = (struct rows_look){.columns = columns, .n = sizeof columns / sizeof columns[0]};
	t.look.colour = live && !getenv("NO_COLOR");
	sigs_init(SIGS_TERM | SIGS_HUP | SIGS_WINCH);
	if (t.opt.once) {
		code = once(&t);
	} else {
		struct strbuf why = {0};
		struct ask a;

		if (!ask_try(&a, t.opt.control, "status", ASK_WAIT_MS, &why))
			die(1, "%s", why.s);
		ask_close(&a);
		if (live)
			screen_open();
		run(&t, live);
		if (live)
			screen_close();
	}
	rows_since_free(&t.since);
	settings_free(&tool, &t.opt);
	return code;
}
