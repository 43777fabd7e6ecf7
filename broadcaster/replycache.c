#include <string.h>

#include "broadcaster/replycache.h"

bool
replycache_get(const struct replycache *c, const char *key, uint64_t stamp, struct reply *r)
{
	for (int i = 0; i < REPLYCACHE_SLOTS; i++)
		if (c->slot[i].body && c->slot[i].stamp == stamp && !strcmp(c->slot[i].key, key)) {
			r->status = 200;
			r->type = c->slot[i].type;
			r->modified_ms = c->slot[i].modified_ms;
			r->body = body_ref(c->slot[i].body);
			return true;
		}
	return false;
}

void
replycache_put(struct replycache *c, const char *key, uint64_t stamp, const struct reply *r)
{
	unsigned i = 0;
	size_t n = strlen(key);

	if (r->status != 200 || r->headers.len || !r->body || r->body->len > REPLYCACHE_BYTES || n >= REPLYCACHE_KEY_MAX)
		return;
	while (i < REPLYCACHE_SLOTS && strcmp(c->slot[i].key, key) != 0)
		i++;
	if (i == REPLYCACHE_SLOTS) {
		i = c->next;
		c->next = (c->next + 1) % REPLYCACHE_SLOTS;
	}
	body_unref(c->slot[i].body);
	memcpy(c->slot[i].key, key, n + 1);
	c->slot[i].stamp = stamp;
	c->slot[i].type = r->type;
	c->slot[i].modified_ms = r->modified_ms;
	c->slot[i].body = body_ref(r->body);
}

void
replycache_free(struct replycache *c)
{
	for (int i = 0; i < REPLYCACHE_SLOTS; i++)
		body_unref(c->slot[i].body);
	*c = (struct replycache){0};
}
