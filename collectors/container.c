#include <stdlib.h>
#include <string.h>

#include "collectors/container.h"
#include "lib/stamp.h"

static const char *const state_names[] = {
	[CONTAINER_CREATED] = "created",
	[CONTAINER_RUNNING] = "running",
	[CONTAINER_PAUSED] = "paused",
	[CONTAINER_RESTARTING] = "restarting",
	[CONTAINER_REMOVING] = "removing",
	[CONTAINER_EXITED] = "exited",
	[CONTAINER_DEAD] = "dead",
	[CONTAINER_MISSING] = "missing",
};
static const char *const health_names[] = {
	[HEALTH_STARTING] = "starting",
	[HEALTH_HEALTHY] = "healthy",
	[HEALTH_UNHEALTHY] = "unhealthy",
};

const char *
container_state_name(enum container_state s)
{
	return state_names[s];
}

const char *
container_health_name(enum container_health h)
{
	return health_names[h];
}

bool
container_runs(enum container_state s)
{
	return s == CONTAINER_RUNNING || s == CONTAINER_PAUSED;
}

/* The decoded text of a string value, cut at max bytes. False: not a string, *out is empty then. */
static bool
text(struct span v, size_t max, struct strbuf *out)
{
	bool good;

	strbuf_reset(out);
	good = json_string(v, out);
	strbuf_reserve(out, 0);
	if (!good)
		out->len = 0;
	else if (out->len > max)
		out->len = max;
	out->s[out->len] = '\0';
	return good;
}

static bool
id_text(struct span v, struct strbuf *out)
{
	static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

	return text(v, CONTAINER_ID_MAX + 1, out) && out->len && out->len <= CONTAINER_ID_MAX &&
	    strspn(out->s, letters) == out->len;
}

static void
drop_slash(struct strbuf *name)
{
	if (!name->len || name->s[0] != '/')
		return;
	memmove(name->s, name->s + 1, name->len);
	name->len--;
}

/* The container's own name; others are names that links gave it: "/other/alias". */
static void
listing_name(struct span names, struct container_listing *out)
{
	struct json_iter it = json_iter(names);
	struct span v;

	strbuf_reset(&out->name);
	while (json_is(names, '[') && json_next_element(&it, &v)) {
		if (!text(v, CONTAINER_TEXT_MAX + 1, &out->name))
			continue;
		drop_slash(&out->name);
		if (out->name.len && !strchr(out->name.s, '/'))
			return;
	}
	strbuf_reset(&out->name);
	strbuf_add(&out->name, out->id.s, out->id.len < 12 ? out->id.len : 12);
}

/* podman has a few words of its own. One that nobody knows yet: "Up 3 minutes" runs. */
static enum container_state
listing_state(struct span state, const char *status)
{
	static const struct {
		const char *word;
		enum container_state state;
	} others[] = {
		{"configured", CONTAINER_CREATED},
		{"initialized", CONTAINER_CREATED},
		{"stopping", CONTAINER_RUNNING},
		{"stopped", CONTAINER_EXITED},
	};

	for (size_t i = 0; i < CONTAINER_MISSING; i++)
		if (json_equals(state, state_names[i]))
			return (enum container_state)i;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (json_equals(state, others[i].word))
			return others[i].state;
	return !strncmp(status, "Up", 2) ? CONTAINER_RUNNING : CONTAINER_EXITED;
}

static enum container_health
health_of(const char *word)
{
	for (size_t i = HEALTH_STARTING; i <= HEALTH_UNHEALTHY; i++)
		if (!strcmp(word, health_names[i]))
			return (enum container_health)i;
	return HEALTH_NONE;
}

/* "Up 18 seconds (unhealthy)", "Up 3 seconds (health: starting)", "Up 2 hours (Paused)" */
static enum container_health
status_health(const char *status)
{
	char word[16];
	const char *p = strchr(status, '(');
	size_t n;

	if (!p || strncmp(status, "Up", 2) != 0)
		return HEALTH_NONE;
	p++;
	if (!strncmp(p, "health: ", 8))
		p += 8;
	n = strcspn(p, ")");
	if (n >= sizeof word)
		return HEALTH_NONE;
	memcpy(word, p, n);
	word[n] = '\0';
	return health_of(word);
}

bool
container_listing(struct span e, struct container_listing *out)
{
	struct strbuf status = {0};

	if (!json_is(e, '{') || !id_text(json_member(e, "Id"), &out->id))
		return false;
	listing_name(json_member(e, "Names"), out);
	text(json_member(e, "Image"), CONTAINER_TEXT_MAX, &out->image);
	text(json_member(e, "Status"), CONTAINER_TEXT_MAX, &status);
	out->state = listing_state(json_member(e, "State"), status.s);
	out->health = status_health(status.s);
	out->labels = json_member(e, "Labels");
	strbuf_free(&status);
	return true;
}

void
container_listing_free(struct container_listing *l)
{
	strbuf_free(&l->id);
	strbuf_free(&l->name);
	strbuf_free(&l->image);
}

/* What concerns a reader of the stream; all other actions are noise. */
static const struct {
	const char *said, *action;
	enum container_change change;
	enum container_state state;
} actions[] = {
	{"create", "create", CHANGE_STATE, CONTAINER_CREATED},
	{"start", "start", CHANGE_START, CONTAINER_RUNNING},
	{"restart", "restart", CHANGE_NONE, 0},
	{"pause", "pause", CHANGE_STATE, CONTAINER_PAUSED},
	{"unpause", "unpause", CHANGE_STATE, CONTAINER_RUNNING},
	{"kill", "kill", CHANGE_NONE, 0},
	{"oom", "oom", CHANGE_NONE, 0},
	{"die", "die", CHANGE_STATE, CONTAINER_EXITED},
	{"died", "die", CHANGE_STATE, CONTAINER_EXITED},
	{"stop", "stop", CHANGE_STATE, CONTAINER_EXITED},
	{"update", "update", CHANGE_NONE, 0},
	{"rename", "rename", CHANGE_NAME, 0},
	{"health_status", "health_status", CHANGE_HEALTH, 0},
	{"destroy", "destroy", CHANGE_GONE, 0},
	{"remove", "destroy", CHANGE_GONE, 0},
};

/* "die", or "health_status: healthy". */
static bool
event_action(const char *said, struct container_event *out)
{
	size_t n = strcspn(said, ":");

	out->health = said[n] == ':' && said[n + 1] == ' ' ? health_of(said + n + 2) : HEALTH_NONE;
	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
		if (strlen(actions[i].said) != n || memcmp(said, actions[i].said, n) != 0)
			continue;
		out->action = actions[i].action;
		out->change = actions[i].change;
		out->state = actions[i].state;
		return true;
	}
	return false;
}

static void
event_time(struct span doc, struct container_event *out)
{
	struct span nano = json_member(doc, "timeNano"), seconds = json_member(doc, "time");

	strbuf_reset(&out->nano);
	out->ms = 0;
	if (json_is(nano, '0') && nano.len >= 16 && nano.len <= 19 && strspn(nano.p, "0123456789") >= nano.len) {
		strbuf_add(&out->nano, nano.p, nano.len);
	} else if (json_is(seconds, '0') && seconds.len <= 10 && strspn(seconds.p, "0123456789") >= seconds.len) {
		strbuf_add(&out->nano, seconds.p, seconds.len);
		strbuf_adds(&out->nano, "000000000");
	} else {
		strbuf_addc(&out->nano, '0');
	}
	out->ms = strtoll(out->nano.s, NULL, 10) / 1000000;
}

static void
event_exit(struct container_event *out)
{
	struct span v = json_member(out->attributes, "exitCode");
	char *end;
	long code;

	out->exited = false;
	if (!v.p)
		v = json_member(out->attributes, "containerExitCode");
	if (strcmp(out->action, "die") != 0 || !json_is(v, '"') || v.len < 3)
		return;
	code = strtol(v.p + 1, &end, 10);
	out->exited = end == v.p + v.len - 1 && code > -100000 && code < 100000;
	out->exit_code = out->exited ? (int)code : 0;
}

enum container_told
container_event(const char *line, size_t len, struct container_event *out)
{
	struct span doc = json_trim(line, len), actor, said;
	struct strbuf word = {0};
	bool known;
	size_t at;

	if (json_check(line, len, &at) != JSON_OK || !json_is(doc, '{'))
		return TOLD_GARBLED;
	said = json_member(doc, "Type");
	if (said.p && !json_equals(said, "container"))
		return TOLD_NOISE;
	said = json_member(doc, "Action");
	known = text(said.p ? said : json_member(doc, "status"), CONTAINER_TEXT_MAX, &word) && event_action(word.s, out);
	strbuf_free(&word);
	if (!known)
		return TOLD_NOISE;
	actor = json_member(doc, "Actor");
	if (!id_text(json_member(actor, "ID"), &out->id) && !id_text(json_member(doc, "id"), &out->id))
		return TOLD_GARBLED;
	out->attributes = json_member(actor, "Attributes");
	text(json_member(out->attributes, "name"), CONTAINER_TEXT_MAX, &out->name);
	text(json_member(out->attributes, "oldName"), CONTAINER_TEXT_MAX, &out->old_name);
	text(json_member(out->attributes, "image"), CONTAINER_TEXT_MAX, &out->image);
	drop_slash(&out->name);
	drop_slash(&out->old_name);
	if (out->change == CHANGE_HEALTH && text(json_member(doc, "HealthStatus"), CONTAINER_TEXT_MAX, &word))
		out->health = health_of(word.s);
	strbuf_free(&word);
	event_time(doc, out);
	event_exit(out);
	return TOLD_EVENT;
}

void
container_event_id(const struct container_event *e, struct strbuf *out)
{
	const char *health = container_health_name(e->health);

	strbuf_add(out, e->id.s, e->id.len < 12 ? e->id.len : 12);
	strbuf_addf(out, "-%s-%s", e->nano.s, e->action);
	if (health)
		strbuf_addf(out, "-%s", health);
}

void
container_event_write(const struct container_event *e, const char *source, int64_t wall, struct strbuf *out)
{
	const char *health = container_health_name(e->health);
	char stamp[STAMP_LEN + 1];

	strbuf_adds(out, "{\"type\":\"container_event\",\"id\":\"");
	container_event_id(e, out);
	strbuf_addf(out, "\",\"timestamp\":\"%s\",\"source\":", stamp_format(wall, stamp));
	strbuf_addjsons(out, source);
	strbuf_addf(out, ",\"data\":{\"action\":\"%s\",\"name\":", e->action);
	strbuf_addjsons(out, e->name.s);
	if (e->old_name.len) {
		strbuf_adds(out, ",\"old_name\":");
		strbuf_addjsons(out, e->old_name.s);
	}
	strbuf_addf(out, ",\"container_id\":\"%s\",\"image\":", e->id.s);
	strbuf_addjsons(out, e->image.s);
	if (e->exited)
		strbuf_addf(out, ",\"exit_code\":%d", e->exit_code);
	if (health)
		strbuf_addf(out, ",\"health\":\"%s\"", health);
	strbuf_adds(out, "}}\n");
}

void
container_event_free(struct container_event *e)
{
	strbuf_free(&e->id);
	strbuf_free(&e->name);
	strbuf_free(&e->old_name);
	strbuf_free(&e->image);
	strbuf_free(&e->nano);
}
