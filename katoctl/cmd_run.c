/* katoctl run: starts a pipeline and keeps it running. */

#include <stdlib.h>
#include <string.h>

#include "katoctl/cmd.h"
#include "katoctl/config.h"
#include "katoctl/demo.h"
#include "katoctl/super.h"
#include "lib/log.h"
#include "lib/settings.h"
#include "lib/sigs.h"

struct options {
	char *config, *control;
	bool demo, no_demo;
	double patience, stuck;
	long long hop_bytes, hop_lines;
};

#define AT(member) offsetof(struct options, member)
static const struct setting table[] = {
	{"config", 'c', "KATO_PIPELINE", NULL, SET_STRING, AT(config), NULL, 0, 0, "FILE",
	 "the pipeline file; unset: " CONFIG_FILE ", else the one that came with this program"},
	{"demo", 0, NULL, NULL, SET_BOOL, AT(demo), NULL, 0, 0, NULL, "play a recording instead of asking KATO and Docker"},
	{"no-demo", 0, NULL, NULL, SET_BOOL, AT(no_demo), NULL, 0, 0, NULL, "never do that, even if neither is found"},
	{"control", 0, "KATO_CONTROL", NULL, SET_STRING, AT(control), NULL, 0, 0, "PATH",
	 "where katoctl status and tap find this one; unset: in the folder for such things"},
	{"patience", 0, "KATO_PATIENCE", NULL, SET_NUMBER, AT(patience), "2", 0.1, 3600, "SECONDS",
	 "how long a stage may take to end before it gets TERM, and again before it gets KILL"},
	{"stuck", 0, "KATO_STUCK", NULL, SET_NUMBER, AT(stuck), "0", 0, 86400, "SECONDS",
	 "a stage that lines wait for, and that does not move for so long, is ended and started again; 0: it is only said"},
	{"max-waiting-bytes", 0, "KATO_MAX_WAITING_BYTES", NULL, SET_BYTES, AT(hop_bytes), "1M", 4096, 1 << 30, "BYTES",
	 "lines on their way to one stage; at the bound its sources are not read"},
	{"max-waiting-lines", 0, "KATO_MAX_WAITING_LINES", NULL, SET_INT, AT(hop_lines), "10000", 1, 1e9, "N",
	 "the same, in lines"},
};
#undef AT

static const struct settings_tool tool = {
	.name = "katoctl run",
	.synopsis = "[options]",
	.about = "Starts the stages of a pipeline file, passes their lines on, and starts again what dies. Without --config it\n"
		 "serves what it finds: KATO, Docker, or, with neither, a demo.",
	.examples = "  katoctl run                           what is found on this machine\n"
		    "  katoctl run --demo                    a recording, to look around\n"
		    "  KATO_API_URL=http://kato:8000 katoctl run\n"
		    "  katoctl run --config pipeline.conf    stages of your own; katoctl check reads it first\n"
		    "  katoctl run --config pipeline-diagnostics.conf\n"
		    "                                        bundled: services that a Prometheus measures; --demo plays a recording\n",
	.table = table,
	.n = sizeof table / sizeof table[0],
	.size = sizeof(struct options),
};

/* The plan that is to run; exits with 2 where there is none. */
static void
choose(const struct options *opt, struct plan *plan)
{
	struct strbuf path = {0};
	bool ours = false;

	if (opt->config)
		strbuf_adds(&path, opt->config);
	else if (!config_default(&path, &ours))
		die(2, "no pipeline file: neither " CONFIG_FILE " nor a share/pipeline.conf is there; say --config FILE");
	if (!config_load(path.s, plan))
		exit(2);
	log_debug("pipeline file %s", path.s);
	strbuf_free(&path);
	/* on a server with a pipeline of its own a demo must not appear because KATO was late */
	if (opt->demo || (ours && !opt->no_demo && demo_is_needed(plan)))
		demo_plan(plan);
}

int
cmd_run(int argc, char **argv)
{
	struct options opt;
	struct plan plan;
	int at = settings_start(&tool, &opt, argc, argv), code;

	log_init("katoctl");
	if (at < argc)
		die(2, "%s: run takes no arguments; a pipeline file goes behind --config", argv[at]);
	if (opt.demo && opt.no_demo)
		die(2, "--demo and --no-demo exclude each other");
	if (settings_file())
		setenv("KATO_LIVE_SETTINGS", settings_file(), 1);
	sigs_init(SIGS_TERM | SIGS_HUP | SIGS_CHLD);
	choose(&opt, &plan);
	code = super_run(&plan, &(struct super_options){
		.control = opt.control,
		.patience_ms = (int64_t)(opt.patience * 1000),
		.stuck_ms = (int64_t)(opt.stuck * 1000),
		.hop_bytes = (size_t)opt.hop_bytes,
		.hop_lines = (size_t)opt.hop_lines,
	});
	plan_free(&plan);
	settings_free(&tool, &opt);
	return code;
}
