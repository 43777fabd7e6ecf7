#include "broadcaster/dialect.h"

/* OpenRisk's Real-Time Dashboard: one document, at once, whenever it is a new one, and every 30 seconds. */

static const char *const paths[] = {"/api/v1/ws/dashboard", NULL};

static const char *const folders[] = {"/api/v1/dashboard", "/api/v1/ws/dashboard", NULL};

static const struct dialect_verb verbs[] = {
	{"refresh", VERB_SNAPSHOT},
	{"ping", VERB_PING},
	{NULL, VERB_NONE},
};

static const struct dialect_param params[] = {{NULL, PARAM_TOPICS}};

static const char *const topics[] = {"dashboard", NULL};

static const struct dialect_section sections[] = {
	{"data", "dashboard", .kind = SECTION_ALONE},
	{.name = NULL},
};

const struct dialect dialect_openrisk = {
	.name = "openrisk",
	.framing = FRAMING_WEBSOCKET,
	.paths = paths,
	.command = "action",
	.verbs = verbs,
	.params = params,
	.takes_binary = true,
	.topics = topics,
	.sections = sections,
	.whole = true,
	.pace = {.repeat_ms = 30000},
	.state_type = "dashboard_update",
	.ping_type = "pong",
	.text_ping_type = "pong",
	.body = "$sections",
	.state = "{\"type\":\"dashboard_update\"$demo,\"data\":$sections}",
	.value = "{\"type\":\"$type\"$id,\"timestamp\":\"$time\"$source$demo,\"data\":$data}",
	.pong = "{\"type\":\"pong\"}",
	.text_pong = "{\"type\":\"pong\"}",
	.folders = folders,
	.refusal = "{\"error\":$detail}",
};
