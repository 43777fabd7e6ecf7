/* katoctl restart: stages of the running pipeline are ended and started again. */

#include <poll.h>
#include <string.h>

#include "katoctl/ask.h"
#include "katoctl/cmd.h"
#include "lib/json.h"
#include "lib/log.h"
#include "lib/settings.h"
#include "lib/sigs.h"
#include "lib/stamp.h"

enum { LOOK_MS = 50 };

struct options {
	char *control;
	double wait;
};

static const struct setting table[] = {
	{"wait", 'w', NULL, NULL, SET_NUMBER, offsetof(struct options, wait), "20", 0, 3600, "SECONDS",
	 "how long to wait until it runs again"},
	{"control", 0, "KATO_CONTROL", NULL, SET_STRING, offsetof(struct options, control), NULL, 0, 0, "PATH",
	 "the control socket of the katoctl run to ask; unset: looked for"},
};

static const struct settings_tool tool = {
	.name = "katoctl restart",
	.synopsis = "[options] STAGE…",
	.about = "Ends a stage of the running pipeline (TERM, and KILL if it does not go) and starts it again at once, also one\n"
		 "that waits for its next try, or that stays off because its settings were wrong. The lines it had not dealt\n"
		 "with are given to it again. It is no death: nothing is said in the stream, and no later wait grows from it.\n"
		 "Ends with 0 when each runs again, else says what state it is in and ends with 1.",
	.examples = "  katoctl restart alertd\n"
		    "  katoctl restart kato-metrics docker-stats\n",
	.table = table,
	.n = sizeof table / sizeof table[0],
	.size = sizeof(struct options),
};

/* The stage's part of a status answer, copied; false: it cannot be had. */
static bool
look(const char *control, const char *name, struct strbuf *state, struct strbuf *exit, double *pid, double *restarts)
{
	struct strbuf why = {0}, its = {0};
	struct span stage = {0};
	struct ask a;
	char *line;
	size_t len, at;
	bool found = false;

	if (!ask_try(&a, control, "status", ASK_WAIT_MS, &why)) {
		strbuf_free(&why);
		return false;
	}
	if (ask_line(&a, &line, &len) && json_check(line, len, &at) == JSON_OK) {
		struct json_iter it = json_iter(json_member((struct span){line, len}, "stages"));

		while (!found && json_next_element(&it, &stage)) {
			strbuf_reset(&its);
			found = json_string(json_member(stage, "name"), &its) && !strcmp(its.s, name);
		}
	}
	if (found) {
		*pid = *restarts = 0;
		strbuf_reset(state);
		strbuf_reset(exit);
		json_string(json_member(stage, "state"), state);
		json_string(json_member(stage, "last_exit"), exit);
		json_number(json_member(stage, "pid"), pid);
		json_number(json_member(stage, "restarts"), restarts);
	}
	ask_close(&a);
	strbuf_free(&its);
	return found;
}

/* Waits until a process that was started after the request is up, or is known not to be. */
static bool
await(const struct options *opt, const char *name, double starts)
{
	int64_t until = stamp_mono() + (int64_t)(opt->wait * 1000);
	struct strbuf state = {0}, exit = {0};
	double pid, restarts;
	bool good = false, settled = false;

	do {
		if (!look(opt->control, name, &state, &exit, &pid, &restarts)) {
			log_error("katoctl run is gone");
			goto out;
		}
		good = restarts >= starts && !strcmp(state.s, "running");
		settled = good || (restarts >= starts && strcmp(state.s, "starting") != 0 && strcmp(state.s, "stopping") != 0);
		if (!settled)
			poll(NULL, 0, LOOK_MS);
	} while (!settled && stamp_mono() < until);
	if (good)
		log_info("%s runs again, process %.0f", name, pid);
	else if (settled)
		log_error("%s was started again and did not stay: it is %s now (%s)", name, state.s, exit.len ? exit.s : "never ended");
	else
		log_error("%s is %s after %g s", name, state.s, opt->wait);
out:
	strbuf_free(&state);
	strbuf_free(&exit);
	return good;
}

static bool
restart(const struct options *opt, const char *name)
{
	struct strbuf request = {0}, why = {0};
	double starts = 0;
	struct ask a;
	char *line;
	size_t len, at;
	bool good = false;

	strbuf_addf(&request, "restart %s", name);
	if (!ask_try(&a, opt->control, request.s, ASK_WAIT_MS, &why)) {
		log_error("%s", why.s);
	} else {
		good = ask_line(&a, &line, &len) && json_check(line, len, &at) == JSON_OK &&
		    json_number(json_member((struct span){line, len}, "starts"), &starts);
		if (!good)
			log_error("katoctl run does not answer");
		ask_close(&a);
	}
	strbuf_free(&request);
	strbuf_free(&why);
	return good && await(opt, name, starts);
}

int
cmd_restart(int argc, char **argv)
{
	struct options opt;
	int at = settings_start(&tool, &opt, argc, argv), code = 0;

	log_init("katoctl");
	if (at == argc)
		die(2, "restart which stage? katoctl status lists them");
	sigs_init(0);
	for (; at < argc; at++)
		if (strchr(argv[at], '\n') || !restart(&opt, argv[at]))
			code = 1;
	settings_free(&tool, &opt);
	return code;
}
