#ifndef BROADCASTER_SERVER_H
#define BROADCASTER_SERVER_H

/* What the rooms that touch libwebsockets share: one broadcaster, its settings and its parts. Pure rooms never see this. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broadcaster/history.h"
#include "broadcaster/series.h"
#include "broadcaster/state.h"
#include "broadcaster/stats.h"
#include "lib/settings.h"

struct lws;
struct lws_context;
struct hub;

/* The dashboard's environment names (wire: flags). A flag that is off: that topic and section is not pushed. */
struct flags {
	bool enabled, container_stats, session_events, system_alerts, selective;
};

struct options {
	char *host, *dashboard, *cors;
	long long port;			/* -1: not set: 8080, or the next free one */
	long long ready_fd, ack_fd;	/* -1: none */
	long long coalesce_ms, max_clients, max_clients_per_address, connect_rate, history, history_bytes, queue_bytes;
	long long message_bytes, message_rate, message_burst, max_topics;
	struct strlist state_types, server_names, listen;
	struct flags flags;
	bool exit_on_eof;
};

struct server {
	struct options opt;
	struct lws_context *lws;
	struct state *state;
	struct history *history;
	struct series_set *series;
	struct stats stats;
	struct hub *hub;
	int port;		/* the one listened on */
	bool input_ended;
	bool demo;		/* any value so far was a demo's */
};

#endif
