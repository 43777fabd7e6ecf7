#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/emit.h"
#include "collectors/every.h"
#include "collectors/http.h"
#include "collectors/plain.h"
#include "collectors/promasks.h"
#include "collectors/promplan.h"
#include "collectors/prommetrics.h"
#include "collectors/source.h"
#include "collectors/weburl.h"
#include "lib/fdio.h"
#include "lib/log.h"
#include "lib/settings.h"
#include "lib/sigs.h"
#include "lib/stamp.h"
#include "lib/xalloc.h"

#define TOOL "prom-services"
#define CONFIG "/etc/kato-live/prom-services.conf"

enum { WAIT_MS = 1000 };

struct set {
	char *url, *config;
	double interval, timeout;
	bool once, check;
};

#define AT(member) offsetof(struct set, member)
static const struct setting table[] = {
	{"url", 'u', "KATO_PROMETHEUS_URL", NULL, SET_STRING, AT(url), "http://127.0.0.1:9090", 0, 0, "URL", "where Prometheus answers"},
	{"config", 'c', "KATO_PROM_SERVICES_CONFIG", NULL, SET_STRING, AT(config), CONFIG, 0, 0, "FILE", "nodes, edges and metrics to ask for"},
	{"interval", 'i', "KATO_PROM_SERVICES_INTERVAL", NULL, SET_NUMBER, AT(interval), "10", 0.1, 3600, "S", "seconds between readings"},
	{"timeout", 't', "KATO_PROM_SERVICES_TIMEOUT", NULL, SET_NUMBER, AT(timeout), "5", 0.05, 600, "S", "seconds a reading may take"},
	{"once", '1', NULL, NULL, SET_BOOL, AT(once), NULL, 0, 0, NULL, "one reading, then exit"},
	{"check", 0, NULL, NULL, SET_BOOL, AT(check), NULL, 0, 0, NULL, "print each query with what it is for, ask nothing"},
};

static const struct settings_tool tool = {
	.name = TOOL,
	.synopsis = "[options]",
	.about = "Asks a Prometheus server for the metrics of services and of the traffic between them, and prints them as\n"
		 "records of the types services, traffic and dependencies.",
	.examples = "  prom-services --config services.conf --once | jq -c 'select(.type == \"services\") | .data'\n"
		    "  prom-services --config services.conf --check\n"
		    "  prom-services --config services.conf | healthd | broadcaster\n",
	.table = table,
	.n = sizeof table / sizeof table[0],
	.size = sizeof(struct set),
};

struct app {
	struct set set;
	char *url;		/* without the slash at its end */
	struct strbuf shown;	/* and without secrets */
	struct http *http;
	struct promplan plan;
	struct promasks asks;
	bool *flowed;		/* of each edge: its traffic was told, and not yet taken back */
	struct source source;
	struct every every;
	int64_t edges_mono;	/* when the dependencies were last written; -1: not yet */
	bool reload_due;
	struct strbuf out;
};

/* False: *err says what is wrong; nothing to free then. */
static bool
read_config(const char *file, struct promplan *plan, struct strbuf *err)
{
	struct strbuf text = {0};
	bool good = false;

	if (fd_slurp(file, PROMPLAN_FILE_MAX, &text) < 0)
		strbuf_addf(err, "%s: %s", file, errno == EFBIG ? "larger than 8 MiB" : strerror(errno));
	else
		good = promplan_read(plan, prommetrics, file, text.s ? text.s : "", text.len, err);
	strbuf_free(&text);
	return good;
}

static void
say_lines(void (*say)(const char *fmt, ...), char *lines)
{
	for (char *line; (line = strsep(&lines, "\n"));)
		say("%s", line);
}

/* Takes the plan over. */
static void
begin(struct app *a, struct promplan *plan)
{
	size_t n = strlen(a->set.url);

	while (n && a->set.url[n - 1] == '/')
		n--;
	a->url = xmemdup0(a->set.url, n);
	strbuf_reset(&a->shown);
	plain_text(a->url, n, &a->shown);
	a->plan = *plan;
	a->flowed = xcalloc(a->plan.edges + 1, sizeof *a->flowed);
	promasks_init(&a->asks, a->http, &a->plan, a->url, (int64_t)(a->set.timeout * 1000));
	every_init(&a->every, (int64_t)(a->set.interval * 1000));
	a->source.interval_ms = a->every.interval_ms;
	a->edges_mono = -1;
}

static void
end(struct app *a)
{
	promasks_free(&a->asks);
	promplan_free(&a->plan);
	free(a->flowed);
	free(a->url);
}

static void
head(struct app *a, const char *type, const char *id, const char *more, const char *stamp)
{
	strbuf_addf(&a->out, "{\"type\":\"%s\",", type);
	if (id) {
		strbuf_addf(&a->out, "\"id\":\"%s", id);	/* ids need no escapes */
		strbuf_addf(&a->out, "%s%s\",", more ? ">" : "", more ? more : "");
	}
	strbuf_addf(&a->out, "\"timestamp\":\"%s\",\"source\":\"" TOOL "\",\"data\":", stamp);
}

/* Appends the values of the queries from *at on that are of this thing; how many. -1: one of them had no answer. */
static int
values(struct app *a, size_t *at, size_t end_of, uint32_t of, const char *sep, struct strbuf *out)
{
	int n = 0;
	bool failed = false;

	for (; *at < end_of && a->plan.query[*at].of == of; ++*at) {
		const struct promask *ask = &a->asks.ask[*at];

		failed = failed || ask->state == PROMASK_FAILED;
		if (ask->state != PROMASK_VALUE)
			continue;
		strbuf_addf(out, "%s\"%s\":", n ? "," : sep, a->plan.rule[a->plan.query[*at].rule].name);
		strbuf_addnum(out, ask->value);
		n++;
	}
	return failed ? -1 : n;
}

static size_t
write_services(struct app *a, const char *stamp)
{
	struct strbuf metrics = {0};
	size_t at = 0, wrote = 0;

	for (uint32_t i = 0; i < a->plan.nodes; i++) {
		const struct promnode *node = &a->plan.node[i];

		strbuf_reset(&metrics);
		if (values(a, &at, a->plan.node_queries, i, "", &metrics) < 0)
			continue;
		head(a, "services", node->id, NULL, stamp);
		strbuf_adds(&a->out, "{\"name\":");
		strbuf_addjsons(&a->out, node->name);
		strbuf_addf(&a->out, ",\"type\":\"%s\",\"metrics\":{%s}}}\n", node->type, metrics.len ? metrics.s : "");
		wrote++;
	}
	strbuf_free(&metrics);
	return wrote;
}

/* Traffic that is no longer measured is taken back, once. */
static size_t
write_traffic(struct app *a, const char *stamp)
{
	struct strbuf metrics = {0};
	size_t at = a->plan.node_queries, wrote = 0;

	for (uint32_t i = 0; i < a->plan.edges; i++) {
		const char *source = a->plan.node[a->plan.edge[i].source].id, *target = a->plan.node[a->plan.edge[i].target].id;
		int n;

		strbuf_reset(&metrics);
		n = values(a, &at, a->plan.queries, i, ",", &metrics);
		if (n < 0 || (!n && !a->flowed[i]))
			continue;
		head(a, "traffic", source, target, stamp);
		if (n)
			strbuf_addf(&a->out, "{\"source_id\":\"%s\",\"target_id\":\"%s\"%s}}\n", source, target, metrics.s);
		else
			strbuf_adds(&a->out, "null}\n");
		a->flowed[i] = n > 0;
		wrote++;
	}
	strbuf_free(&metrics);
	return wrote;
}

static void
write_edges(struct app *a, const char *stamp)
{
	if (a->edges_mono >= 0 && stamp_mono() - a->edges_mono < SOURCE_REPEAT_MS)
		return;
	head(a, "dependencies", NULL, NULL, stamp);
	strbuf_adds(&a->out, "{\"edges\":[");
	for (size_t i = 0; i < a->plan.edges; i++)
		strbuf_addf(&a->out, "%s{\"source_id\":\"%s\",\"target_id\":\"%s\"}", i ? "," : "",
		    a->plan.node[a->plan.edge[i].source].id, a->plan.node[a->plan.edge[i].target].id);
	strbuf_adds(&a->out, "]}}\n");
	a->edges_mono = stamp_mono();
}

/* How the reading went, as the state of the source. */
static void
judge(struct app *a, int64_t now, int64_t took)
{
	const struct promasks *asks = &a->asks;
	struct strbuf why = {0};
	size_t failed = 0, refused = 0;

	for (size_t i = 0; i < a->plan.queries; i++) {
		failed += asks->ask[i].state == PROMASK_FAILED;
		refused += asks->ask[i].state == PROMASK_REFUSED;
	}
	strbuf_addf(&why, "%s: ", a->shown.s);
	if (failed && failed < a->plan.queries)
		strbuf_addf(&why, "%zu of %zu queries have no answer: ", failed, a->plan.queries);
	else if (!failed && refused > 1)
		strbuf_addf(&why, "%zu of %zu queries are refused, the first: ", refused, a->plan.queries);
	strbuf_adds(&why, asks->why.len ? asks->why.s : "no answer");
	if (!failed && !refused)
		source_ok(&a->source, now, took);
	else
		source_failed(&a->source, failed && failed == a->plan.queries ? SOURCE_DOWN : SOURCE_DEGRADED, why.s, now, took);
	strbuf_free(&why);
}

static void
say(const struct app *a, enum source_state was)
{
	if (a->source.state == SOURCE_UP && was > SOURCE_UP)
		log_info("%s answers again", a->shown.s);
	else if (a->source.state > SOURCE_UP && a->source.changed)
		log_warn("%s", a->source.error.s);
}

static void
take_reading(struct app *a)
{
	enum source_state was = a->source.state;
	int64_t now = stamp_now(), took = stamp_mono() - a->asks.began_mono;
	char t[STAMP_LEN + 1];
	size_t wrote;

	stamp_format(now, t);
	write_edges(a, t);
	wrote = write_services(a, t) + write_traffic(a, t);
	judge(a, now, took);
	if (wrote)
		source_wrote(&a->source, now);
	log_debug("%zu queries in %zu requests took %lld ms", a->plan.queries, a->asks.requests, (long long)took);
	say(a, was);
}

static void
tick(struct app *a, bool ended)
{
	int64_t now = stamp_now(), said = now - a->source.status_sent_ms;	/* negative: the clock was stepped back */
	bool hangs = a->asks.running && stamp_mono() - a->asks.began_mono >= a->every.interval_ms;

	if ((ended || hangs || said < 0 || said >= SOURCE_REPEAT_MS) && source_due(&a->source, now))
		source_record(&a->source, now, &a->out);
}

static void
wait_some(struct app *a, int ms)
{
	struct pollfd fd = {.fd = sigs_fd(), .events = POLLIN};

	http_wait(a->http, &fd, 1, ms);
}

/* The exit status. */
static int
once(struct app *a)
{
	promasks_start(&a->asks);
	while (!promasks_step(&a->asks)) {
		wait_some(a, WAIT_MS);
		if (sigs_take() & SIGS_TERM)
			return 0;
	}
	take_reading(a);
	if (a->source.state == SOURCE_DOWN)
		strbuf_reset(&a->out);
	emit(&a->out);
	return a->source.state == SOURCE_DOWN;
}

/* Between two readings. */
static void
reload(struct app *a, int argc, char **argv)
{
	struct strbuf err = {0};
	struct promplan plan;
	const char *fault;
	struct set fresh;

	a->reload_due = false;
	if (!settings_reload(&tool, &fresh, argc, argv))
		return;
	fault = weburl_fault(fresh.url, false);
	if (fault)
		strbuf_addf(&err, "the URL of Prometheus: %s", fault);
	if (fault || !read_config(fresh.config, &plan, &err)) {
		say_lines(log_warn, err.s);
		log_warn("the old settings stay");
		settings_free(&tool, &fresh);
	} else {
		end(a);
		settings_free(&tool, &a->set);
		a->set = fresh;
		begin(a, &plan);
		log_info("settings read again: %zu nodes, %zu edges, %zu queries", a->plan.nodes, a->plan.edges, a->plan.queries);
	}
	strbuf_free(&err);
}

static void
run(struct app *a, int argc, char **argv)
{
	unsigned came;
	bool ended;
	int wait;

	do {
		int64_t now = stamp_now();

		if (every_due(&a->every, now) && !a->asks.running)
			promasks_start(&a->asks);
		ended = promasks_step(&a->asks);
		wait = ended ? 0 : every_wait(&a->every, now);
		wait_some(a, wait < WAIT_MS ? wait : WAIT_MS);
		came = sigs_take();
		if (ended)
			take_reading(a);
		tick(a, ended);
		a->reload_due = a->reload_due || came & SIGS_HUP;
		if (a->reload_due && !a->asks.running)
			reload(a, argc, argv);
	} while (emit(&a->out) && !(came & SIGS_TERM));
}

int
main(int argc, char **argv)
{
	struct app a = {0};
	struct strbuf err = {0};
	struct promplan plan;
	const char *fault;
	int status = 0;

	fd_standard(true);
	if (settings_start(&tool, &a.set, argc, argv) < argc)
		die(2, "takes no operands, only options; try --help");
	fault = weburl_fault(a.set.url, false);
	if (fault)
		die(2, "the URL of Prometheus: %s", fault);
	if (!read_config(a.set.config, &plan, &err)) {
		say_lines(log_error, err.s);
		exit(2);
	}
	sigs_init(SIGS_TERM | SIGS_HUP);
	a.http = http_new();
	source_init(&a.source, TOOL, 0);
	begin(&a, &plan);
	if (a.set.check) {
		promplan_list(&a.plan, &a.out);
		emit(&a.out);
	} else if (a.set.once) {
		status = once(&a);
	} else {
		run(&a, argc, argv);
	}
	http_del(a.http);
	end(&a);
	source_free(&a.source);
	strbuf_free(&a.shown);
	strbuf_free(&a.out);
	settings_free(&tool, &a.set);
	return status;
}
