/* katoctl tap: read along at one stage of the running pipeline, without slowing it. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "katoctl/ask.h"
#include "katoctl/cmd.h"
#include "lib/fdio.h"
#include "lib/log.h"
#include "lib/settings.h"
#include "lib/sigs.h"

struct options {
	char *control;
};

static const struct setting table[] = {
	{"control", 0, "KATO_CONTROL", NULL, SET_STRING, offsetof(struct options, control), NULL, 0, 0, "PATH",
	 "the control socket of the katoctl run to ask; unset: looked for"},
};

static const struct settings_tool tool = {
	.name = "katoctl tap",
	.synopsis = "[options] STAGE",
	.about = "Prints the lines that STAGE of the running pipeline writes (a sink: that it is given) as they pass. The\n"
		 "pipeline is never slowed: a reader that is too slow misses lines, and is told on stderr how many.",
	.examples = "  katoctl tap alertd | jq -c 'select(.type == \"system_alert\")'\n",
	.table = table,
	.n = sizeof table / sizeof table[0],
	.size = sizeof(struct options),
};

/* False: the reader has left. */
static bool
take(char *line, size_t len)
{
	if (!len)
		return true;
	if (*line == '!') {
		log_warn("%.*s lines left out here: the reader was too slow", (int)len - 1, line + 1);
		return true;
	}
	line[len] = '\n';
	if (*line != '=' || fd_write_all(1, line + 1, len) == 0)
		return true;
	if (errno != EPIPE)
		die(1, "standard output: %s", strerror(errno));
	return false;
}

int
cmd_tap(int argc, char **argv)
{
	struct options opt;
	struct strbuf request = {0};
	struct ask a;
	char *line;
	size_t len;
	int at = settings_start(&tool, &opt, argc, argv);

	log_init("katoctl");
	if (argc - at != 1)
		die(2, "tap takes the name of one stage; katoctl status lists them");
	sigs_init(SIGS_TERM);
	strbuf_addf(&request, "tap %s", argv[at]);
	ask_open(&a, opt.control, request.s);
	a.until = sigs_fd();
	a.wait_ms = -1;
	while (ask_line(&a, &line, &len) && take(line, len))
		;
	ask_close(&a);
	strbuf_free(&request);
	settings_free(&tool, &opt);
	return 0;
}
