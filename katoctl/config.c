#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "katoctl/child.h"
#include "katoctl/config.h"
#include "lib/fdio.h"
#include "lib/log.h"
#include "lib/share.h"

bool
config_default(struct strbuf *out, bool *ours)
{
	*ours = access(CONFIG_FILE, F_OK) < 0;
	if (*ours)
		return share_find("pipeline.conf", out);
	strbuf_adds(out, CONFIG_FILE);
	return true;
}

static void
say_lines(const struct strbuf *errs)
{
	for (const char *s = errs->s; s && *s; s += strcspn(s, "\n") + 1)
		log_error("%.*s", (int)strcspn(s, "\n"), s);
}

static bool
programs_exist(const char *path, const struct plan *plan)
{
	bool good = true;

	for (size_t i = 0; i < plan->n; i++) {
		const struct plan_stage *s = &plan->v[i];
		struct strbuf found = {0};

		if (s->kind != PLAN_FEED && !child_find(s->argv[0], &found)) {
			good = false;
			if (strchr(s->argv[0], '/'))
				log_error("%s:%d: %s: not an executable file", path, s->line, s->argv[0]);
			else
				log_error("%s:%d: %s: no such program, neither beside katoctl nor in PATH", path, s->line,
				    s->argv[0]);
		}
		strbuf_free(&found);
	}
	return good;
}

bool
config_load(const char *path, struct plan *out)
{
	struct strbuf text = {0}, errs = {0}, where = {0};
	bool good = false;

	share_named(path, "", &where);
	path = where.s;

	if (fd_slurp(path, CONFIG_MAX_BYTES, &text) < 0) {
		log_error("%s: %s", path, errno == EFBIG ? "larger than 1 MiB, not a pipeline file" : strerror(errno));
	} else if (!plan_parse(text.s ? text.s : "", text.len, path, out, &errs)) {
		say_lines(&errs);
	} else if (!programs_exist(path, out)) {
		plan_free(out);
	} else {
		good = true;
	}
	strbuf_free(&errs);
	strbuf_free(&text);
	strbuf_free(&where);
	return good;
}
