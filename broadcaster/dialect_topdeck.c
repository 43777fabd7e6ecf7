#include "broadcaster/alias.h"

/*
 * TopDeck's Live Diagnostics: the whole snapshot on each beat of the client's own interval, and three events.
 * Its page reads the members below without looking whether they are there.
 */

static const char *const paths[] = {"/api/v1/ws/live-diagnostics", "/ws/live-diagnostics", NULL};

static const char *const folders[] = {"/api/v1/live-diagnostics", "/api/v1/ws/live-diagnostics", "/ws/live-diagnostics", NULL};

static const struct dialect_verb verbs[] = {
	{"ping", VERB_PING},
	{"get_snapshot", VERB_SNAPSHOT},
	{"subscribe", VERB_SUBSCRIBE},
	{"unsubscribe", VERB_UNSUBSCRIBE},
	{NULL, VERB_NONE},
};

static const struct dialect_param params[] = {
	{"update_interval", PARAM_INTERVAL},
	{NULL, PARAM_TOPICS},
};

static const char *const topics[] = {
	"service_health", "anomaly", "traffic_health", "failing_dependency", "overall_health",
	"health_change", "anomaly_detected", "traffic_anomaly", NULL,
};

static const char *const overall[] = {"healthy", "degraded", "critical", "unknown", NULL};
static const char *const statuses[] = {"healthy", "degraded", "failed", "unknown", NULL};
static const char *const failing[] = {"degraded", "failed", NULL};
static const char *const severities[] = {"critical", "high", "medium", "low", NULL};
static const char *const trends[] = {"increasing", "decreasing", "stable", NULL};
static const char *const resource[] = {"resource_id", NULL}, *const source[] = {"source_id", NULL}, *const target[] = {"target_id", NULL};
static const char *const alert[] = {"resource_id", "metric_name", "detected_at", NULL};
static const char *const description[] = {"description", NULL}, *const message[] = {"message", NULL};

static const struct dialect_field overall_fields[] = {
	{"status", .kind = FIELD_TEXT, .words = overall, .otherwise = "unknown"},
	{.name = NULL},
};

static const struct dialect_field service_fields[] = {
	{"resource_id", .kind = FIELD_ID},
	{"resource_name", .kind = FIELD_TEXT, .from = resource},
	{"resource_type", .kind = FIELD_TEXT, .otherwise = "service"},
	{"status", .kind = FIELD_TEXT, .words = statuses, .otherwise = "unknown"},
	{"health_score", .kind = FIELD_NUMBER},
	{"anomalies", .kind = FIELD_TEXTS},
	{"metrics", .kind = FIELD_NUMBERS},
	{"last_updated", .kind = FIELD_TIME},
	{.name = NULL},
};

/* description is the plan's name for what the page reads as message. */
static const struct dialect_field anomaly_fields[] = {
	{"alert_id", .kind = FIELD_TEXT, .from = alert},
	{"resource_id", .kind = FIELD_ID},
	{"resource_name", .kind = FIELD_TEXT, .from = resource},
	{"severity", .kind = FIELD_TEXT, .words = severities, .otherwise = "low"},
	{"metric_name", .kind = FIELD_TEXT, .otherwise = "unknown"},
	{"current_value", .kind = FIELD_NUMBER},
	{"expected_value", .kind = FIELD_NUMBER},
	{"deviation_percentage", .kind = FIELD_NUMBER},
	{"detected_at", .kind = FIELD_TIME},
	{"message", .kind = FIELD_TEXT, .from = description},
	{"description", .kind = FIELD_TEXT, .from = message},
	{"potential_causes", .kind = FIELD_TEXTS},
	{.name = NULL},
};

static const struct dialect_field traffic_fields[] = {
	{"source_id", .kind = FIELD_ID},
	{"target_id", .kind = FIELD_ID},
	{"request_rate", .kind = FIELD_NUMBER},
	{"error_rate", .kind = FIELD_NUMBER},
	{"latency_p95", .kind = FIELD_NUMBER},
	{"is_abnormal", .kind = FIELD_BOOL},
	{"anomaly_score", .kind = FIELD_NUMBER},
	{"trend", .kind = FIELD_TEXT, .words = trends, .otherwise = "stable"},
	{.name = NULL},
};

static const struct dialect_field detail_fields[] = {
	{"status", .kind = FIELD_TEXT, .words = statuses, .otherwise = "unknown"},
	{"health_score", .kind = FIELD_NUMBER},
	{"anomalies", .kind = FIELD_TEXTS},
	{"metrics", .kind = FIELD_NUMBERS},
	{"timestamp", .kind = FIELD_TIME},
	{.name = NULL},
};

static const struct dialect_field failing_fields[] = {
	{"source_id", .kind = FIELD_ID},
	{"source_name", .kind = FIELD_TEXT, .from = source},
	{"target_id", .kind = FIELD_ID},
	{"target_name", .kind = FIELD_TEXT, .from = target},
	{"status", .kind = FIELD_TEXT, .words = failing, .otherwise = "degraded"},
	{"health_score", .kind = FIELD_NUMBER},
	{"anomalies", .kind = FIELD_TEXTS},
	{"error_details", .kind = FIELD_OBJECT, .fields = detail_fields},
	{.name = NULL},
};

static const struct dialect_field change_fields[] = {
	{"resource_id", .kind = FIELD_ID},
	{"old_status", .kind = FIELD_TEXT, .words = statuses, .otherwise = "unknown"},
	{"new_status", .kind = FIELD_TEXT, .words = statuses, .otherwise = "unknown"},
	{"health_score", .kind = FIELD_NUMBER},
	{.name = NULL},
};

static const struct dialect_field traffic_anomaly_fields[] = {
	{"source_id", .kind = FIELD_ID},
	{"target_id", .kind = FIELD_ID},
	{"anomaly_type", .kind = FIELD_TEXT, .otherwise = "unknown"},
	{"description", .kind = FIELD_TEXT},
	{.name = NULL},
};

static const struct dialect_order worst_first = {"severity", severities, "detected_at"};

#define RESOURCE {"resource_id"}
#define EDGE {"source_id", "target_id"}

static const struct dialect_section sections[] = {
	{"overall_health", "overall_health", .kind = SECTION_MEMBER, .fields = overall_fields, .refers = "services"},
	{"services", "service_health", .kind = SECTION_LIST, .fields = service_fields, .key = "resource_id", .subject = RESOURCE},
	{"anomalies", "anomaly", .kind = SECTION_LIST, .fields = anomaly_fields, .subject = RESOURCE, .order = &worst_first},
	{"traffic_patterns", "traffic_health", .kind = SECTION_LIST, .fields = traffic_fields, .subject = EDGE},
	{"failing_dependencies", "failing_dependency", .kind = SECTION_LIST, .fields = failing_fields, .subject = EDGE, .refers = "services"},
	{.name = NULL},
};

static const struct dialect_event events[] = {
	{"health_change", "health_change", change_fields, RESOURCE},
	{"anomaly_detected", "anomaly_detected", anomaly_fields, RESOURCE},
	{"traffic_anomaly", "traffic_anomaly", traffic_anomaly_fields, EDGE},
	{.type = NULL},
};

#define HOURS {"duration_hours", ALIAS_NUMBER, .min = 1, .max = 24, .otherwise = 1}

static const struct alias_param hours[] = {HOURS, {.name = NULL}};
static const struct alias_param service_params[] = {HOURS, {"resource_type", .kind = ALIAS_NAME}, {.name = NULL}};
static const struct alias_param log_params[] = {HOURS, {"limit", ALIAS_LIMIT, .min = 1, .max = 100, .otherwise = 10}, {.name = NULL}};
static const struct alias_param traffic_params[] = {HOURS, {"abnormal_only", ALIAS_FLAG, .member = "is_abnormal"}, {.name = NULL}};
static const struct alias_param anomaly_params[] = {
	HOURS,
	{"severity", ALIAS_WORD, .words = "low|medium|high|critical", .member = "severity"},
	{"limit", ALIAS_LIMIT, .min = 1, .max = 500, .otherwise = 50},
	{.name = NULL},
};

/* What that client knows as its graph database is where the dependencies come from. */
static const struct alias_component components[] = {
	{"prometheus", .source = "prom-services"},
	{"neo4j", .type = "dependencies"},
	{.name = NULL},
};

#define LIVE "/api/v1/live-diagnostics"
#define CLIENTS_HEALTH "{\"status\":\"$status\",\"active_connections\":$clients,\"publisher_running\":$running,\"timestamp\":\"$time\"}"
#define HEALTH "{\"status\":\"$status\",\"timestamp\":\"$time\",\"components\":{$components}}"
/* Logs are read by nobody here: none, as its page reads them and as its server wraps them. */
#define NO_LOGS "\"logs\":[],\"ml_analysis\":null"
#define LOGS "{\"resource_id\":$id,\"count\":0,\"limit\":$limit,\"duration_hours\":$duration_hours,\"timestamp\":\"$time\"," \
	NO_LOGS ",\"error_logs\":{" NO_LOGS "}}"

static const struct dialect_route routes[] = {
	{LIVE "/snapshot", ALIAS_STATE, .params = hours},
	{LIVE "/services/{id}/health", ALIAS_ELEMENT, "services", "resource_id", .params = service_params},
	{LIVE "/services/{id}/error-logs", ALIAS_TEXT, .params = log_params, .text = LOGS},
	{LIVE "/anomalies", ALIAS_LIST, "anomalies", .params = anomaly_params},
	{LIVE "/traffic-patterns", ALIAS_LIST, "traffic_patterns", .params = traffic_params},
	{LIVE "/failing-dependencies", ALIAS_LIST, .section = "failing_dependencies"},
	{LIVE "/health", ALIAS_REPORT, .text = HEALTH, .components = components},
	{"/api/v1/ws/live-diagnostics/health", ALIAS_REPORT, .text = CLIENTS_HEALTH},
	{"/ws/live-diagnostics/health", ALIAS_REPORT, .text = CLIENTS_HEALTH},
	{.path = NULL},
};

const struct dialect dialect_topdeck = {
	.name = "topdeck",
	.framing = FRAMING_WEBSOCKET,
	.paths = paths,
	.command = "type",
	.verbs = verbs,
	.params = params,
	.names = "resource_ids",
	.subject = "resource",
	.takes_binary = true,
	.topics = topics,
	.sections = sections,
	.events = events,
	.whole = true,
	.pace = {.every_ms = 10000, .min_ms = 1000, .max_ms = 60000, .slot_ms = 100, .repeat_ms = 10000},
	.state_type = "snapshot_update",
	.ping_type = "pong",
	.text_ping_type = "pong",
	.greeting = "{\"type\":\"connected\",\"timestamp\":\"$time\",\"message\":\"Connected to live diagnostics WebSocket\","
	    "\"update_interval\":$seconds}",
	.subscribed = "{\"type\":\"subscribed\",\"timestamp\":\"$time\",\"resource_ids\":$echo}",
	.unsubscribed = "{\"type\":\"unsubscribed\",\"timestamp\":\"$time\",\"resource_ids\":$echo}",
	.body = "{\"timestamp\":\"$time\",$sections}",
	.state = "{\"type\":\"snapshot_update\",\"timestamp\":\"$time\"$demo,\"data\":$body}",
	.value = "{\"type\":\"$type\"$id,\"timestamp\":\"$time\"$source$demo,\"data\":$data}",
	.event = "{\"type\":\"$type\",\"timestamp\":\"$time\"$demo,\"data\":$data}",
	.pong = "{\"type\":\"pong\",\"timestamp\":\"$time\"}",
	.text_pong = "{\"type\":\"pong\",\"timestamp\":\"$time\"}",
	.error = "{\"type\":\"error\",\"timestamp\":\"$time\",\"message\":$message}",
	.bad_json = "Invalid JSON format",
	.bad_object = "Not a JSON object: $what",
	.bad_verb = "Unknown message type: $what",
	.no_verb = "Unknown message type: no text in $what",
	.folders = folders,
	.closes_denied = true,
	.refusal = "{\"detail\":$detail}",
	.routes = routes,
};
