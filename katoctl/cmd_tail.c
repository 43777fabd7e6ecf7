/* katoctl tail: a broadcaster's messages as lines. */

#include <ctype.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "katoctl/backoff.h"
#include "katoctl/cmd.h"
#include "katoctl/out.h"
#include "katoctl/resume.h"
#include "katoctl/tailconn.h"
#include "katoctl/tailtls.h"
#include "katoctl/tailtoken.h"
#include "lib/log.h"
#include "lib/settings.h"
#include "lib/sigs.h"
#include "lib/stamp.h"

enum {
	STEADY_MS = 10000, RESTART_LEAST_MS = 1000, RESTART_MOST_MS = 5000,
	CLOSE_EXPIRED = 4001,	/* the token has run out: the file may hold another by now */
};

struct options {
	char *url, *cacert, *since, *token_file;
	struct strlist topics;
	long long silence;
};

#define AT(m) offsetof(struct options, m)

static const struct setting table[] = {
	{"subscribe", 's', NULL, NULL, SET_LIST, AT(topics), NULL, 0, 0, "TOPIC[,TOPIC]", "these topics; unset: what the server sends by itself"},
	{"since", 0, NULL, NULL, SET_STRING, AT(since), NULL, 0, 0, "EPOCH:OFFSET", "the events behind this one first"},
	{"cacert", 0, "KATO_LIVE_CACERT", NULL, SET_STRING, AT(cacert), NULL, 0, 0, "FILE",
	 "with wss: certificates (PEM) of authorities to trust, beside the system's"},
	{"token-file", 0, "KATO_LIVE_TOKEN_FILE", NULL, SET_STRING, AT(token_file), NULL, 0, 0, "FILE",
	 "holds the token to show, read anew for each connection"},
	{"silence", 0, NULL, NULL, SET_INT, AT(silence), "45", 2, 3600, "SECONDS",
	 "give up a server of which nothing is heard for so long; it is asked after half of it"},
	{NULL, 0, "KATO_LIVE_URL", NULL, SET_STRING, AT(url), "ws://127.0.0.1:8080/ws", 0, 0, "URL", "where the broadcaster is"},
};

static const struct settings_tool tool = {
	.name = "katoctl tail",
	.synopsis = "[options] [URL]",
	.about = "Follows a broadcaster over WebSocket: each message becomes a line on standard output. A lost connection is made\n"
		 "anew, after a pause that grows to 30 s, and the events missed are asked for; what happens to the connection is\n"
		 "said on standard error. URL is ws:, wss:, http: or https:, or HOST:PORT; its path is /ws unless it says another.\n"
		 "Ends with 2 if the server does not want us (HTTP 4xx), with 1 if it says not to come back.",
	.examples = "  katoctl tail | jq -c .type\n"
		    "  katoctl tail --subscribe system_alerts,container_events | jq .\n"
		    "  katoctl tail http://monitor:8080 | katoctl record live.ndjson\n",
	.table = table,
	.n = sizeof table / sizeof table[0],
	.size = sizeof(struct options),
};

struct tail {
	struct options opt;
	struct tailurl url;
	struct tailtoken token;
	struct strbuf place;	/* the URL, as shown */
	struct strbuf path;	/* of this try */
	struct strbuf line;
	struct resume resume;
	struct backoff backoff;
	struct out out;
	int64_t opened_ms;
	bool was_lost, was_opened;
	int code;
};

/* What a URL needs no escape for, and the comma. */
static void
add_topic(struct strbuf *out, const char *topic)
{
	if (out->len)
		strbuf_addc(out, ',');
	for (; *topic; topic++)
		if (isalnum((unsigned char)*topic) || strchr("-_.~*,", *topic))
			strbuf_addc(out, *topic);
		else
			strbuf_addf(out, "%%%02X", (unsigned char)*topic);
}

static const char *
next_path(void *arg)
{
	struct tail *t = arg;
	struct strbuf part = {0}, topics = {0};

	strbuf_reset(&t->path);
	strbuf_adds(&t->path, t->url.path);
	for (size_t i = 0; i < t->opt.topics.n; i++)
		add_topic(&topics, t->opt.topics.v[i]);
	if (topics.len) {
		strbuf_addf(&part, "subscribe=%s", topics.s);
		tailurl_add(&t->path, part.s);
		strbuf_reset(&part);
	}
	resume_query(&t->resume, &part);
	t->resume.asked = part.len > 0;
	if (part.len)
		tailurl_add(&t->path, part.s);
	strbuf_free(&topics);
	strbuf_free(&part);
	return t->path.s;
}

static const char *
token(void *arg)
{
	struct tail *t = arg;

	return tailtoken_get(&t->token);
}

static void
opened(void *arg)
{
	struct tail *t = arg;

	t->opened_ms = stamp_mono();
	t->was_opened = true;
	if (t->was_lost)
		log_info("%s: connected again", t->place.s);
	t->was_lost = false;
}

/* One message, one line: a newline in JSON is white space. */
static bool
message(void *arg, const char *text, size_t n)
{
	struct tail *t = arg;

	if (resume_take(&t->resume, text, n) == RESUME_GAP)
		log_warn("%s: its history does not reach back to where we were: events may be missing", t->place.s);
	strbuf_reset(&t->line);
	strbuf_add(&t->line, text, n);
	for (char *p = t->line.s; p < t->line.s + n; p++)
		if (*p == '\n' || *p == '\r')
			*p = ' ';
	strbuf_addc(&t->line, '\n');
	return out_all(&t->out, t->line.s, t->line.len, &t->code);
}

static double
chance(void)
{
	uint32_t r = 0;

	if (getrandom(&r, sizeof r, 0) != sizeof r)
		r = (uint32_t)stamp_now() * 2654435761u;
	return r / 4294967296.0;
}

/* Servers that do not want us: trying again would not help. */
static bool
refused(struct tail *t, unsigned http)
{
	static const struct {
		unsigned status;
		const char *words;
	} known[] = {
		{401, "it wants a token: --token-file FILE"},
		{403, "it does not let us in: a wrong token, or a topic that is not allowed"},
		{404, "there is no WebSocket at this path"},
		{400, "it does not understand the request: a wrong topic, or --since"},
	};
	const char *words = http >= 300 && http < 400 ? "it redirects us elsewhere" : "no WebSocket is spoken there";

	if (http < 200 || http >= 500 || http == 408 || http == 425 || http == 429)
		return false;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (known[i].status == http)
			words = known[i].words;
	if (http == 401 && t->token.path)
		words = "it does not take our token, or no longer";
	log_error("%s: HTTP %u: %s", t->place.s, http, words);
	t->code = 2;
	return true;
}

static void
describe(const struct tailconn_end *end, struct strbuf *out)
{
	if (end->http)
		strbuf_addf(out, "HTTP %u", end->http);
	else if (end->code == TAILCONN_ODD_CODE)
		strbuf_addf(out, "closed%s%s", *end->why ? ": " : "", end->why);
	else if (end->code)
		strbuf_addf(out, "closed with %d%s%s", end->code, *end->why ? ": " : "", end->why);
	else if (end->untrusted)
		strbuf_addf(out, "its certificate is not trusted: %s", end->why);
	else
		strbuf_adds(out, *end->why ? end->why : "connection lost");
}

static int
ended(void *arg, const struct tailconn_end *end)
{
	struct tail *t = arg;
	struct strbuf how = {0};
	int wait, restart;

	if (!end->opened && refused(t, end->http))
		return -1;
	if (!t->was_opened && end->untrusted) {
		log_error("%s: its certificate is not trusted: %s", t->place.s, end->why);
		t->code = 2;
		return -1;
	}
	describe(end, &how);
	if (((end->code >= 4000 && end->code < 4100) || end->code == 1008) && !(end->code == CLOSE_EXPIRED && t->token.path)) {
		log_error("%s: %s: not to come back", t->place.s, how.s);
		strbuf_free(&how);
		t->code = 1;
		return -1;
	}
	if (end->opened && stamp_mono() - t->opened_ms >= STEADY_MS)
		backoff_forget(&t->backoff);
	wait = backoff_next(&t->backoff, chance());
	restart = RESTART_LEAST_MS + (int)(chance() * (RESTART_MOST_MS - RESTART_LEAST_MS));
	if (end->code == TAILCONN_ODD_CODE && wait < restart)	/* a server that restarts, or is full */
		wait = restart;
	log_warn("%s: %s; trying again in %.1f s", t->place.s, how.s, wait / 1000.0);
	t->was_lost = true;
	strbuf_free(&how);
	return wait;
}

/* Is there still somebody to follow for? */
static bool
look(void *arg)
{
	struct tail *t = arg;
	struct pollfd p = {.fd = t->out.fd};

	return !(sigs_take() & SIGS_TERM) && poll(&p, 1, 0) <= 0;
}

static void
parse(struct tail *t, const char *url)
{
	struct strbuf why = {0};

	if (!tailurl_parse(url, &t->url, &why))
		die(2, "%s: %s", url, why.s);
	tailurl_show(&t->url, &t->place);
	if (t->opt.cacert && !tailtls_authorities(t->opt.cacert, &why))
		die(2, "--cacert %s: %s", t->opt.cacert, why.s);
	if (!tailtoken_open(&t->token, t->opt.token_file, &why))
		die(2, "%s: %s", t->token.path, why.s);
	if (t->opt.since && !resume_parse(t->opt.since, &t->resume))
		die(2, "--since %s: must be EPOCH:OFFSET, as \"connected\" and the events have them", t->opt.since);
	for (size_t i = 0; i < t->opt.topics.n; i++)
		if (!*t->opt.topics.v[i])
			die(2, "--subscribe: a topic is missing");
}

int
cmd_tail(int argc, char **argv)
{
	struct tail t = {.code = 0};
	struct tailconn_calls calls = {next_path, token, opened, message, ended, look, &t, NULL};
	int at = settings_start(&tool, &t.opt, argc, argv);

	calls.cacert = t.opt.cacert;
	log_init("katoctl tail");
	if (argc - at > 1)
		die(2, "%s: tail follows one URL", argv[at + 1]);
	parse(&t, at < argc ? argv[at] : t.opt.url);
	sigs_init(SIGS_TERM);
	out_init(&t.out);
	if (!tailconn_run(&t.url, (int)t.opt.silence, &calls))
		die(1, "libwebsockets does not start");
	if (t.resume.epoch[0])
		log_debug("to go on from here: --since %s:%llu", t.resume.epoch, (unsigned long long)t.resume.offset);
	out_close(&t.out);
	strbuf_free(&t.place);
	strbuf_free(&t.path);
	strbuf_free(&t.line);
	tailurl_free(&t.url);
	tailtoken_free(&t.token);
	settings_free(&tool, &t.opt);
	return t.code;
}
