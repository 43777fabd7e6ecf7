#include <stdlib.h>
#include <string.h>

#include "cooldown.h"
#include "lib/xalloc.h"

enum { FIRST_BUCKETS = 64, SWEEP_MS = 1000 };

void
cooldown_init(struct cooldown *c, size_t max)
{
	*c = (struct cooldown){.nbuckets = FIRST_BUCKETS, .max = max};
	c->bucket = xcalloc(c->nbuckets, sizeof(struct firing *));
}

void
cooldown_free(struct cooldown *c)
{
	struct firing *f, *next;

	for (f = c->first; f; f = next) {
		next = f->next;
		free(f);
	}
	free(c->bucket);
}

/* FNV-1a, 32 bit. */
static uint32_t
hash_more(uint32_t h, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619u;
	return h;
}

uint32_t
cooldown_seed(const char *rule)
{
	return hash_more(2166136261u, rule, strlen(rule) + 1);
}

struct firing *
cooldown_find(const struct cooldown *c, uint32_t seed, size_t rule, const char *name, size_t len)
{
	uint32_t h;
	struct firing *f;

	if (!c->n)
		return NULL;
	h = hash_more(seed, name, len);
	for (f = c->bucket[h & (c->nbuckets - 1)]; f; f = f->chain)
		if (f->hash == h && f->rule == rule && f->len == len && !memcmp(f->name, name, len))
			break;
	return f;
}

static void
chain_in(struct cooldown *c, struct firing *f)
{
	struct firing **b = &c->bucket[f->hash & (c->nbuckets - 1)];

	f->chain = *b;
	*b = f;
}

static void
list_in(struct cooldown *c, struct firing *f)
{
	f->prev = c->last;
	if (c->last)
		c->last->next = f;
	else
		c->first = f;
	c->last = f;
	c->n++;
}

static void
drop(struct cooldown *c, struct firing *f)
{
	struct firing **p = &c->bucket[f->hash & (c->nbuckets - 1)];

	while (*p != f)
		p = &(*p)->chain;
	*p = f->chain;
	*(f->prev ? &f->prev->next : &c->first) = f->next;
	*(f->next ? &f->next->prev : &c->last) = f->prev;
	c->n--;
	c->dropped = true;
	free(f);
}

static bool
muted(const struct firing *f, int64_t at, int64_t cooldown_ms)
{
	return f->spoke && at - f->spoke_ms < cooldown_ms && f->spoke_ms - at <= COOLDOWN_BACK_MS;
}

/* At most once a second of the records' time, or a flood of names would sweep for each of them. */
static void
sweep(struct cooldown *c, int64_t at)
{
	struct firing *f, *next;

	if (c->swept && at >= c->swept_ms && at - c->swept_ms < SWEEP_MS)
		return;
	c->swept = true;
	c->swept_ms = at;
	for (f = c->first; f; f = next) {
		next = f->next;
		if (!f->active && !muted(f, at, f->cooldown_ms))
			drop(c, f);
	}
}

static void
grow(struct cooldown *c)
{
	struct firing *f;

	c->nbuckets *= 2;
	c->bucket = xreallocarray(c->bucket, c->nbuckets, sizeof(struct firing *));
	memset(c->bucket, 0, c->nbuckets * sizeof(struct firing *));
	for (f = c->first; f; f = f->next)
		chain_in(c, f);
}

struct firing *
cooldown_add(struct cooldown *c, uint32_t seed, size_t rule, const char *name, size_t len, int64_t at)
{
	struct firing *f;

	if (len && c->n >= c->max) {
		sweep(c, at);
		if (c->n >= c->max) {
			c->refused++;
			return NULL;
		}
	}
	if (c->n >= c->nbuckets)
		grow(c);
	f = xmalloc(sizeof *f + len + 1);
	*f = (struct firing){.hash = hash_more(seed, name, len), .rule = rule, .len = len, .changed = true};
	c->changed = true;
	memcpy(f->name, name, len);
	f->name[len] = '\0';
	chain_in(c, f);
	list_in(c, f);
	return f;
}

bool
cooldown_fires(struct firing *f, enum level level, int64_t since, int64_t at, int64_t cooldown_ms)
{
	bool fresh = !f->active, speak = !muted(f, at, cooldown_ms) || (!fresh && level > f->level);

	f->cooldown_ms = cooldown_ms;
	if (fresh) {
		f->active = true;
		f->told = false;
		f->since_ms = since;
	}
	if (fresh || speak)
		f->level = level;
	if (speak) {
		f->told = f->spoke = true;
		f->spoke_ms = at;
	}
	return speak;
}

bool
cooldown_ends(struct firing *f)
{
	bool tell = f->active && f->told;

	f->active = f->told = false;
	return tell;
}

void
cooldown_end_demo(struct cooldown *c)
{
	struct firing *f, *next;

	for (f = c->first; f; f = next) {
		next = f->next;
		if (f->demo)
			drop(c, f);
	}
}

void
cooldown_remap(struct cooldown *c, const size_t *map, size_t n)
{
	struct firing *f, *next;

	for (f = c->first; f; f = next) {
		next = f->next;
		if (map[f->rule] < n)
			f->rule = map[f->rule];
		else
			drop(c, f);
	}
}
