/* katoctl: what starts, joins, watches and replays the stages. One program, a subcommand for each job. */

#include <stdio.h>
#include <string.h>

#include "katoctl/cmd.h"
#include "lib/fdio.h"
#include "lib/log.h"
#include "lib/near.h"

#ifndef VERSION
#define VERSION "0"
#endif

struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *args, *help;
};

static const struct command commands[] = {
	{"run", cmd_run, "[--config FILE] [--demo]", "start a pipeline, keep it running"},
	{"check", cmd_check, "[FILE]", "read a pipeline file and say what is wrong in it"},
	{"status", cmd_status, "[--json]", "how the stages of the running pipeline do"},
	{"top", cmd_top, "[--once]", "the same, live"},
	{"restart", cmd_restart, "STAGE…", "end stages of it and start them again, losing nothing"},
	{"tap", cmd_tap, "STAGE", "the lines that leave one of its stages, as they pass"},
	{"feed", cmd_feed, "[-- CMD…]", "give lines to a katoctl run that is elsewhere"},
	{"merge", cmd_merge, "-- CMD… [-- CMD…]…", "run commands, join their output by whole lines"},
	{"record", cmd_record, "FILE", "keep the lines of standard input in a file"},
	{"replay", cmd_replay, "FILE…", "play a recording at the speed it was made"},
	{"tail", cmd_tail, "[URL]", "follow a broadcaster over WebSocket"},
	{"token", cmd_token, "--key-file FILE", "a token for a broadcaster, for trying things out"},
};
enum { NCOMMANDS = sizeof commands / sizeof commands[0] };

static void
print_help(FILE *to)
{
	fputs("Usage: katoctl COMMAND [argument…]\n\nStarts, joins, watches and replays the stages of KATO Live.\n\nCommands:\n", to);
	for (size_t i = 0; i < NCOMMANDS; i++)
		if (commands[i].run)
			fprintf(to, "  %-7s %-26s %s\n", commands[i].name, commands[i].args, commands[i].help);
	fputs("\nkatoctl COMMAND --help says more. Manual: katoctl(1), kato-pipeline(7).\n\n"
	      "Examples:\n"
	      "  katoctl run                      serve what KATO and Docker on this machine say\n"
	      "  katoctl status                   which stages run, how many lines they moved\n"
	      "  katoctl tap alertd | jq -c .     read along behind alertd\n", to);
}

static int
unknown(const char *word)
{
	const char *names[NCOMMANDS], *near;

	for (size_t i = 0; i < NCOMMANDS; i++)
		names[i] = commands[i].name;
	near = near_word(word, names, NCOMMANDS);
	if (near)
		die(2, "%s: no such command; did you mean katoctl %s?", word, near);
	die(2, "%s: no such command; katoctl --help lists them", word);
}

int
main(int argc, char **argv)
{
	fd_standard(false);
	log_init("katoctl");
	if (argc < 2) {
		print_help(stderr);
		return 2;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		print_help(stdout);
		return fflush(stdout) || ferror(stdout) ? 1 : 0;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("katoctl %s\n", VERSION);
		return fflush(stdout) || ferror(stdout) ? 1 : 0;
	}
	for (size_t i = 0; i < NCOMMANDS; i++)
		if (commands[i].run && !strcmp(commands[i].name, argv[1]))
			return commands[i].run(argc - 1, argv + 1);
	return unknown(argv[1]);
}
