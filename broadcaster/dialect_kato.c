#include "broadcaster/dialect.h"

/* KATO: state in sections as they change, everything else by subscription (kato-wire(7)). */

static const char *const paths[] = {"/ws", NULL}, *const events_paths[] = {"/events", NULL};

static const struct dialect_verb verbs[] = {
	{"subscribe", VERB_SUBSCRIBE},
	{"unsubscribe", VERB_UNSUBSCRIBE},
	{"get_snapshot", VERB_SNAPSHOT},
	{"ping", VERB_PING},
	{NULL, VERB_NONE},
};

static const struct dialect_param params[] = {
	{"subscribe", PARAM_TOPICS},
	{"every", PARAM_EVERY},
	{"epoch", PARAM_EPOCH},
	{"offset", PARAM_OFFSET},
	{"last_event_id", PARAM_EVENT_ID},
	{NULL, PARAM_TOPICS},
};

static const char *const topics[] = {
	"metrics", "containers", "sessions", "session_events", "system_alerts", "source_status", "container_events", NULL,
};

static const struct dialect_section sections[] = {
	{"metrics", "metrics", .kind = SECTION_VALUE},
	{"containers", "containers", "containers", "name", .kind = SECTION_VALUE},
	{"sessions", "sessions", .kind = SECTION_VALUE},
	{.name = NULL},
};

#define GREETING "{\"type\":\"connected\",\"timestamp\":\"$time\",\"epoch\":\"$epoch\",\"offset\":$offset," \
	"\"server\":\"$server\",\"topics\":$topics,\"flags\":$flags,\"input\":\"$input\"}"
#define SUBSCRIBED "{\"type\":\"subscribed\",\"timestamp\":\"$time\",\"subscriptions\":$subscriptions," \
	"\"epoch\":\"$epoch\",\"offset\":$offset$every$resume}"

/* The same messages over a WebSocket and as a stream of events. */
#define MESSAGES \
	.name = "kato", \
	.command = "type", \
	.verbs = verbs, \
	.ping_text = "ping", \
	.params = params, \
	.names = "subscriptions", \
	.topics = topics, \
	.sections = sections, \
	.state_type = "realtime_update", \
	.ping_type = "pong", \
	.text_ping_type = "heartbeat", \
	.greeting = GREETING, \
	.notice = GREETING, \
	.subscribed = SUBSCRIBED, \
	.unsubscribed = SUBSCRIBED, \
	.body = "{$sections}", \
	.state = "{\"type\":\"realtime_update\",\"timestamp\":\"$time\"$demo,\"times\":{$times},\"data\":{$sections}}", \
	.value = "{\"type\":\"$type\"$id,\"timestamp\":\"$time\"$source$demo,\"data\":$data}", \
	.pong = "{\"type\":\"pong\",\"timestamp\":\"$time\"}", \
	.text_pong = "{\"type\":\"heartbeat\",\"timestamp\":\"$time\"}", \
	.error = "{\"type\":\"error\",\"timestamp\":\"$time\",\"code\":$code,\"message\":$message$detail}", \
	.bad_json = "not JSON: $what", \
	.bad_object = "not a JSON object: $what", \
	.bad_verb = "no such message: $what", \
	.no_verb = "no text member $what"

const struct dialect dialect_kato = {MESSAGES, .framing = FRAMING_WEBSOCKET, .paths = paths};
const struct dialect dialect_kato_events = {MESSAGES, .framing = FRAMING_EVENTS, .paths = events_paths};
