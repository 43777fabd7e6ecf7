#include <string.h>

#include "broadcaster/dialect.h"

static const char *const kato_paths[] = {"/ws", NULL}, *const kato_events_paths[] = {"/events", NULL};

static const struct dialect_verb kato_verbs[] = {
	{"subscribe", VERB_SUBSCRIBE},
	{"unsubscribe", VERB_UNSUBSCRIBE},
	{"get_snapshot", VERB_SNAPSHOT},
	{"ping", VERB_PING},
	{NULL, VERB_NONE},
};

static const char *const kato_topics[] = {
	"metrics", "containers", "sessions", "session_events", "system_alerts", "source_status", "container_events", NULL,
};

static const struct dialect_section kato_sections[] = {
	{"metrics", "metrics", NULL, NULL},
	{"containers", "containers", "containers", "name"},
	{"sessions", "sessions", NULL, NULL},
	{NULL, NULL, NULL, NULL},
};

/* The same messages over a WebSocket and as a stream of events. */
#define KATO_MESSAGES \
	.name = "kato", \
	.command = "type", \
	.verbs = kato_verbs, \
	.ping_text = "ping", \
	.topics = kato_topics, \
	.sections = kato_sections, \
	.state_type = "realtime_update", \
	.ping_type = "pong", \
	.text_ping_type = "heartbeat", \
	.greeting = "{\"type\":\"connected\",\"timestamp\":\"$time\",\"epoch\":\"$epoch\",\"offset\":$offset," \
	    "\"server\":\"$server\",\"topics\":$topics,\"flags\":$flags,\"input\":\"$input\"}", \
	.subscribed = "{\"type\":\"subscribed\",\"timestamp\":\"$time\",\"subscriptions\":$subscriptions," \
	    "\"epoch\":\"$epoch\",\"offset\":$offset$every$resume}", \
	.state = "{\"type\":\"realtime_update\",\"timestamp\":\"$time\"$demo,\"times\":{$times},\"data\":{$sections}}", \
	.value = "{\"type\":\"$type\"$id,\"timestamp\":\"$time\"$source$demo,\"data\":$data}", \
	.pong = "{\"type\":\"pong\",\"timestamp\":\"$time\"}", \
	.text_pong = "{\"type\":\"heartbeat\",\"timestamp\":\"$time\"}", \
	.error = "{\"type\":\"error\",\"timestamp\":\"$time\",\"code\":$code,\"message\":$message$detail}"

const struct dialect dialects[] = {
	{KATO_MESSAGES, .framing = FRAMING_WEBSOCKET, .paths = kato_paths},
	{KATO_MESSAGES, .framing = FRAMING_EVENTS, .paths = kato_events_paths},
};
const size_t dialects_count = sizeof dialects / sizeof dialects[0];

_Static_assert(sizeof dialects / sizeof dialects[0] <= DIALECTS_MAX, "others keep a slot for each");

static const struct dialect *
find(const char *path, size_t len, enum framing framing)
{
	for (size_t i = 0; i < dialects_count; i++)
		for (const char *const *p = dialects[i].paths; dialects[i].framing == framing && *p; p++)
			if (strlen(*p) == len && !memcmp(*p, path, len))
				return &dialects[i];
	return NULL;
}

const struct dialect *
dialect_at(const char *path, size_t len)
{
	return find(path, len, FRAMING_WEBSOCKET);
}

const struct dialect *
dialect_events_at(const char *path, size_t len)
{
	return find(path, len, FRAMING_EVENTS);
}

static bool
lies_in(const char *path, const char *const *folders)
{
	size_t n;

	for (; folders && *folders; folders++) {
		n = strlen(*folders);
		if (!strncmp(path, *folders, n) && (!path[n] || path[n] == '/'))
			return true;
	}
	return false;
}

const struct dialect *
dialect_of(const char *path)
{
	const struct dialect *d = dialect_at(path, strlen(path));

	for (size_t i = 0; !d && i < dialects_count; i++)
		if (lies_in(path, dialects[i].folders))
			d = &dialects[i];
	return d;
}

enum verb
dialect_verb(const struct dialect *d, const char *word)
{
	const struct dialect_verb *v = d->verbs;

	while (v->word && strcmp(v->word, word) != 0)
		v++;
	return v->verb;
}

const struct dialect_section *
dialect_section(const struct dialect *d, const char *type)
{
	for (const struct dialect_section *s = d->sections; s->name; s++)
		if (!strcmp(s->type, type))
			return s;
	return NULL;
}

static const char *
value_of(const struct dialect_var *v, const char *name, size_t len)
{
	for (; v->name; v++)
		if (strlen(v->name) == len && !memcmp(v->name, name, len))
			return v->text;
	return NULL;
}

void
dialect_fill(const char *t, const struct dialect_var *vars, struct strbuf *out)
{
	const char *dollar, *text;
	size_t n;

	for (; (dollar = strchr(t, '$')); t = dollar + 1 + n) {
		strbuf_add(out, t, (size_t)(dollar - t));
		n = 0;
		if (dollar[1] == '$') {
			strbuf_addc(out, '$');
			n = 1;
			continue;
		}
		while (dollar[1 + n] >= 'a' && dollar[1 + n] <= 'z')
			n++;
		if ((text = value_of(vars, dollar + 1, n)))
			strbuf_adds(out, text);
	}
	strbuf_adds(out, t);
}
