#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/document.h"
#include "collectors/emit.h"
#include "collectors/every.h"
#include "collectors/headerfile.h"
#include "collectors/http.h"
#include "collectors/plain.h"
#include "collectors/revalidate.h"
#include "collectors/round.h"
#include "collectors/source.h"
#include "collectors/weburl.h"
#include "lib/fdio.h"
#include "lib/log.h"
#include "lib/settings.h"
#include "lib/sigs.h"
#include "lib/stamp.h"

#define TOOL "http-poll"

enum {
	WAIT_MS = 1000,
	RETRY_AT_LEAST_MS = 50,
	ID_MAX = 256,
	BODY_MAX = (1 << 20) - 4096,	/* a line has at most 1 MiB, and there is a record around it */
};

struct set {
	char *type, *id, *header_file, *ca_file;
	double interval, timeout, repeat;
	long long max_bytes;
	bool only_changed, once;
};

#define AT(member) offsetof(struct set, member)
static const struct setting table[] = {
	{"type", 't', NULL, NULL, SET_STRING, AT(type), NULL, 0, 0, "TYPE", "type of the records; needed"},
	{"id", 0, NULL, NULL, SET_STRING, AT(id), NULL, 0, 0, "ID", "their id, where several documents are of one type"},
	{"interval", 'i', "KATO_HTTP_POLL_INTERVAL", NULL, SET_NUMBER, AT(interval), "30", 0.1, 86400, "S", "seconds between readings"},
	{"timeout", 0, "KATO_HTTP_POLL_TIMEOUT", NULL, SET_NUMBER, AT(timeout), "10", 0.05, 600, "S", "seconds a reading may take"},
	{"header-file", 'H', NULL, NULL, SET_STRING, AT(header_file), NULL, 0, 0, "FILE",
	 "headers to send, one a line; read anew each time"},
	{"ca-file", 0, "KATO_HTTP_POLL_CA_FILE", NULL, SET_STRING, AT(ca_file), NULL, 0, 0, "FILE",
	 "PEM certificates that the server's is checked against, over the system's"},
	{"only-changed", 'c', NULL, NULL, SET_BOOL, AT(only_changed), NULL, 0, 0, NULL,
	 "no record where the document is the one before"},
	{"repeat", 'r', NULL, NULL, SET_NUMBER, AT(repeat), "300", 0, 86400, "S",
	 "with --only-changed: it is written again after so long; 0: never"},
	{"max-bytes", 'm', NULL, NULL, SET_BYTES, AT(max_bytes), "1044480", 2, BODY_MAX, "N", "of a document; a larger one is an error"},
	{"once", '1', NULL, NULL, SET_BOOL, AT(once), NULL, 0, 0, NULL, "one reading, one record, then exit"},
};

static const struct settings_tool tool = {
	.name = TOOL,
	.synopsis = "--type TYPE [options] URL",
	.about = "Asks for a JSON document again and again and prints it as the data of a record, byte for byte.\n"
		 "A reading that failed is said on standard error and as a source_status record.",
	.examples = "  http-poll --type dashboard --header-file token.hdr http://localhost:8080/api/v1/dashboard/complete\n"
		    "  http-poll --type weather --interval 600 --only-changed https://example.org/weather.json | broadcaster --state weather\n"
		    "  http-poll --type health --once http://localhost:8000/health | jq .data\n",
	.table = table,
	.n = sizeof table / sizeof table[0],
	.size = sizeof(struct set),
};

struct app {
	struct set set;
	const char *url;
	struct strbuf shown, name;	/* the URL without secrets; of the source */
	struct http *http;
	struct http_transfer *transfer;	/* NULL: none under way */
	bool again;			/* it is the second try of this reading */
	int64_t began_mono;
	bool over, good;		/* a reading has ended; take it, then clear over */
	struct strbuf body, why;	/* of the reading */
	struct source source;
	struct every every;
	struct strbuf last;		/* data of the last good reading; empty: none yet */
	struct revalidate known;	/* by which the server knows it again */
	int64_t wrote_mono;		/* when it was last written */
	struct strbuf out;
};

static void
show_url(struct app *a)
{
	size_t n = strcspn(a->url, "?#");

	strbuf_reset(&a->shown);
	plain_text(a->url, n, &a->shown);
	if (a->url[n])
		strbuf_adds(&a->shown, "?…");	/* what is asked for may be a secret */
}

/* What the table cannot tell. */
static bool
check(const struct set *s, struct strbuf *err)
{
	if (!s->type)
		strbuf_adds(err, "--type TYPE is needed: what the records are to be called; try --help");
	else if (!document_type(s->type))
		strbuf_addf(err, "--type %s: want lower-case words joined by _, and not source_status", s->type);
	else if (s->id && (!*s->id || strlen(s->id) > ID_MAX))
		strbuf_adds(err, "--id: want 1 to 256 bytes");
	else
		return true;
	return false;
}

static void
failed(struct app *a, const char *what)
{
	strbuf_reset(&a->why);
	strbuf_addf(&a->why, "%s: %s", a->shown.s, what);
	a->over = true;
	a->good = false;
}

static void on_done(void *, const struct http_reply *);

/* Over a connection that had been idle the question may meet its end: then once more, on a new one. */
static void
ask(struct app *a, int64_t timeout_ms)
{
	struct strlist list = {0};
	struct strbuf why = {0};

	if (a->set.header_file && !headerfile_read(a->set.header_file, &list, &why)) {
		strbuf_reset(&a->why);
		strbuf_adds(&a->why, why.s);
		a->over = true;
		a->good = false;
	} else {
		if (a->set.only_changed && a->last.len)
			revalidate_ask(&a->known, &list);
		a->transfer = http_start(a->http, &(struct http_get){.url = a->url, .headers = &list, .ca_file = a->set.ca_file, .compressed = true,
		    .timeout_ms = (long)timeout_ms, .max_bytes = (size_t)a->set.max_bytes, .fresh = a->again, .on_done = on_done, .arg = a});
	}
	document_headers_free(&list);
	strbuf_free(&why);
}

static void
refused(struct app *a, const struct http_reply *r)
{
	struct strbuf what = {0}, said = {0};

	strbuf_addf(&what, "HTTP status %ld", r->status);
	plain_error(r->body, r->len, &said);
	if (said.len)
		strbuf_addf(&what, ": %s", said.s);
	else if (r->status == 401 || r->status == 403)
		strbuf_adds(&what, a->set.header_file ? ": what --header-file sends is not enough" : ": a header may be needed, see --header-file");
	else if (r->status / 100 == 3)
		strbuf_adds(&what, ": redirects are not followed");
	failed(a, what.s);
	strbuf_free(&what);
	strbuf_free(&said);
}

static void
on_done(void *arg, const struct http_reply *r)
{
	struct app *a = arg;
	int64_t left = (int64_t)(a->set.timeout * 1000) - (stamp_mono() - a->began_mono);
	struct strbuf why = {0};

	a->transfer = NULL;
	if (r->lost && r->reused && !a->again && left >= RETRY_AT_LEAST_MS) {
		a->again = true;
		ask(a, left);
		return;
	}
	strbuf_reset(&a->body);
	a->over = a->good = true;
	if (r->status == 304 && a->set.only_changed && a->last.len) {
		strbuf_add(&a->body, a->last.s, a->last.len);
		return;
	}
	revalidate_free(&a->known);
	if (!r->status)
		failed(a, r->error ? r->error : "no answer");
	else if (r->status != 200)
		refused(a, r);
	else if (!document_line(r->body, r->len, &a->body, &why))
		failed(a, why.s);
	else
		revalidate_take(&a->known, r);
	strbuf_free(&why);
}

static void
start(struct app *a)
{
	a->again = false;
	a->began_mono = stamp_mono();
	ask(a, (int64_t)(a->set.timeout * 1000));
}

static void
write_record(struct app *a, int64_t now)
{
	char t[STAMP_LEN + 1];

	strbuf_addf(&a->out, "{\"type\":\"%s\"", a->set.type);
	if (a->set.id) {
		strbuf_adds(&a->out, ",\"id\":");
		strbuf_addjsons(&a->out, a->set.id);
	}
	strbuf_addf(&a->out, ",\"timestamp\":\"%s\",\"source\":", stamp_format(now, t));
	strbuf_addjson(&a->out, a->name.s, a->name.len);
	strbuf_adds(&a->out, ",\"data\":");
	strbuf_add(&a->out, a->last.s, a->last.len);
	strbuf_adds(&a->out, "}\n");
	a->wrote_mono = stamp_mono();
	source_wrote(&a->source, now);
}

/* Is a document that has not changed to be written all the same? */
static bool
due_again(const struct app *a)
{
	return !a->set.only_changed || (a->set.repeat > 0 && stamp_mono() - a->wrote_mono >= (int64_t)(a->set.repeat * 1000));
}

static void
take_reading(struct app *a)
{
	enum source_state was = a->source.state;
	int64_t now = stamp_now(), took = stamp_mono() - a->began_mono;

	a->over = false;
	if (a->good) {
		bool same = a->last.len == a->body.len && a->last.len && !memcmp(a->last.s, a->body.s, a->last.len);

		if (!same) {
			strbuf_reset(&a->last);
			strbuf_add(&a->last, a->body.s, a->body.len);
		}
		if (!same || due_again(a))
			write_record(a, now);
		source_ok(&a->source, now, took);
	} else {
		source_failed(&a->source, SOURCE_DOWN, a->why.s, now, took);
	}
	round_say(&a->source, was, a->shown.s);
}

/* What is due beside readings: a sign of life in every interval, and the state of a source that goes on failing. */
static void
tick(struct app *a, bool ended)
{
	if (round_status_due(&a->source, ended, a->transfer ? a->began_mono : 0))
		source_record(&a->source, stamp_now(), &a->out);
}

/* The exit status. */
static int
once(struct app *a)
{
	start(a);
	while (!a->over) {
		round_wait(a->http, WAIT_MS);
		if (sigs_take() & SIGS_TERM)
			return 0;
	}
	if (!a->good) {
		log_error("%s", a->why.s);
		return 1;
	}
	take_reading(a);
	emit(&a->out);
	return 0;
}

static void
take_settings(struct app *a)
{
	strbuf_reset(&a->name);
	strbuf_addf(&a->name, TOOL "/%s%s%s", a->set.type, a->set.id ? "." : "", a->set.id ? a->set.id : "");
	a->source.name = a->name.s;
	every_init(&a->every, (int64_t)(a->set.interval * 1000));
	a->source.interval_ms = a->every.interval_ms;
}

static void
reload(struct app *a, int argc, char **argv)
{
	struct strbuf err = {0};
	struct set fresh;

	if (!settings_reload(&tool, &fresh, argc, argv))
		return;
	if (!check(&fresh, &err)) {
		log_warn("%s; the old settings stay", err.s);
		strbuf_free(&err);
		settings_free(&tool, &fresh);
		return;
	}
	settings_free(&tool, &a->set);
	a->set = fresh;
	strbuf_reset(&a->last);	/* it may be of another type now: written anew */
	take_settings(a);
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

		if (every_due(&a->every, now) && !a->transfer && !a->over)
			start(a);
		wait = a->over ? 0 : every_wait(&a->every, now);
		round_wait(a->http, wait < WAIT_MS ? wait : WAIT_MS);
		came = sigs_take();
		if (came & SIGS_HUP)
			reload(a, argc, argv);
		ended = a->over;
		if (ended)
			take_reading(a);
		tick(a, ended);
	} while (emit(&a->out) && !(came & SIGS_TERM));
}

static void
app_free(struct app *a)
{
	struct strbuf *all[] = {&a->shown, &a->name, &a->body, &a->why, &a->last, &a->out};

	http_del(a->http);
	revalidate_free(&a->known);
	source_free(&a->source);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		strbuf_free(all[i]);
	settings_free(&tool, &a->set);
}

int
main(int argc, char **argv)
{
	struct app a = {0};
	struct strbuf err = {0};
	const char *fault;
	int first, status = 0;

	fd_standard(true);
	first = settings_start(&tool, &a.set, argc, argv);
	if (first != argc - 1)
		die(2, first == argc ? "which URL? try --help" : "one URL is asked, not %d; try --help", argc - first);
	a.url = argv[first];
	show_url(&a);
	fault = weburl_fault(a.url, true);
	if (fault)
		die(2, "%s: %s", a.shown.s, fault);
	if (!check(&a.set, &err))
		die(2, "%s", err.s);
	headerfile_check(a.set.header_file);
	sigs_init(SIGS_TERM | SIGS_HUP);
	a.http = http_new();
	source_init(&a.source, TOOL, 0);
	take_settings(&a);
	if (a.set.once)
		status = once(&a);
	else
		run(&a, argc, argv);
	app_free(&a);
	return status;
}
