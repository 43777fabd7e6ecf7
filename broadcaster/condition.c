#include <string.h>

#include "broadcaster/condition.h"
#include "lib/json.h"

static const char runner[] = "katoctl/";

static bool
is_named(const char *id, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(id, name, n) && (!id[n] || id[n] == '@');
}

static bool
says(const struct value *v, const char *status)
{
	return json_equals(json_member((struct span){v->data, v->len}, "status"), status);
}

bool
condition_source(struct state *s, const char *name, int64_t now)
{
	struct value_type *t = state_type(s, "source_status");
	bool up = false;

	for (const struct value *v = t ? t->first : NULL; v; v = v->next_of_type) {
		if (v->id && is_named(v->id, name) && now - v->came_ms < CONDITION_SILENT_MS)
			up = up || says(v, "up");
		if (v->id && !strncmp(v->id, runner, sizeof runner - 1) && is_named(v->id + sizeof runner - 1, name) && says(v, "down"))
			return false;
	}
	return up;
}

static bool
is_known(struct state *s, const char *type)
{
	struct value_type *t = state_type(s, type);

	return t && t->count;
}

size_t
condition_parts(struct state *s, const struct alias_component *c, int64_t now, size_t *n, struct strbuf *out)
{
	size_t healthy = 0;

	for (*n = 0; c && c->name; c++, ++*n) {
		bool good = c->source ? condition_source(s, c->source, now) : is_known(s, c->type);

		strbuf_addf(out, "%s\"%s\":\"%s\"", *n ? "," : "", c->name, good ? "healthy" : "unhealthy");
		healthy += good;
	}
	return healthy;
}
