#ifndef BROADCASTER_HUB_H
#define BROADCASTER_HUB_H

/*
 * Who gets what. Clients that want the same (dialect, topics, every) form an audience; what an audience
 * is to get in one turn of the loop is built once and given to each of its clients in one write. Events
 * go out at the end of the turn; state waits a short window, so that collectors ticking together make
 * one message. A client that cannot take more has its events queued, within bounds, and its state left
 * out: it gets the newest when it has drained. Pure: no sockets, no clock; whoever owns the sockets
 * hands in three functions.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broadcaster/dialect.h"
#include "broadcaster/frame.h"
#include "broadcaster/grant.h"
#include "broadcaster/history.h"
#include "broadcaster/request.h"
#include "broadcaster/state.h"
#include "broadcaster/stats.h"

/* The dashboard's environment names (kato-wire(7), flags). A flag that is off: that topic and section is not pushed. */
struct flags {
	bool enabled, container_stats, session_events, system_alerts, selective;
};

struct hub;
struct hub_client;

enum { HUB_EXPIRED = 4001 };	/* close code: come back with another token */

struct hub_now {
	int64_t mono, wall;	/* ms */
};

enum hub_sent {
	HUB_SENT,	/* all of it is the kernel's, or its rest is kept by who owns the socket */
	HUB_BLOCKED,	/* nothing of it was taken: the socket has not drained yet */
	HUB_DEAD,	/* the connection is broken; it will be left soon */
};

struct hub_ops {
	enum hub_sent (*write)(void *conn, struct frame *);
	void (*want_writable)(void *conn);	/* then hub_drain */
	/* Close with this code once what is begun is sent. The hub gives this client nothing more. */
	void (*close)(void *conn, int code, const char *reason);
	/* What it takes, asked as it joins. NULL: plain frames. */
	enum frame_form (*form)(void *conn);
};

struct hub_options {
	int64_t coalesce_ms;
	size_t queue_bytes, unsent_bytes, max_topics;	/* unsent: of all who are behind, together */
	const char *server;	/* "kato-live/0.1.0" */
	struct flags flags;
};

struct hub *hub_new(const struct hub_ops *, struct state *, const struct history *, struct stats *, const struct hub_options *);
/* How clients of another framing than WebSocket are reached; before any of them joins. */
void hub_reach(struct hub *, enum framing, const struct hub_ops *);
void hub_del(struct hub *);	/* after every client has left */
void hub_limits(struct hub *, size_t queue_bytes, size_t unsent_bytes, size_t max_topics, int64_t coalesce_ms);
/* What changed is told to all clients in a new greeting. */
void hub_flags(struct hub *, const struct flags *, struct hub_now);

/* Nothing new will come: told likewise, and to all who join from now on. */
void hub_input_ended(struct hub *, struct hub_now);

/*
 * Greets; then what query asks for (NULL, or a VERB_NONE: nothing), and the state known, in one write. The
 * client gets what grant (NULL: everything) allows it, and is closed with HUB_EXPIRED when that has run out.
 */
struct hub_client *hub_join(struct hub *, void *conn, const struct dialect *, const struct request *query,
    const struct grant *, struct hub_now);
void hub_leave(struct hub *, struct hub_client *);
/* A client's message, answered. False: it was a subscribe or unsubscribe that changed nothing. */
bool hub_request(struct hub *, struct hub_client *, const struct request *, struct hub_now);
/* An error message; detail is JSON or NULL. */
void hub_complain(struct hub *, struct hub_client *, const char *code, const char *message, const char *detail, struct hub_now);
/* The socket has drained. */
void hub_drain(struct hub *, struct hub_client *, struct hub_now);
/* Nothing is left to send to it. */
bool hub_idle(const struct hub_client *);
/* Gives the client nothing more, forgets what is queued, and has it closed. */
void hub_close(struct hub *, struct hub_client *, int code, const char *reason);
void hub_close_all(struct hub *, int code, const char *reason);
/* Closes with HUB_EXPIRED who was let in by another key than the one of this number. */
void hub_revoke(struct hub *, uint64_t key);

/* News (news.c). They leave with hub_turn, which comes before anything else is asked of the hub. */
/* id as in struct record. True: much is pending; hub_relieve, before more of it comes. */
bool hub_event(struct hub *, const struct event *, struct span id);
void hub_relieve(struct hub *);	/* a flood leaves in pieces */
void hub_state(struct hub *, const struct value *, struct hub_now);
void hub_gone(struct hub *, const char *type, const char *id, struct hub_now);

/* What one hub_turn has sent. */
struct hub_turn {
	uint64_t messages, clients;	/* different messages; writes to clients */
	int64_t oldest_ms;		/* time of the oldest record in them; 0: nothing was sent */
};

/* The end of a turn of the loop: sends what is due. */
struct hub_turn hub_turn(struct hub *, struct hub_now);
/* Monotonic ms of when hub_turn has something to do next; -1: not before more news. */
int64_t hub_deadline(const struct hub *);

/* Appends the state message with all known sections the grant allows; false: there are none. For who has no connection. */
bool hub_snapshot(struct hub *, const struct dialect *, const struct grant *, int64_t wall, struct strbuf *);
size_t hub_clients(const struct hub *);
/* Which record types are known, by the names clients use, as a JSON array. */
void hub_topics_json(const struct hub *, const struct hub_client *, struct strbuf *);	/* that it may see */
void hub_flags_json(const struct flags *, struct strbuf *);

/* For who reports about clients. */
struct hub_info {
	void *conn;		/* as hub_join was given it: struct lws *, of whatever framing */
	const struct dialect *dialect;
	int64_t joined_ms;	/* wall */
	int64_t every_ms;	/* 0: as it comes */
	uint64_t messages, bytes;	/* sent or queued */
	size_t queued;		/* bytes */
};

struct hub_client *hub_next(const struct hub *, const struct hub_client *);	/* NULL: the first */
void hub_info(const struct hub_client *, struct hub_info *);
void hub_client_topics(const struct hub_client *, struct strbuf *);	/* JSON array */

#endif
