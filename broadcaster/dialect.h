#ifndef BROADCASTER_DIALECT_H
#define BROADCASTER_DIALECT_H

/*
 * What a family of clients speaks, as a table: the hub has no branch for any of them, and knows nothing of
 * what their messages mean. A new dialect is one more file with a row, and one more line in dialect.c. Pure.
 *
 * Messages are templates: $name is replaced, $$ is a dollar. What may stand in which:
 *	all		$time (RFC 3339, no quotes)
 *	greeting	$epoch $offset $server $topics $flags (these two JSON) $input (open or ended) $seconds (its interval)
 *	subscribed	$epoch $offset $subscriptions (JSON) $resume $every (empty, or members with a comma in front) $echo (the
 *			array that was sent)
 *	body		$sections $times (members of an object: data; when it was read)
 *	state		the same, $body, $demo (empty, or a member with a comma in front)
 *	value		$type $id $source $demo (empty, or members with a comma in front) $data; $time is the record's
 *	event		$type $demo (likewise) $data; $time is the record's
 *	error		$code $message $detail (empty, or a member with a comma in front); code and message are JSON strings
 *	refusal, unauthorized	$status $title $detail (a JSON string)
 *	the texts	$what (what was wrong, shortened)
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/strbuf.h"

/* How a message stands on the wire. */
enum framing {
	FRAMING_WEBSOCKET,	/* RFC 6455 */
	FRAMING_EVENTS,		/* text/event-stream (WHATWG HTML, server-sent events) */
	FRAMINGS,
};

enum { DIALECTS_MAX = 8, DIALECT_FIELDS_MAX = 24, DIALECT_SUBJECTS_MAX = 2 };

enum verb { VERB_NONE, VERB_SUBSCRIBE, VERB_UNSUBSCRIBE, VERB_SNAPSHOT, VERB_PING };

struct dialect_verb {
	const char *word;
	enum verb verb;
};

/* What a parameter of the query means. One that is in no row's list means nothing. */
enum param { PARAM_TOPICS, PARAM_EVERY, PARAM_EPOCH, PARAM_OFFSET, PARAM_EVENT_ID, PARAM_INTERVAL };

struct dialect_param {
	const char *name;
	enum param param;
};

/* How often state comes. */
struct dialect_pace {
	int64_t every_ms;	/* to who does not say: on beats this far apart; 0: as it changes */
	int64_t min_ms, max_ms;	/* what PARAM_INTERVAL may say, in whole seconds; anything else is refused with 400 */
	int64_t slot_ms;	/* beats are counted from when a client came, to this precision; 0: they are one grid for all */
	int64_t repeat_ms;	/* it is sent again this often, changed or not; who has an interval: on each beat of that; 0: never */
};

/* A member of somebody else's JSON that a client's program relies on (shape.h), and what takes its place where it is no good. */
enum field_kind {
	FIELD_ID,	/* a text, not empty; else the whole thing is left out */
	FIELD_TEXT,	/* a text, of words where there are some; else what stands in from, joined by _; else otherwise */
	FIELD_TIME,	/* an RFC 3339 time; else the record's */
	FIELD_NUMBER,	/* a finite number; else 0 */
	FIELD_BOOL,	/* else false */
	FIELD_TEXTS,	/* an array; what is no text is left out of it */
	FIELD_NUMBERS,	/* an object; what is no finite number is left out of it */
	FIELD_OBJECT,	/* of fields */
};

struct dialect_field {
	const char *name;	/* the table ends with NULL */
	enum field_kind kind;
	const char *otherwise;			/* NULL: an empty text */
	const char *const *words, *const *from;	/* end with NULL; names in from are of the same table */
	const struct dialect_field *fields;
};

enum section_kind {
	SECTION_VALUE,	/* the id-less value of the type, as it is; nothing while there is none */
	SECTION_LIST,	/* an array of what the type's values with an id hold, each shaped; [] where there are none */
	SECTION_MEMBER,	/* the first of the fields, of the id-less value */
	SECTION_ALONE,	/* the id-less value, as it is and without a name; no message while there is none */
};

/* The elements of a list: by the rank of a text, its first word first; then the latest of a time first; then as they came. */
struct dialect_order {
	const char *rank, *const *words, *latest;
};

/* A member of the state message. */
struct dialect_section {
	const char *name, *type;
	const char *list, *key;	/* VALUE: its array whose elements can be had alone (TYPE.ID), and their name; NULL: none.
				 * LIST: key is what two elements cannot have in common, the newer one is shown */
	enum section_kind kind;
	const struct dialect_field *fields;
	const char *subject[DIALECT_SUBJECTS_MAX];	/* LIST: the fields that say what an element is about */
	const char *refers;	/* name of a LIST with a key. LIST: elements whose subjects are not all in that one are left
				 * out; MEMBER: it is the field's default while that one is empty */
	const struct dialect_order *order;
};

/* An event, and the name it travels under. */
struct dialect_event {
	const char *type, *name;
	const struct dialect_field *fields;
	const char *subject[DIALECT_SUBJECTS_MAX];
};

struct dialect_route;

struct dialect {
	const char *name;
	enum framing framing;
	const char *const *paths;		/* of the request; ends with NULL */

	/* what clients say */
	const char *command;			/* member of a client's message that says what it wants */
	const struct dialect_verb *verbs;	/* ends with a NULL word */
	const char *ping_text;			/* a bare text that is a ping, too; NULL: none */
	const struct dialect_param *params;	/* ends with a NULL name */
	const char *names;			/* member of a subscribe: an array of names */
	const char *subject;			/* NULL: those are topics. Else ids of these things: who names some gets of
						 * lists and events what is about them, and the rest as everybody does */
	bool takes_binary;			/* a binary frame is a message that is not JSON; else it is closed with 1003 */

	/* what they get */
	const char *const *topics;		/* of a client that never subscribed; ends with NULL */
	const struct dialect_section *sections;	/* ends with a NULL name */
	const struct dialect_event *events;	/* those that do not travel as they are; NULL: none, else ends with a NULL type */
	bool whole;				/* each state message holds all sections, and nothing travels beside it */
	struct dialect_pace pace;
	const char *state_type, *ping_type, *text_ping_type;	/* names of messages, for the counters */
	const char *greeting, *notice;		/* NULL: none. notice: the greeting again, when what it says has changed */
	const char *subscribed, *unsubscribed, *body, *state, *value, *event, *pong, *text_pong;
	const char *error;
	const char *bad_json, *bad_object, *bad_verb, *no_verb;	/* texts; NULL: such a message is ignored */

	/* how they behave, and what HTTP tells them */
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
	const struct dialect_route *routes;	/* what can be had over HTTP (alias.h); NULL: nothing */
	const char *refusal, *unauthorized;
	bool closes_denied;
};

extern const struct dialect *const dialects[];
extern const size_t dialects_count;

size_t dialect_number(const struct dialect *);	/* its place in dialects */
/* By the path of a WebSocket's upgrade request, without its query; NULL: nobody speaks there. */
const struct dialect *dialect_at(const char *path, size_t len);
/* The same for a stream of events. */
const struct dialect *dialect_events_at(const char *path, size_t len);
/* Whose folder, or path of a WebSocket, this is or lies in; NULL: nobody's. */
const struct dialect *dialect_of(const char *path);
/* VERB_NONE: not a word of this dialect. */
enum verb dialect_verb(const struct dialect *, const char *word);
/* NULL: it means nothing. */
const struct dialect_param *dialect_param(const struct dialect *, const char *name);
/* Is this record type a section of the state message? */
const struct dialect_section *dialect_section(const struct dialect *, const char *type);
const struct dialect_section *dialect_section_named(const struct dialect *, const char *name);
/* NULL: it travels as it is. */
const struct dialect_event *dialect_event(const struct dialect *, const char *type);

struct dialect_var {
	const char *name, *text;
};

/* Appends the template with its names replaced; a name that vars (ended by a NULL name) lacks becomes nothing. */
void dialect_fill(const char *template, const struct dialect_var *vars, struct strbuf *out);

#endif
