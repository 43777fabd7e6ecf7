#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/document.h"
#include "collectors/emit.h"
#include "collectors/every.h"
#include "collectors/headerfile.h"
#include "collectors/http.h"
#include "collectors/plain.h"
#include "collectors/promasks.h"
#include "collectors/prommetrics.h"
#include "collectors/promrecords.h"
#include "collectors/round.h"
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
	char *url, *config, *header_file, *ca_file;
	double interval, timeout;
	bool once, check;
};

#define AT(member) offsetof(struct set, member)
static const struct setting table[] = {
	{"url", 'u', "KATO_PROMETHEUS_URL", NULL, SET_STRING, AT(url), "http://127.0.0.1:9090", 0, 0, "URL", "where Prometheus answers"},
	{"config", 'c', "KATO_PROM_SERVICES_CONFIG", NULL, SET_STRING, AT(config), CONFIG, 0, 0, "FILE", "nodes, edges and metrics to ask for"},
	{"header-file", 'H', "KATO_PROM_SERVICES_HEADER_FILE", NULL, SET_STRING, AT(header_file), NULL, 0, 0, "FILE",
	 "headers to send, one a line; read anew each time"},
	{"ca-file", 0, "KATO_PROM_SERVICES_CA_FILE", NULL, SET_STRING, AT(ca_file), NULL, 0, 0, "FILE",
	 "PEM certificates that Prometheus's is checked against, over the system's"},
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

/* What the settings say, at work. */
struct watch {
	char *url;		/* without the slash at its end */
	struct promplan plan;
	struct promasks_server server;
	struct promasks asks;
	struct promrecords records;
};

struct app {
	struct set set;
	struct watch *watch;
	struct strbuf shown;	/* its URL without secrets */
	struct strlist headers;	/* as they were at the last reading */
	struct http *http;
	struct source source;
	struct every every;
	int64_t edges_mono;	/* when the dependencies were last written; -1: not yet */
	struct strbuf warned;	/* the last warning of the server's that was said */
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
	struct watch *w = xcalloc(1, sizeof *w);
	size_t n = strlen(a->set.url);

	while (n && a->set.url[n - 1] == '/')
		n--;
	w->url = xmemdup0(a->set.url, n);
	strbuf_reset(&a->shown);
	plain_text(w->url, n, &a->shown);
	w->plan = *plan;
	w->server = (struct promasks_server){w->url, &a->headers, a->set.ca_file};
	promrecords_init(&w->records, &w->plan);
	promasks_init(&w->asks, a->http, &w->plan, &w->server, (int64_t)(a->set.timeout * 1000));
	every_init(&a->every, (int64_t)(a->set.interval * 1000));
	a->source.interval_ms = a->every.interval_ms;
	a->edges_mono = -1;
	a->watch = w;
}

static void
end(struct watch *w)
{
	promasks_free(&w->asks);
	promrecords_free(&w->records);
	promplan_free(&w->plan);
	free(w->url);
	free(w);
}

static void
write_edges(struct app *a, const char *stamp)
{
	if (a->edges_mono >= 0 && stamp_mono() - a->edges_mono < SOURCE_REPEAT_MS)
		return;
	promrecords_edges(&a->watch->records, stamp, &a->out);
	a->edges_mono = stamp_mono();
}

/* How the reading went, as the state of the source. */
static void
judge(struct app *a, int64_t now, int64_t took)
{
	const struct promasks *asks = &a->watch->asks;
	struct strbuf why = {0};
	size_t failed = 0, refused = 0;

	for (size_t i = 0; i < a->watch->plan.queries; i++) {
		failed += asks->ask[i].state == PROMASK_FAILED;
		refused += asks->ask[i].state == PROMASK_REFUSED;
	}
	strbuf_addf(&why, "%s: ", a->shown.s);
	if (failed && a->watch->asks.reached && failed < a->watch->plan.queries)
		strbuf_addf(&why, "%zu of %zu queries have no answer: ", failed, a->watch->plan.queries);
	else if (!failed && refused > 1)
		strbuf_addf(&why, "%zu of %zu queries are refused, the first: ", refused, a->watch->plan.queries);
	strbuf_adds(&why, asks->why.len ? asks->why.s : "no answer");
	if (asks->reached && !failed && !refused)
		source_ok(&a->source, now, took);
	else
		source_failed(&a->source, !asks->reached || (failed && failed == a->watch->plan.queries) ? SOURCE_DOWN : SOURCE_DEGRADED, why.s, now, took);
	strbuf_free(&why);
}

static void
say(struct app *a, enum source_state was)
{
	const struct strbuf *warning = &a->watch->asks.warning;

	round_say(&a->source, was, a->shown.s);
	if (!warning->len || (a->warned.len && !strcmp(a->warned.s, warning->s)))
		return;
	strbuf_reset(&a->warned);
	strbuf_adds(&a->warned, warning->s);
	log_warn("%s answers, and warns: %s", a->shown.s, warning->s);
}

static void
take_reading(struct app *a)
{
	enum source_state was = a->source.state;
	int64_t now = stamp_now(), took = stamp_mono() - a->watch->asks.began_mono;
	char t[STAMP_LEN + 1];
	size_t wrote = 0;

	stamp_format(now, t);
	write_edges(a, t);
	if (a->watch->asks.reached)
		wrote = promrecords_services(&a->watch->records, a->watch->asks.ask, t, &a->out) + promrecords_traffic(&a->watch->records, a->watch->asks.ask, t, &a->out);
	judge(a, now, took);
	if (wrote)
		source_wrote(&a->source, now);
	log_debug("%zu queries in %zu requests took %lld ms", a->watch->plan.queries, a->watch->asks.requests, (long long)took);
	say(a, was);
}

/* False: no reading is under way, the headers cannot be read. */
static bool
start(struct app *a)
{
	enum source_state was = a->source.state;
	struct strbuf why = {0};
	bool good;

	document_headers_free(&a->headers);
	good = !a->set.header_file || headerfile_read(a->set.header_file, &a->headers, &why);
	if (good) {
		promasks_start(&a->watch->asks);
	} else {
		source_failed(&a->source, SOURCE_DOWN, why.s, stamp_now(), 0);
		say(a, was);
	}
	strbuf_free(&why);
	return good;
}

static void
tick(struct app *a, bool ended)
{
	if (round_status_due(&a->source, ended, a->watch->asks.running ? a->watch->asks.began_mono : 0))
		source_record(&a->source, stamp_now(), &a->out);
}

/* The exit status. */
static int
once(struct app *a)
{
	if (!start(a))
		return 1;
	while (!promasks_step(&a->watch->asks)) {
		round_wait(a->http, WAIT_MS);
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
	char t[STAMP_LEN + 1];
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
		struct watch *old = a->watch;

		settings_free(&tool, &a->set);
		a->set = fresh;
		begin(a, &plan);
		promrecords_leave(&old->records, &a->watch->records, stamp_format(stamp_now(), t), &a->out);
		end(old);
		log_info("settings read again: %zu nodes, %zu edges, %zu queries", a->watch->plan.nodes, a->watch->plan.edges, a->watch->plan.queries);
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

		ended = every_due(&a->every, now) && !a->watch->asks.running && !start(a);
		if (promasks_step(&a->watch->asks)) {
			take_reading(a);
			ended = true;
		}
		wait = ended ? 0 : every_wait(&a->every, now);
		round_wait(a->http, wait < WAIT_MS ? wait : WAIT_MS);
		came = sigs_take();
		tick(a, ended);
		a->reload_due = a->reload_due || came & SIGS_HUP;
		if (a->reload_due && !a->watch->asks.running)
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
	headerfile_check(a.set.header_file);
	sigs_init(SIGS_TERM | SIGS_HUP);
	a.http = http_new();
	source_init(&a.source, TOOL, 0);
	begin(&a, &plan);
	if (a.set.check) {
		promplan_list(&a.watch->plan, &a.out);
		emit(&a.out);
	} else if (a.set.once) {
		status = once(&a);
	} else {
		run(&a, argc, argv);
	}
	http_del(a.http);
	end(a.watch);
	source_free(&a.source);
	document_headers_free(&a.headers);
	strbuf_free(&a.shown);
	strbuf_free(&a.warned);
	strbuf_free(&a.out);
	settings_free(&tool, &a.set);
	return status;
}
