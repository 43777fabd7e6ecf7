#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <unistd.h>

#include "broadcaster/feed.h"
#include "broadcaster/http.h"
#include "broadcaster/journal.h"
#include "broadcaster/journaltext.h"
#include "broadcaster/server.h"
#include "broadcaster/serverauth.h"
#include "broadcaster/serverports.h"
#include "broadcaster/servertls.h"
#include "broadcaster/ws.h"
#include "lib/fdio.h"
#include "lib/log.h"
#include "lib/notify.h"
#include "lib/sigs.h"
#include "lib/stamp.h"
#include "lib/xalloc.h"

enum { EPOCH_LEN = 10, CLOSE_RESTART = 1012, HOSTS_MAX = 1 << 20 };

#define AT(member) offsetof(struct options, member)

static const struct setting table[] = {
	{"host", 'H', "KATO_LIVE_HOST", "HOST", SET_STRING, AT(host), "127.0.0.1", 0, 0, "ADDR", "address to listen on"},
	{"port", 'p', "KATO_LIVE_PORT", "PORT", SET_INT, AT(port), "-1", 0, 65535, "N",
	 "port; 0: a free one; not set: 8080, or the next free one"},
	{"listen", 'l', "KATO_LIVE_LISTEN", NULL, SET_LIST, AT(listen), NULL, 0, 0, "[ADDR:]PORT", "one more port; may be repeated"},
	{"server-name", 0, "KATO_LIVE_SERVER_NAMES", NULL, SET_LIST, AT(server_names), NULL, 0, 0, "HOST",
	 "one more name of this server; may be repeated"},
	{NULL, 0, "CORS_ORIGINS", NULL, SET_STRING, AT(cors), "http://localhost:3001,http://localhost:8080", 0, 0, "ORIGINS",
	 "pages of others that may connect, separated by commas"},
	{"trusted-proxy", 0, "KATO_LIVE_TRUSTED_PROXIES", NULL, SET_LIST, AT(trusted_proxies), NULL, 0, 0, "ADDR[/LEN]",
	 "whose X-Forwarded-For is believed; may be repeated"},
	{"jwt-key-file", 'k', "KATO_LIVE_JWT_KEY_FILE", NULL, SET_STRING, AT(jwt_key_file), NULL, 0, 0, "FILE",
	 "secret (HS256) or public key (RS256, ES256): clients need a token"},
	{"jwt-audience", 0, "KATO_LIVE_JWT_AUDIENCE", NULL, SET_STRING, AT(jwt_audience), "kato-live", 0, 0, "NAME",
	 "what a token's aud must name, where it has one"},
	{"dashboard", 'd', "KATO_LIVE_DASHBOARD", NULL, SET_STRING, AT(dashboard), NULL, 0, 0, "DIR",
	 "folder of the web page; none: no page"},
	{"state", 's', "KATO_LIVE_STATE_TYPES", NULL, SET_LIST, AT(state_types), NULL, 0, 0, "TYPE",
	 "of this record type the last value counts; may be repeated"},
	{"coalesce", 'c', "KATO_LIVE_COALESCE", NULL, SET_INT, AT(coalesce_ms), "15", 0, 10000, "MS",
	 "state that changes within this travels together"},
	{"history", 0, "KATO_LIVE_HISTORY", NULL, SET_INT, AT(history), "10000", 1, 10000000, "N", "events kept"},
	{"history-bytes", 0, "KATO_LIVE_HISTORY_BYTES", NULL, SET_BYTES, AT(history_bytes), "32M", 65536, 1e12, "B",
	 "and in bytes"},
	{"journal", 'j', "KATO_LIVE_JOURNAL", NULL, SET_STRING, AT(journal), NULL, 0, 0, "FILE",
	 "keep events, offsets and epoch there over a restart or a kill"},
	{"journal-sync", 0, "KATO_LIVE_JOURNAL_SYNC", NULL, SET_STRING, AT(journal_sync), "1", 0, 0, "none|SECONDS|always",
	 "how often its data is brought to the disk"},
	{"state-values", 0, "KATO_LIVE_STATE_VALUES", NULL, SET_INT, AT(state_values), "20000", 1, 10000000, "N",
	 "different things whose last value is kept"},
	{"state-bytes", 0, "KATO_LIVE_STATE_BYTES", NULL, SET_BYTES, AT(state_bytes), "64M", 65536, 1e12, "B", "and in bytes"},
	{"max-clients", 'm', "KATO_LIVE_MAX_CLIENTS", NULL, SET_INT, AT(max_clients), "10000", 1, 1000000, "N",
	 "clients, over WebSocket and /events; more are answered 503"},
	{"max-clients-per-address", 0, "KATO_LIVE_MAX_CLIENTS_PER_ADDRESS", NULL, SET_INT, AT(max_clients_per_address), "-1", 0, 1000000,
	 "N", "of one address, else 429; 0: any; not set: 1000, any from here"},
	{"connect-rate", 0, "KATO_LIVE_CONNECT_RATE", NULL, SET_INT, AT(connect_rate), "-1", 0, 1000000, "N",
	 "connects a second and address, else 429; 0: any; not set: 100, any from here"},
	{"queue-bytes", 0, "KATO_LIVE_QUEUE_BYTES", NULL, SET_BYTES, AT(queue_bytes), "256K", 4096, 1e9, "B",
	 "unsent events of a client; beyond it is closed (4108)"},
	{"unsent-bytes", 0, "KATO_LIVE_UNSENT_BYTES", NULL, SET_BYTES, AT(unsent_bytes), "256M", 1 << 20, 1e12, "B",
	 "the same for all of them together, what they share counted once"},
	{"message-bytes", 0, "KATO_LIVE_MESSAGE_BYTES", NULL, SET_BYTES, AT(message_bytes), "4K", 128, 1 << 20, "B",
	 "of a client's message; longer ones close it (1009)"},
	{"message-rate", 0, "KATO_LIVE_MESSAGE_RATE", NULL, SET_INT, AT(message_rate), "20", 1, 100000, "N",
	 "messages a second from a client"},
	{"message-burst", 0, "KATO_LIVE_MESSAGE_BURST", NULL, SET_INT, AT(message_burst), "60", 1, 100000, "N", "and at once"},
	{"max-topics", 0, "KATO_LIVE_MAX_TOPICS", NULL, SET_INT, AT(max_topics), "64", 1, 1000, "N", "topics of a client"},
	{"tls-cert", 0, "KATO_LIVE_TLS_CERT", NULL, SET_STRING, AT(tls_cert), NULL, 0, 0, "FILE",
	 "certificate and chain (PEM): all ports speak TLS; read again on HUP"},
	{"tls-key", 0, "KATO_LIVE_TLS_KEY", NULL, SET_STRING, AT(tls_key), NULL, 0, 0, "FILE", "its private key (PEM)"},
	{"exit-on-eof", 'x', "KATO_LIVE_EXIT_ON_EOF", NULL, SET_BOOL, AT(exit_on_eof), NULL, 0, 0, NULL,
	 "stop when the input ends, instead of serving on"},
	{"ready-fd", 0, "KATO_READY_FD", NULL, SET_INT, AT(ready_fd), "-1", 0, 1 << 20, "N", "write a newline there once serving"},
	{"ack-fd", 0, "KATO_ACK_FD", NULL, SET_INT, AT(ack_fd), "-1", 0, 1 << 20, "N", "report there how many lines were taken"},
	{"store-fd", 0, "KATO_STORE_FD", NULL, SET_INT, AT(store_fd), "-1", 0, 1 << 20, "N", "keep the listening sockets there"},
	{NULL, 0, "WEBSOCKET_AUTO_ROLLBACK", NULL, SET_CHOICE, AT(auto_rollback), "warn", 0, 0, "on|warn|off",
	 "on: errors, latency, disconnects or CPU over their limits switch WebSocket off; warn: are said"},
	{"rollback-disconnects", 0, "KATO_LIVE_ROLLBACK_DISCONNECTS", NULL, SET_INT, AT(rollback_disconnects), "3", 0, 1000000, "N",
	 "abnormal disconnects a minute that are still fine"},
	{NULL, 0, "WEBSOCKET_ENABLED", NULL, SET_BOOL, AT(flags.enabled), "true", 0, 0, NULL, "false: /ws answers 503, pages poll"},
	{NULL, 0, "WEBSOCKET_CONTAINER_STATS", NULL, SET_BOOL, AT(flags.container_stats), "true", 0, 0, NULL,
	 "false: containers are not pushed"},
	{NULL, 0, "WEBSOCKET_SESSION_EVENTS", NULL, SET_BOOL, AT(flags.session_events), "true", 0, 0, NULL,
	 "false: neither sessions nor their events"},
	{NULL, 0, "WEBSOCKET_SYSTEM_ALERTS", NULL, SET_BOOL, AT(flags.system_alerts), "true", 0, 0, NULL,
	 "false: no alerts"},
	{NULL, 0, "WEBSOCKET_SELECTIVE_SUBSCRIPTIONS", NULL, SET_BOOL, AT(flags.selective), "true", 0, 0, NULL,
	 "false: every client gets everything"},
	{NULL, 0, "WEBSOCKET_COMPRESSION", NULL, SET_BOOL, AT(compression), "true", 0, 0, NULL,
	 "false: nobody's messages are compressed (permessage-deflate)"},
	{NULL, 0, "VITE_WS_URL", NULL, SET_STRING, AT(page.url), NULL, 0, 0, "URL",
	 "where the page finds its WebSocket; not set: /ws where it came from"},
	{NULL, 0, "VITE_WS_ENABLED", NULL, SET_BOOL, AT(page.enabled), "true", 0, 0, NULL, "false: the page only polls"},
	{NULL, 0, "VITE_WS_CONTAINER_STATS", NULL, SET_BOOL, AT(page.container_stats), "true", 0, 0, NULL,
	 "false: the page polls the containers"},
	{NULL, 0, "VITE_WS_SESSION_EVENTS", NULL, SET_BOOL, AT(page.session_events), "true", 0, 0, NULL,
	 "false: the page polls the sessions"},
	{NULL, 0, "VITE_WS_ALERTS", NULL, SET_BOOL, AT(page.alerts), "true", 0, 0, NULL, "false: the page polls the alerts"},
	{NULL, 0, "VITE_WS_SELECTIVE_SUBSCRIPTIONS", NULL, SET_BOOL, AT(page.selective), "true", 0, 0, NULL,
	 "false: the page asks for everything"},
};

static const struct settings_tool tool = {
	.name = "broadcaster",
	.synopsis = "[options]",
	.about = "Reads records (kato-stream(5)) from standard input and serves them to browsers and programs:\n"
		 "live over WebSocket at /ws, the last values and the history over HTTP, and a web page at /.",
	.examples = "  kato-metrics | alertd | broadcaster\n"
		    "  katoctl merge -- kato-metrics -- docker-stats -- session-watch | alertd | broadcaster --port 9000\n"
		    "  echo '{\"type\":\"weather\",\"data\":{\"t\":21}}' | broadcaster --port 0 --state weather --exit-on-eof\n",
	.table = table,
	.n = sizeof table / sizeof table[0],
	.size = sizeof(struct options),
};

static struct {
	int argc;
	char **argv;
} started;	/* as with this, for HUP */

static void
new_epoch(char out[EPOCH_LEN + 1])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	unsigned char r[EPOCH_LEN];

	if (getrandom(r, sizeof r, 0) != sizeof r)
		die(1, "no random numbers");
	for (size_t i = 0; i < EPOCH_LEN; i++)
		out[i] = letters[r[i] % (sizeof letters - 1)];
	out[EPOCH_LEN] = '\0';
}

static void
add_name(struct strlist *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->v[i], name))
			return;
	l->v = xreallocarray(l->v, l->n + 1, sizeof *l->v);
	l->v[l->n++] = xstrdup(name);
}

/*
 * What this host calls itself: its name, and what stands beside it in /etc/hosts. The DNS is not asked:
 * it can take its time, and be somebody else's.
 */
static void
own_names(struct strlist *l)
{
	char host[256], *line, *word, *at, *rest;
	struct strbuf hosts = {0};

	if (gethostname(host, sizeof host) < 0)
		return;
	host[sizeof host - 1] = '\0';
	add_name(l, host);
	if (fd_slurp("/etc/hosts", HOSTS_MAX, &hosts) < 0 || !hosts.s) {
		strbuf_free(&hosts);
		return;
	}
	for (rest = hosts.s; (line = strsep(&rest, "\n"));) {
		struct strlist names = {0};
		bool ours = false;

		line[strcspn(line, "#")] = '\0';
		strtok_r(line, " \t\r", &at);
		while ((word = strtok_r(NULL, " \t\r", &at))) {
			ours = ours || !strcasecmp(word, host);
			add_name(&names, word);
		}
		for (size_t i = 0; i < names.n; i++) {
			if (ours)
				add_name(l, names.v[i]);
			free(names.v[i]);
		}
		free(names.v);
	}
	strbuf_free(&hosts);
}

/* What the table cannot tell. */
static bool
check(const struct options *o, struct strbuf *err)
{
	struct strbuf why = {0};
	struct proxies proxies = {0};
	bool good = pageconf_url(o->page.url, NULL, NULL, &why);
	int64_t ms;

	if (!good)
		strbuf_addf(err, "VITE_WS_URL=%s: %s", o->page.url, why.s);
	for (size_t i = 0; good && i < o->trusted_proxies.n; i++) {
		good = proxies_add(&proxies, o->trusted_proxies.v[i]);
		if (!good)
			strbuf_addf(err, "--trusted-proxy %s: not an address, nor ADDR/LEN, nor unix", o->trusted_proxies.v[i]);
	}
	proxies_free(&proxies);
	strbuf_free(&why);
	if (good && !journaltext_sync(o->journal_sync, &ms)) {
		strbuf_addf(err, "--journal-sync %s: must be none, always, or 1 to 3600 seconds", o->journal_sync);
		return false;
	}
	return good;
}

static void
open_journal(struct server *s)
{
	char epoch[EPOCH_LEN + 1], run[JOURNALTEXT_NAME_MAX + 1];
	struct journal_options o = {
		.file = s->opt.journal,
		.boot = getenv("KATO_BOOT_ID"),
		.fresh_epoch = epoch,
		.run = run,
		.max_count = (size_t)s->opt.history,
		.max_bytes = (size_t)s->opt.history_bytes,
		.errors = &s->stats.journal_errors,
		.bytes = &s->stats.journal_bytes,
	};

	new_epoch(epoch);
	journaltext_from(getenv("KATO_ACK_FROM"), run, &s->lines_before);
	journaltext_sync(s->opt.journal_sync, &o.sync_ms);
	s->journal = journal_open(&o, &s->history);
}

static void
take_access(struct server *s)
{
	s->access.cors = s->opt.cors;
	s->access.server_names = &s->opt.server_names;
	proxies_free(&s->proxies);
	for (size_t i = 0; i < s->opt.trusted_proxies.n; i++)
		proxies_add(&s->proxies, s->opt.trusted_proxies.v[i]);
}

/* What may change while clients are connected; the rest needs a new start. */
static const size_t changeable[] = {
	AT(cors), AT(server_names), AT(trusted_proxies), AT(jwt_key_file), AT(jwt_audience), AT(dashboard), AT(coalesce_ms),
	AT(max_clients_per_address), AT(connect_rate), AT(queue_bytes), AT(unsent_bytes), AT(message_bytes), AT(message_rate),
	AT(message_burst), AT(max_topics), AT(exit_on_eof), AT(flags.enabled), AT(flags.container_stats), AT(flags.session_events),
	AT(flags.system_alerts), AT(flags.selective), AT(compression), AT(page.url), AT(page.enabled),
	AT(page.container_stats), AT(page.session_events), AT(page.alerts), AT(page.selective),
};

static bool
is_changeable(const struct setting *e, const struct options *old, const struct options *fresh)
{
	for (size_t i = 0; i < sizeof changeable / sizeof changeable[0]; i++)
		if (changeable[i] == e->offset)
			return true;
	if (e->offset == AT(max_clients))	/* more would need more descriptors */
		return fresh->max_clients < old->max_clients;
	return servertls_is_on() && (e->offset == AT(tls_cert) || e->offset == AT(tls_key));
}

static void
take_changes(struct options *old, struct options *fresh)
{
	for (size_t i = 0; i < tool.n; i++) {
		const struct setting *e = &table[i];

		if (settings_same(e, old, fresh))
			continue;
		if (is_changeable(e, old, fresh))
			settings_swap(e, old, fresh);
		else
			log_warn("%s%s has changed: that takes a restart", e->option ? "--" : "", e->option ? e->option : e->env);
	}
}

static void
reload(struct server *s)
{
	struct options fresh;
	struct strbuf err = {0};
	struct flags flags = s->opt.flags;
	bool flags_differ;

	if (!settings_reload(&tool, &fresh, started.argc, started.argv))
		return;
	if (!check(&fresh, &err)) {
		log_warn("settings not changed: %s", err.s);
		strbuf_free(&err);
		settings_free(&tool, &fresh);
		return;
	}
	take_changes(&s->opt, &fresh);
	settings_free(&tool, &fresh);
	flags_differ = memcmp(&flags, &s->opt.flags, sizeof flags) != 0;
	take_access(s);
	servertls_reload(s);
	serverauth_reload(s);
	http_init(s);
	hub_limits(s->hub, (size_t)s->opt.queue_bytes, (size_t)s->opt.unsent_bytes, (size_t)s->opt.max_topics, s->opt.coalesce_ms);
	if (flags_differ)
		hub_flags(s->hub, &s->opt.flags, ws_now());
	ws_rollback_over(s);
	log_info("settings read again%s", flags_differ ? "; the flags have changed" : "");
}

void
broadcaster_signals(struct server *s, unsigned came)
{
	if (came & SIGS_TERM && !s->stopping)
		serverports_say("STOPPING=1");
	if (came & SIGS_TERM) {
		journal_closing(s->journal);
		ws_stop(s, CLOSE_RESTART, "the server is stopping: come back in 1 to 5 seconds");
	}
	if (came & SIGS_HUP && !s->stopping)
		reload(s);
}

int
main(int argc, char **argv)
{
	static struct server s;	/* libwebsockets ends its loop only with the process */
	struct strbuf err = {0};
	int ready;

	fd_standard(false);
	if (settings_start(&tool, &s.opt, argc, argv) < argc)
		die(2, "%s: no operand is expected; try --help", argv[argc - 1]);
	if (!check(&s.opt, &err))
		die(2, "%s", err.s);
	serverports_take((int)s.opt.store_fd);
	started.argc = argc;
	started.argv = argv;
	ready = (int)s.opt.ready_fd;
	if (!notify_take(ready, false))
		die(2, "--ready-fd %d: not open", ready);
	if (!notify_take((int)s.opt.ack_fd, true))
		die(2, "--ack-fd %d: not open", (int)s.opt.ack_fd);
	stats_init(&s.stats, stamp_now(), stamp_mono());
	s.state = state_new((size_t)s.opt.state_values, (size_t)s.opt.state_bytes);
	s.series = series_new();
	own_names(&s.access.host_names);
	take_access(&s);
	serverauth_open(&s);
	http_init(&s);
	server_open(&s);
	open_journal(&s);	/* who connects meanwhile waits in the listening socket's queue */
	ws_open(&s);
	feed_open(&s);
	notify_ack((int)s.opt.ack_fd, 0);	/* so that it is known from the first line on that we acknowledge */
	notify_ready(&ready);
	serverports_say("READY=1");
	server_run(&s);
}
