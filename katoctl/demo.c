#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "katoctl/child.h"
#include "katoctl/demo.h"
#include "lib/fdio.h"
#include "lib/keeppath.h"
#include "lib/log.h"
#include "lib/share.h"
#include "lib/stamp.h"
#include "lib/xalloc.h"

enum { MAX_PROBES = 8, REASON_MAX = 400 };

struct probe {
	const struct plan_stage *stage;
	struct strbuf said;	/* what it wrote on standard error */
	struct child child;
	bool found;
};

static bool
can_probe(const struct plan_stage *s)
{
	const char *name = strrchr(s->argv[0], '/') ? strrchr(s->argv[0], '/') + 1 : s->argv[0];

	return s->kind == PLAN_COLLECT && (!strcmp(name, "kato-metrics") || !strcmp(name, "docker-stats"));
}

/* The collector as the plan has it, with --probe behind. */
static void
start(struct probe *p)
{
	struct strbuf path = {0};
	char **argv, probe[] = "--probe";
	size_t n = 0;
	int err;

	while (p->stage->argv[n])
		n++;
	argv = xreallocarray(NULL, n + 2, sizeof *argv);
	memcpy(argv, p->stage->argv, n * sizeof *argv);
	argv[n] = probe;
	argv[n + 1] = NULL;
	if (!child_find(argv[0], &path))
		strbuf_adds(&p->said, "no such program");
	else if (!child_start(path.s, argv, CHILD_ERR, NULL, &p->child, &err))
		strbuf_adds(&p->said, strerror(err));
	free(argv);
	strbuf_free(&path);
}

/* Reads until they have all closed standard error, or time is up. */
static void
listen_to(struct probe *v, size_t n, int64_t until)
{
	for (;;) {
		struct pollfd fds[MAX_PROBES];
		int64_t left = until - stamp_mono();
		char buf[REASON_MAX];
		size_t open = 0;

		for (size_t i = 0; i < n; i++) {
			fds[i] = (struct pollfd){.fd = v[i].child.err, .events = POLLIN};
			open += v[i].child.err >= 0;
		}
		if (!open || left <= 0)
			return;
		poll(fds, (nfds_t)n, (int)left);
		for (size_t i = 0; i < n; i++) {
			ssize_t got = fds[i].revents ? fd_read(fds[i].fd, buf, sizeof buf) : -1;

			if (got > 0 && v[i].said.len < REASON_MAX)
				strbuf_add(&v[i].said, buf, (size_t)got);
			if (got == 0)
				child_close(&v[i].child);
		}
	}
}

static void
finish(struct probe *p)
{
	int status = -1;

	if (p->child.pid <= 0)
		return;
	if (p->child.err >= 0) {
		strbuf_adds(&p->said, "no answer in time");
		child_kill(&p->child, SIGKILL);
		child_close(&p->child);
	}
	waitpid(p->child.pid, &status, 0);
	p->found = WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Its first line, without the "docker-stats: error: " it begins with. */
static void
say_reason(struct probe *p)
{
	const char *s = p->said.s ? p->said.s : "", *name = p->stage->name;
	const char *colon = strstr(s, ": ");
	size_t n = strcspn(s, "\n");

	if (colon && (size_t)(colon - s) < n && !memchr(s, ' ', (size_t)(colon - s))) {
		n -= (size_t)(colon + 2 - s);
		s = colon + 2;
	}
	if (n > 7 && !memcmp(s, "error: ", 7)) {
		s += 7;
		n -= 7;
	}
	log_info("%s finds nothing: %.*s", name, (int)n, n ? s : "");
}

bool
demo_is_needed(const struct plan *plan)
{
	struct probe v[MAX_PROBES] = {0};
	size_t n = 0;
	bool found = false;

	for (size_t i = 0; i < plan->n && n < MAX_PROBES; i++)
		if (can_probe(&plan->v[i])) {
			v[n].stage = &plan->v[i];
			v[n].child.err = -1;
			start(&v[n++]);
		}
	listen_to(v, n, stamp_mono() + DEMO_PROBE_MS);
	for (size_t i = 0; i < n; i++) {
		finish(&v[i]);
		found |= v[i].found;
	}
	for (size_t i = 0; i < n; i++) {
		if (!found)
			say_reason(&v[i]);
		strbuf_free(&v[i].said);
	}
	if (n && !found)
		log_info("so this plays a demo; --no-demo waits for them instead");
	return n && !found;
}

static void
free_stage(struct plan_stage *s)
{
	struct plan one = {.v = xmalloc(sizeof *s), .n = 1};

	*one.v = *s;
	plan_free(&one);
}

/* A recording's player; the first is called demo, the second demo-2. */
static struct plan_stage
player(const char *file, size_t nth)
{
	static const char *const words[] = {"katoctl", "replay", "--loop", "--retime"};
	enum { WORDS = sizeof words / sizeof words[0] };
	struct plan_stage s = {.kind = PLAN_COLLECT};
	struct strbuf path = {0}, name = {0};

	share_named(file, "/demo", &path);
	if (access(path.s, R_OK) < 0)
		die(2, "the demo's recording %s: %s", path.s, strerror(errno));
	strbuf_adds(&name, "demo");
	if (nth > 1)
		strbuf_addf(&name, "-%zu", nth);
	s.name = name.s;
	s.argv = xcalloc(WORDS + 2, sizeof *s.argv);
	for (size_t i = 0; i < WORDS; i++)
		s.argv[i] = xstrdup(words[i]);
	s.argv[WORDS] = path.s;
	return s;
}

static void
own_state_folder(void)
{
	static const char file[] = "/file";
	struct strbuf path = {0};

	if (keeppath_make("demo/file", &path)) {
		path.s[path.len - (sizeof file - 1)] = '\0';
		setenv("STATE_DIRECTORY", path.s, 1);
	}
	strbuf_free(&path);
}

void
demo_plan(struct plan *p)
{
	static char kato[] = "kato.ndjson";
	char *usual[] = {kato, NULL}, **files = p->demo ? p->demo : usual;
	size_t kept = 0, n = 0;

	own_state_folder();
	for (size_t i = 0; i < p->n; i++) {
		enum plan_kind kind = p->v[i].kind;
		bool above = i < p->demo_at;

		if (kind == PLAN_COLLECT || kind == PLAN_FEED || (above && kind != PLAN_SINK))
			free_stage(&p->v[i]);
		else
			p->v[kept++] = p->v[i];
	}
	while (files[n])
		n++;
	if (kept + n > PLAN_MAX_STAGES)
		die(2, "a demo of this pipeline has more than %d stages", PLAN_MAX_STAGES);
	p->v = xreallocarray(p->v, kept + n, sizeof *p->v);
	memmove(p->v + n, p->v, kept * sizeof *p->v);
	for (size_t i = 0; i < n; i++)
		p->v[i] = player(files[i], i + 1);
	p->n = kept + n;
}
