/* katoctl status: how the stages of the running pipeline do, as a table or as the JSON they come in. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "katoctl/ask.h"
#include "katoctl/cmd.h"
#include "katoctl/rows.h"
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
		 "what it moved (a sink: has dealt with), in all and a second, how old the time stamp of the last line that\n"
		 "passed is (LAG), what was torn or dropped, and what is on its way to it.",
	.examples = "  katoctl status\n"
		    "  katoctl status --json | jq '.stages[] | select(.state != \"running\")'\n",
	.table = table,
	.n = sizeof table / sizeof table[0],
	.size = sizeof(struct options),
};

static const struct rows_column columns[] = {
	{"name", "STAGE", ROWS_LEFT}, {"kind", "KIND", ROWS_LEFT}, {"state", "STATE", ROWS_LEFT}, {"pid", "PID", ROWS_RIGHT},
	{"uptime_seconds", "UP", ROWS_RIGHT}, {"restarts", "RESTARTS", ROWS_RIGHT}, {"last_exit", "LAST EXIT", ROWS_LEFT},
	{"lines", "LINES", ROWS_RIGHT}, {"bytes", "BYTES", ROWS_RIGHT}, {"lines_per_second", "LINES/S", ROWS_RIGHT},
	{"bytes_per_second", "BYTES/S", ROWS_RIGHT}, {"lag_seconds", "LAG", ROWS_RIGHT}, {"torn", "TORN", ROWS_RIGHT},
	{"dropped", "DROPPED", ROWS_RIGHT}, {"outstanding", "ON ITS WAY", ROWS_RIGHT},
};

static void
print_table(struct span stages)
{
	const char *term = getenv("TERM");
	struct rows_look look = {.columns = columns, .n = sizeof columns / sizeof columns[0]};
	struct strbuf out = {0};

	look.colour = isatty(1) && !getenv("NO_COLOR") && term && strcmp(term, "dumb") != 0;
	rows_table(stages, &look, &out);
	fputs(out.s, stdout);
	strbuf_free(&out);
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
