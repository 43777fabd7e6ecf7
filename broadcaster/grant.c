#include <string.h>

#include "broadcaster/grant.h"
#include "broadcaster/topics.h"

bool
grant_add(struct grant *g, const char *name, size_t len)
{
	size_t before = g->keys.len;

	if (!topics_key(name, len, &g->keys))
		return false;
	if (len == 1 && *name == '*') {
		g->keys.len = before;
		g->limited = false;
		return true;
	}
	strbuf_addc(&g->keys, '\0');
	g->n++;
	return true;
}

void
grant_free(struct grant *g)
{
	strbuf_free(&g->keys);
	*g = (struct grant){.until_ms = GRANT_FOREVER};
}

/* Is there a topic of this type with this id; NULL: with none; "": with any? */
static bool
has(const struct grant *g, const char *type, const char *id)
{
	const char *key = g->keys.s;
	size_t len = strlen(type);

	for (size_t i = 0; i < g->n; i++, key += strlen(key) + 1) {
		if (strncmp(key, type, len) != 0)
			continue;
		if (id ? key[len] == '.' && (!*id || !strcmp(key + len + 1, id)) : !key[len])
			return true;
	}
	return false;
}

bool
grant_type(const struct grant *g, const char *type)
{
	return !g || !g->limited || has(g, type, NULL);
}

bool
grant_part(const struct grant *g, const char *type, const char *id)
{
	return grant_type(g, type) || (*id && has(g, type, id));
}

bool
grant_has_parts(const struct grant *g, const char *type)
{
	return g && g->limited && has(g, type, "");
}
