/* katoctl check: a pipeline file is read whole, nothing is started. */

#include <string.h>

#include "katoctl/cmd.h"
#include "katoctl/config.h"
#include "lib/log.h"
#include "lib/settings.h"

struct options {
	char *config;
};

static const struct setting table[] = {
	{NULL, 0, "KATO_PIPELINE", NULL, SET_STRING, offsetof(struct options, config), NULL, 0, 0, "FILE", "the pipeline file"},
};

static const struct settings_tool tool = {
	.name = "katoctl check",
	.synopsis = "[FILE]",
	.about = "Reads a pipeline file and says what is wrong in it: FILE:LINE: word: what. Starts nothing. Without FILE:\n"
		 "the file that katoctl run would read.",
	.examples = "  katoctl check pipeline.conf && katoctl run --config pipeline.conf\n",
	.table = table,
	.n = sizeof table / sizeof table[0],
	.size = sizeof(struct options),
};

static void
summary(const char *path, const struct plan *plan)
{
	size_t count[PLAN_FEED + 1] = {0};
	struct strbuf b = {0};

	for (size_t i = 0; i < plan->n; i++)
		count[plan->v[i].kind]++;
	for (int k = 0; k <= PLAN_FEED; k++)
		if (count[k])
			strbuf_addf(&b, "%s%zu %s", b.len ? ", " : "", count[k], plan_word((enum plan_kind)k));
	log_info("%s: good: %s", path, b.s);
	strbuf_free(&b);
}

int
cmd_check(int argc, char **argv)
{
	struct options opt;
	struct strbuf path = {0};
	struct plan plan;
	bool ours, good;
	int at = settings_start(&tool, &opt, argc, argv);

	log_init("katoctl");
	if (argc - at > 1)
		die(2, "%s: check takes one file", argv[at + 1]);
	if (at < argc)
		strbuf_adds(&path, argv[at]);
	else if (opt.config)
		strbuf_adds(&path, opt.config);
	else if (!config_default(&path, &ours))
		die(2, "no pipeline file: neither " CONFIG_FILE " nor a share/pipeline.conf is there");
	good = config_load(path.s, &plan);
	if (good) {
		summary(path.s, &plan);
		plan_free(&plan);
	}
	strbuf_free(&path);
	settings_free(&tool, &opt);
	return good ? 0 : 2;
}
