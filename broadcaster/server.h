#ifndef BROADCASTER_SERVER_H
#define BROADCASTER_SERVER_H

/* What the rooms that touch libwebsockets share: one broadcaster, its settings and its parts. Pure rooms never see this. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broadcaster/access.h"
#include "broadcaster/history.h"
#include "broadcaster/hub.h"
#include "broadcaster/limits.h"
#include "broadcaster/pageconf.h"
#include "broadcaster/proxies.h"
#include "broadcaster/series.h"
#include "broadcaster/state.h"
#include "broadcaster/stats.h"
#include "lib/settings.h"

struct lws;
struct lws_context;
struct lws_vhost;
struct auth;
struct feed;
struct journal;
struct sse;
struct ws;

enum { SERVER_LISTEN_MAX = 16 };

struct options {
	char *host, *dashboard, *cors;
	char *jwt_key_file, *jwt_audience;
	long long port;			/* -1: not set: 8080, or the next free one */
	long long ready_fd, ack_fd, store_fd;	/* -1: none */
	long long coalesce_ms, max_clients, history, history_bytes, queue_bytes, unsent_bytes, state_values, state_bytes;
	long long max_clients_per_address, connect_rate;	/* -1: not set: not for loopback; 0: no limit */
	long long message_bytes, message_rate, message_burst, max_topics;
	struct strlist state_types, server_names, listen, trusted_proxies;
	char *auto_rollback;		/* on warn off */
	long long rollback_disconnects;	/* abnormal ones a minute */
	struct flags flags;
	struct pageconf page;
	char *tls_cert, *tls_key;
	char *journal, *journal_sync;
	bool exit_on_eof, compression;
};

struct server {
	struct options opt;
	struct access_rules access;
	struct proxies proxies;
	struct auth *auth;		/* the key; NULL: nobody is asked for a token */
	uint64_t auth_number;		/* of this key; 0: there was none from the start */
	struct lws_context *lws;
	struct lws_vhost *web;		/* clients */
	struct lws_vhost *inner;	/* stdin, signals, listening sockets: out of reach for clients */
	int listen_fd[SERVER_LISTEN_MAX];
	size_t nlisten;
	size_t max_connections;		/* of any kind; WebSocket clients are at most opt.max_clients */
	size_t connections;
	struct state *state;
	struct history *history;
	struct journal *journal;	/* NULL: none */
	uint64_t lines_before;	/* of the run that feeds us: dealt with before we began */
	struct series_set *series;
	struct stats stats;
	uint64_t clients_of[DIALECTS_MAX];	/* over WebSocket, by dialect_number */
	struct limits_addresses *addresses, *restless;	/* restless: of dialects with limits of their own */
	struct hub *hub;
	struct feed *feed;
	struct ws *ws;
	struct sse *sse;
	bool input_ended;
	bool demo;		/* any value so far was a demo's */
	bool stopping;
};

/*
 * server.c: the libwebsockets context, the listening sockets and the loop. server_open says what is
 * wrong and exits: 2 where the port is taken or the address is not ours.
 */
void server_open(struct server *);
void server_run(struct server *) __attribute__((noreturn));	/* whoever ends it exits */
/* One of our own descriptors joins the loop: "signals", "feed" or "listen". */
bool server_watch(struct server *, int fd, const char *protocol);
/* The peer of a client's connection (the hub's conn) as text; returns out. */
const char *server_peer(struct lws *, char out[46]);

/* broadcaster.c: what came (SIGS_TERM, SIGS_HUP) is done. */
void broadcaster_signals(struct server *, unsigned came);

#endif
