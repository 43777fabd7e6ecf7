/* katoctl status: how the stages of the running pipeline do, as a table or as the JSON they come in. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "katoctl/ask.h"
#include "katoctl/cmd.h"
#include "lib/json.h"
#include "lib/log.h"
#include "lib/settings.h"
#include "lib/sigs.h"

struct options {
	char *control;
	bool json;
};

static const struct setting table[] = {
	{"json", 'j', NULL, NULL, SET_BOOL, offsetof(struct options, json), NULL, 0, 0, NULL, "one line of JSON instead of a table"},
	{"control", 0, "KATO_CONTROL", NULL, SET_STRING, offsetof(struct options, control), NULL, 0, 0, "PATH",
	 "the control socket of the katoctl run to ask; unset: looked for"},
};

static const struct settings_tool tool = {
	.name = "katoctl status",
	.synopsis = "[options]",
	.about = "Says how each stage of the running pipeline does: its state, process, how often it was started again and why,\n"
		 "what it moved (a sink: was given), what was torn or dropped, and what is on its way to it.",
	.examples = "  katoctl status\n"
		    "  katoctl status --json | jq '.stages[] | select(.state != \"running\")'\n",
	.table = table,
	.n = sizeof table / sizeof table[0],
	.size = sizeof(struct options),
};

enum { LEFT = -1, NCOLUMNS = 12, CELL = 40 };

static const struct column {
	const char *member, *head;
	int align;	/* LEFT, or 1 for right */
} columns[NCOLUMNS] = {
	{"name", "STAGE", LEFT}, {"kind", "KIND", LEFT}, {"state", "STATE", LEFT}, {"pid", "PID", 1},
	{"uptime_seconds", "UP", 1}, {"restarts", "RESTARTS", 1}, {"last_exit", "LAST EXIT", LEFT},
	{"lines", "LINES", 1}, {"bytes", "BYTES", 1}, {"torn", "TORN", 1}, {"dropped", "DROPPED", 1},
	{"outstanding", "ON ITS WAY", 1},
};

static const struct {
	const char *state, *colour;
} colours[] = {
	{"running", "\033[32m"}, {"listening", "\033[32m"}, {"starting", "\033[33m"}, {"backing-off", "\033[33m"},
	{"parked", "\033[1;31m"},
};

static void
uptime(double s, char *out, size_t size)
{
	long long t = (long long)s;

	if (t < 60)
		snprintf(out, size, "%llds", t);
	else if (t < 3600)
		snprintf(out, size, "%lldm %llds", t / 60, t % 60);
	else if (t < 86400)
		snprintf(out, size, "%lldh %lldm", t / 3600, t / 60 % 60);
	else
		snprintf(out, size, "%lldd %lldh", t / 86400, t / 3600 % 24);
}

static void
cell(const struct column *c, struct span stage, char *out, size_t size)
{
	struct span v = json_member(stage, c->member);
	struct strbuf text = {0};
	double number;

	if (json_string(v, &text))
		snprintf(out, size, "%s", text.s);
	else if (!json_number(v, &number))
		snprintf(out, size, "-");
	else if (!strcmp(c->member, "uptime_seconds"))
		uptime(number, out, size);
	else
		snprintf(out, size, "%.*s", (int)v.len, v.p);
	strbuf_free(&text);
}

static const char *
colour_of(const char *state)
{
	for (size_t i = 0; i < sizeof colours / sizeof colours[0]; i++)
		if (!strcmp(colours[i].state, state))
			return colours[i].colour;
	return NULL;
}

static void
print_row(char (*row)[CELL], const int *width, bool colour)
{
	for (int c = 0; c < NCOLUMNS; c++) {
		const char *on = colour && columns[c].align == LEFT ? colour_of(row[c]) : NULL;
		bool last = c == NCOLUMNS - 1;

		printf("%s%*s%s%s", on ? on : "", columns[c].align * width[c], row[c], on ? "\033[0m" : "", last ? "\n" : "  ");
	}
}

static void
print_table(struct span stages)
{
	const char *term = getenv("TERM");
	bool colour = isatty(1) && !getenv("NO_COLOR") && term && strcmp(term, "dumb") != 0;
	struct json_iter it = json_iter(stages);
	char head[NCOLUMNS][CELL], row[NCOLUMNS][CELL];
	int width[NCOLUMNS];
	struct span stage;

	for (int c = 0; c < NCOLUMNS; c++) {
		snprintf(head[c], CELL, "%s", columns[c].head);
		width[c] = (int)strlen(head[c]);
	}
	while (json_next_element(&it, &stage))
		for (int c = 0; c < NCOLUMNS; c++) {
			cell(&columns[c], stage, row[c], CELL);
			if ((int)strlen(row[c]) > width[c])
				width[c] = (int)strlen(row[c]);
		}
	print_row(head, width, false);
	for (it = json_iter(stages); json_next_element(&it, &stage);) {
		for (int c = 0; c < NCOLUMNS; c++)
			cell(&columns[c], stage, row[c], CELL);
		print_row(row, width, colour);
	}
}

int
cmd_status(int argc, char **argv)
{
	struct options opt;
	struct ask a;
	char *line;
	size_t len, bad;
	int at = settings_start(&tool, &opt, argc, argv);

	log_init("katoctl");
	if (at < argc)
		die(2, "%s: status takes no arguments", argv[at]);
	sigs_init(0);
	ask_open(&a, opt.control, "status");
	if (!ask_line(&a, &line, &len) || json_check(line, len, &bad) != JSON_OK)
		die(1, "katoctl run does not answer");
	if (opt.json)
		printf("%.*s\n", (int)len, line);
	else
		print_table(json_member((struct span){line, len}, "stages"));
	if ((fflush(stdout) || ferror(stdout)) && errno != EPIPE)
		die(1, "standard output: %s", strerror(errno));
	ask_close(&a);
	settings_free(&tool, &opt);
	return 0;
}
