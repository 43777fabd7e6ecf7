#include "broadcaster/alias.h"

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

static const struct alias_param risks[] = {{"limit", ALIAS_CLAMPED, .min = 1, .max = 50, .otherwise = 5}, {.name = NULL}};
static const struct alias_param steps[] = {{"limit", ALIAS_CLAMPED, .min = 1, .max = 100, .otherwise = 10}, {.name = NULL}};

#define DASHBOARD "/api/v1/dashboard/"

static const struct dialect_route routes[] = {
	{DASHBOARD "complete", ALIAS_VALUE, .section = "data"},
	{DASHBOARD "metrics", ALIAS_OBJECT, "data", .member = "metrics"},
	{DASHBOARD "severity-distribution", ALIAS_OBJECT, "data", .member = "severity_distribution"},
	{DASHBOARD "mitigation-status", ALIAS_OBJECT, "data", .member = "mitigation_status"},
	{DASHBOARD "risk-trends", ALIAS_ARRAY, "data", "risk_trends", .text = "{\"trends\":$data}"},
	{DASHBOARD "top-risks", ALIAS_ARRAY, "data", "top_risks", risks, .text = "{\"top_risks\":$data,\"count\":$count}"},
	{DASHBOARD "mitigation-progress", ALIAS_ARRAY, "data", "mitigation_progress", steps, .text = "{\"mitigations\":$data,\"count\":$count}"},
	{.path = NULL},
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
	.pace = {.slot_ms = 100, .repeat_ms = 30000},
	.state_type = "dashboard_update",
	.ping_type = "pong",
	.text_ping_type = "pong",
	.body = "$sections",
	.state = "{\"type\":\"dashboard_update\"$demo,\"data\":$sections}",
	.value = "{\"type\":\"$type\"$id,\"timestamp\":\"$time\"$source$demo,\"data\":$data}",
	.pong = "{\"type\":\"pong\"}",
	.error = "{\"type\":\"error\",\"error\":$message}",
	.text_pong = "{\"type\":\"pong\"}",
	.folders = folders,
	.refusal = "{\"error\":$detail}",
	.unauthorized = "{\"error\":\"unauthorized\",\"detail\":$detail}",
	.routes = routes,
	.short_stays = 100,
	.address_clients = 5000,
};
