#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/emit.h"
#include "collectors/every.h"
#include "collectors/http.h"
#include "collectors/katoapi.h"
#include "collectors/reading.h"
#include "collectors/round.h"
#include "collectors/source.h"
#include "lib/fdio.h"
#include "lib/log.h"
#include "lib/settings.h"
#include "lib/sigs.h"
#include "lib/stamp.h"

#define SOURCE "kato-metrics"

enum { WAIT_MS = 1000 };

struct set {
	char *url;
	double interval, timeout;
	bool once, probe;
};

#define AT(member) offsetof(struct set, member)
static const struct setting table[] = {
	{"url", 'u', "KATO_API_URL", NULL, SET_STRING, AT(url), KATOAPI_URL_DEFAULT, 0, 0, "URL", "where KATO answers"},
	{"interval", 'i', "KATO_METRICS_INTERVAL", NULL, SET_NUMBER, AT(interval), "3", 0.1, 3600, "S", "seconds between readings"},
	{"timeout", 't', "KATO_METRICS_TIMEOUT", NULL, SET_NUMBER, AT(timeout), "2", 0.05, 600, "S",
	 "seconds a reading may take"},
	{"once", '1', NULL, NULL, SET_BOOL, AT(once), NULL, 0, 0, NULL, "one reading, one record, then exit"},
	{"probe", 0, NULL, NULL, SET_BOOL, AT(probe), NULL, 0, 0, NULL,
	 "print nothing; exit 0 if a KATO server answers, else say why and exit 1"},
};

static const struct settings_tool tool = {
	.name = SOURCE,
	.synopsis = "[options]",
	.about = "Reads the metrics of a KATO server every few seconds and prints each new reading as one line of JSON.\n"
		 "A reading that failed is no zero: it is said on standard error and as a source_status record.",
	.examples = "  kato-metrics --once | jq .data\n"
		    "  kato-metrics --interval 1 | jq -c --unbuffered 'select(.type == \"metrics\") | .data.requests'\n"
		    "  kato-metrics --url http://kato:8000 | alertd\n",
	.table = table,
	.n = sizeof table / sizeof table[0],
	.size = sizeof(struct set),
};

struct app {
	struct set set;
	struct http *http;
	struct katoapi api;
	struct reading reading;
	struct source source;
	struct every every;
	struct strbuf last;	/* the data of the last good reading; empty: none since it was last down */
	int64_t wrote_mono;	/* when it was last written */
	struct strbuf out;
};

static void
app_start(struct app *a)
{
	struct strbuf err = {0};

	if (!katoapi_init(&a->api, a->http, a->set.url, (long)(a->set.timeout * 1000), &err))
		die(2, "%s", err.s);
	reading_init(&a->reading, &a->api);
	every_init(&a->every, (int64_t)(a->set.interval * 1000));
	a->source.interval_ms = a->every.interval_ms;
}

static void
write_metrics(struct app *a, int64_t ms, int64_t now)
{
	char t[STAMP_LEN + 1];

	strbuf_addf(&a->out, "{\"type\":\"metrics\",\"timestamp\":\"%s\",\"source\":\"" SOURCE "\",\"data\":", stamp_format(ms, t));
	strbuf_add(&a->out, a->last.s, a->last.len);
	strbuf_adds(&a->out, "}\n");
	a->wrote_mono = stamp_mono();
	source_wrote(&a->source, now);
}

static void
take_reading(struct app *a)
{
	struct reading *r = &a->reading;
	enum source_state was = a->source.state;
	int64_t now = stamp_now();

	r->over = false;
	switch (r->result) {
	case METRICS_NEW:
		strbuf_reset(&a->last);
		reading_write(r, &a->last);
		write_metrics(a, r->ms, now);
		source_ok(&a->source, now, r->took_ms);
		break;
	case METRICS_OLD:
		source_ok(&a->source, now, r->took_ms);
		break;
	case METRICS_NONE:
		source_failed(&a->source, r->answered ? SOURCE_DEGRADED : SOURCE_DOWN, r->why.s, now, r->took_ms);
		strbuf_reset(&a->last);
		break;
	}
	round_say(&a->source, was, a->api.shown);
}

/* What is due beside readings: the state once more, and a sign of life in every interval. */
static void
tick(struct app *a, bool ended)
{
	int64_t now = stamp_now(), mono = stamp_mono();

	if (a->last.len && mono - a->wrote_mono >= SOURCE_REPEAT_MS)
		write_metrics(a, now, now);
	if ((ended && a->reading.result != METRICS_NEW) ||
	    round_status_due(&a->source, ended, reading_busy(&a->reading) ? a->reading.begun_mono : 0))
		source_record(&a->source, now, &a->out);
}

/* --once and --probe: the exit status. */
static int
once(struct app *a)
{
	struct reading *r = &a->reading;

	reading_start(r);
	while (!r->over) {
		round_wait(a->http, WAIT_MS);
		if (sigs_take() & SIGS_TERM)
			return 0;
	}
	if (r->result == METRICS_NONE && !(r->answered && a->set.probe)) {
		log_error("%s", r->why.s);
		return 1;
	}
	if (!a->set.probe)
		take_reading(a);
	emit(&a->out);
	return 0;
}

static void
reload(struct app *a, int argc, char **argv)
{
	struct strbuf err = {0};
	struct katoapi trial;
	struct set fresh;

	if (!settings_reload(&tool, &fresh, argc, argv))
		return;
	if (!katoapi_init(&trial, a->http, fresh.url, 1, &err)) {
		log_warn("%s; the old settings stay", err.s);
		strbuf_free(&err);
		settings_free(&tool, &fresh);
		return;
	}
	katoapi_free(&trial);
	reading_free(&a->reading);
	katoapi_free(&a->api);
	settings_free(&tool, &a->set);
	a->set = fresh;
	app_start(a);
	log_info("settings read again");
}

static void
run(struct app *a, int argc, char **argv)
{
	unsigned came;
	bool ended;
	int wait;

	do {
		int64_t now = stamp_now();

		if (every_due(&a->every, now) && !reading_busy(&a->reading))
			reading_start(&a->reading);
		wait = every_wait(&a->every, now);
		round_wait(a->http, wait < WAIT_MS ? wait : WAIT_MS);
		came = sigs_take();
		if (came & SIGS_HUP)
			reload(a, argc, argv);
		ended = a->reading.over;
		if (ended)
			take_reading(a);
		tick(a, ended);
	} while (emit(&a->out) && !(came & SIGS_TERM));
}

int
main(int argc, char **argv)
{
	struct app a = {0};
	int status = 0;

	fd_standard(true);
	if (settings_start(&tool, &a.set, argc, argv) < argc)
		die(2, "takes no operands, only options; try --help");
	sigs_init(SIGS_TERM | SIGS_HUP);
	a.http = http_new();
	source_init(&a.source, SOURCE, 0);
	app_start(&a);
	if (a.set.once || a.set.probe)
		status = once(&a);
	else
		run(&a, argc, argv);
	reading_free(&a.reading);
	katoapi_free(&a.api);
	http_del(a.http);
	source_free(&a.source);
	strbuf_free(&a.last);
	strbuf_free(&a.out);
	settings_free(&tool, &a.set);
	return status;
}
