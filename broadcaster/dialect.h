#ifndef BROADCASTER_DIALECT_H
#define BROADCASTER_DIALECT_H

/*
 * What a family of clients speaks, as a table: the hub has no branch for any of them. A new dialect is
 * one more row in dialect.c. Pure.
 *
 * Messages are templates: $name is replaced, $$ is a dollar. What may stand in which:
 *	all		$time (RFC 3339, no quotes)
 *	greeting	$epoch $offset $server $topics $flags (these two JSON) $input (open or ended)
 *	subscribed	$epoch $offset $subscriptions (JSON) $resume $every (empty, or members with a comma in front)
 *	state		$demo (empty, or a member with a comma in front) $sections $times (members of an object: data; when it was read)
 *	value		$type $id $source $demo (empty, or members with a comma in front) $data; $time is the record's
 *	refusal, unauthorized	$status $detail (a JSON string)
 *	error		$code $message $detail (empty, or a member with a comma in front); code and message are JSON strings
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/strbuf.h"

/* How a message stands on the wire. */
enum framing {
	FRAMING_WEBSOCKET,	/* RFC 6455 */
	FRAMING_EVENTS,		/* text/event-stream (WHATWG HTML, server-sent events) */
	FRAMINGS,
};

enum { DIALECTS_MAX = 8 };

enum verb { VERB_NONE, VERB_SUBSCRIBE, VERB_UNSUBSCRIBE, VERB_SNAPSHOT, VERB_PING };

struct dialect_verb {
	const char *word;
	enum verb verb;
};

/* A member of the state message: the id-less value of a record type, as it is. */
struct dialect_section {
	const char *name, *type;
	const char *list, *key;	/* of the value, the array whose elements can be had alone (TYPE.ID), and their name; NULL: none */
};

struct dialect {
	const char *name;
	enum framing framing;
	const char *const *paths;		/* of the request; ends with NULL */
	const char *command;			/* member of a client's message that says what it wants */
	const struct dialect_verb *verbs;	/* ends with a NULL word */
	const char *ping_text;			/* a bare text that is a ping, too; NULL: none */
	/*
	 * Where clients are known to connect again and again: of one address, this machine's own included, how many a second
	 * may leave again soon (limits.h), and how many may be there; 0: no limit. An operator's own limits take their place.
	 */
	unsigned short_stays, address_clients;
	/*
	 * HTTP refusals below these folders, the paths of its WebSocket among them. NULL: problem details (RFC 9457).
	 * unauthorized is that of a 401; NULL: as others. With closes_denied a WebSocket's bad token is no refusal: the
	 * upgrade is accepted and then closed with 1008.
	 */
	const char *const *folders;		/* ends with NULL; NULL: none */
	const char *refusal, *unauthorized;
	bool closes_denied;
	const char *const *topics;		/* of a client that never subscribed; ends with NULL */
	const struct dialect_section *sections;	/* ends with a NULL name */
	const char *state_type, *ping_type, *text_ping_type;	/* names of messages, for the counters */
	const char *greeting, *subscribed, *state, *value, *pong, *text_pong, *error;
};

extern const struct dialect dialects[];
extern const size_t dialects_count;

/* By the path of a WebSocket's upgrade request, without its query; NULL: nobody speaks there. */
const struct dialect *dialect_at(const char *path, size_t len);
/* The same for a stream of events. */
const struct dialect *dialect_events_at(const char *path, size_t len);
/* Whose folder, or path of a WebSocket, this is or lies in; NULL: nobody's. */
const struct dialect *dialect_of(const char *path);
/* VERB_NONE: not a word of this dialect. */
enum verb dialect_verb(const struct dialect *, const char *word);
/* Is this record type a section of the state message? */
const struct dialect_section *dialect_section(const struct dialect *, const char *type);

struct dialect_var {
	const char *name, *text;
};

/* Appends the template with its names replaced; a name that vars (ended by a NULL name) lacks becomes nothing. */
void dialect_fill(const char *template, const struct dialect_var *vars, struct strbuf *out);

#endif
