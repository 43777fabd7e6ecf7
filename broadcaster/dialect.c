#include <string.h>

#include "broadcaster/dialect.h"

/* The rows, a line each. The row NAME is dialect_NAME, in a file of that name or of its family's. */
#define ROWS(ROW) \
	ROW(kato) \
	ROW(kato_events) \
	ROW(topdeck) \
	ROW(openrisk)

#define DECLARE(name) extern const struct dialect dialect_##name;
#define LIST(name) &dialect_##name,
ROWS(DECLARE)
const struct dialect *const dialects[] = {ROWS(LIST)};
const size_t dialects_count = sizeof dialects / sizeof dialects[0];

_Static_assert(sizeof dialects / sizeof dialects[0] <= DIALECTS_MAX, "others keep a slot for each");

size_t
dialect_number(const struct dialect *d)
{
	size_t i = 0;

	while (dialects[i] != d)
		i++;
	return i;
}

static const struct dialect *
find(const char *path, size_t len, enum framing framing)
{
	for (size_t i = 0; i < dialects_count; i++)
		for (const char *const *p = dialects[i]->paths; dialects[i]->framing == framing && *p; p++)
			if (strlen(*p) == len && !memcmp(*p, path, len))
				return dialects[i];
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
		if (lies_in(path, dialects[i]->folders))
			d = dialects[i];
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

const struct dialect_param *
dialect_param(const struct dialect *d, const char *name)
{
	for (const struct dialect_param *p = d->params; p && p->name; p++)
		if (!strcmp(p->name, name))
			return p;
	return NULL;
}

const struct dialect_section *
dialect_section(const struct dialect *d, const char *type)
{
	for (const struct dialect_section *s = d->sections; s->name; s++)
		if (!strcmp(s->type, type))
			return s;
	return NULL;
}

const struct dialect_section *
dialect_section_named(const struct dialect *d, const char *name)
{
	for (const struct dialect_section *s = d->sections; s->name; s++)
		if (!strcmp(s->name, name))
			return s;
	return NULL;
}

const struct dialect_event *
dialect_event(const struct dialect *d, const char *type)
{
	for (const struct dialect_event *e = d->events; e && e->type; e++)
		if (!strcmp(e->type, type))
			return e;
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
		while ((dollar[1 + n] >= 'a' && dollar[1 + n] <= 'z') || dollar[1 + n] == '_')
			n++;
		if ((text = value_of(vars, dollar + 1, n)))
			strbuf_adds(out, text);
	}
	strbuf_adds(out, t);
}
