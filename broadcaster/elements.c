#include <stdlib.h>
#include <string.h>

#include "broadcaster/elements.h"
#include "lib/xalloc.h"

enum { FIRST = 64 };

static uint64_t
hash_of(const char *p, size_t n)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 0x100000001b3u;
	return h;
}

static struct elements_slot *
find(struct elements_slot *slot, size_t cap, uint64_t hash, const char *name)
{
	size_t i = (hash ^ hash >> 32) & (cap - 1);

	while (slot[i].element.p && !(slot[i].hash == hash && json_equals(slot[i].name, name)))
		i = (i + 1) & (cap - 1);
	return &slot[i];
}

static void
grow(struct elements *p)
{
	size_t cap = p->cap ? 2 * p->cap : FIRST;
	struct elements_slot *to = xcalloc(cap, sizeof *to);

	for (size_t i = 0; i < p->cap; i++) {
		size_t at = (p->slot[i].hash ^ p->slot[i].hash >> 32) & (cap - 1);

		if (!p->slot[i].element.p)
			continue;
		while (to[at].element.p)
			at = (at + 1) & (cap - 1);
		to[at] = p->slot[i];
	}
	free(p->slot);
	p->slot = to;
	p->cap = cap;
}

void
elements_index(struct elements *p, struct span value, const char *list, const char *key, uint64_t version)
{
	struct json_iter it = json_iter(json_member(value, list));
	struct strbuf text = {0};
	struct span e;

	if (p->cap)
		memset(p->slot, 0, p->cap * sizeof *p->slot);
	p->n = 0;
	p->version = version;
	if (!json_is(json_member(value, list), '['))
		return;
	while (json_next_element(&it, &e)) {
		struct span name = json_member(e, key);
		struct elements_slot *s;
		uint64_t hash;

		strbuf_reset(&text);
		if (!json_string(name, &text) || !text.len)
			continue;
		if (2 * (p->n + 1) > p->cap)
			grow(p);
		hash = hash_of(text.s, text.len);
		s = find(p->slot, p->cap, hash, text.s);
		p->n += !s->element.p;
		*s = (struct elements_slot){hash, name, e};
	}
	strbuf_free(&text);
}

struct span
elements_find(const struct elements *p, const char *name)
{
	if (!p->n)
		return (struct span){NULL, 0};
	return find(p->slot, p->cap, hash_of(name, strlen(name)), name)->element;
}

void
elements_free(struct elements *p)
{
	free(p->slot);
	*p = (struct elements){0};
}
