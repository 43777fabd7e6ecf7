#include <stdlib.h>
#include <string.h>

#include "broadcaster/pass.h"
#include "lib/xalloc.h"

static void
put(struct hub *h, size_t at, struct pass *p)
{
	h->passes[at] = p;
	p->at = at;
}

static void
rise(struct hub *h, size_t at, struct pass *p)
{
	for (; at && h->passes[(at - 1) / 2]->until_ms > p->until_ms; at = (at - 1) / 2)
		put(h, at, h->passes[(at - 1) / 2]);
	put(h, at, p);
}

static void
sink(struct hub *h, size_t at, struct pass *p)
{
	size_t child;

	while ((child = 2 * at + 1) < h->npasses) {
		if (child + 1 < h->npasses && h->passes[child + 1]->until_ms < h->passes[child]->until_ms)
			child++;
		if (h->passes[child]->until_ms >= p->until_ms)
			break;
		put(h, at, h->passes[child]);
		at = child;
	}
	put(h, at, p);
}

static void
heap_add(struct hub *h, struct pass *p)
{
	if (h->npasses == h->cappasses) {
		h->cappasses = h->cappasses ? 2 * h->cappasses : 64;
		h->passes = xreallocarray(h->passes, h->cappasses, sizeof *h->passes);
	}
	h->npasses++;
	rise(h, h->npasses - 1, p);
}

static void
heap_remove(struct hub *h, const struct pass *p)
{
	struct pass *last = h->passes[--h->npasses];

	if (last == p)
		return;
	if (last->until_ms < p->until_ms)
		rise(h, p->at, last);
	else
		sink(h, p->at, last);
}

/* The clock on the wall may be set: it is looked at again then. */
static void
set_due(struct hub *h, struct hub_now now)
{
	int64_t left = h->npasses ? h->passes[0]->until_ms - now.wall : 0;

	h->pass_due = h->npasses ? now.mono + (left > 0 ? left : 0) : -1;
}

struct topicset *
pass_limit(struct hub *h, const struct grant *g)
{
	const char *key = g ? g->keys.s : NULL;
	struct topicset *set;
	struct topic **v;

	if (!g || !g->limited)
		return NULL;
	v = xreallocarray(NULL, g->n + 1, sizeof *v);
	for (size_t i = 0; i < g->n; i++, key += strlen(key) + 1)
		v[i] = topics_intern(h->topics, key, strlen(key));
	set = topicset_new(h->topics, v, g->n);
	free(v);
	return set;
}

void
pass_give(struct hub *h, struct hub_client *c, const struct grant *g, struct hub_now now)
{
	struct pass *p;

	if (!g || (!g->limited && !g->key && g->until_ms == GRANT_FOREVER))
		return;
	p = xcalloc(1, sizeof *p);
	p->limit = pass_limit(h, g);
	p->until_ms = g->until_ms;
	p->key = g->key;
	p->client = c;
	c->pass = p;
	if (p->until_ms == GRANT_FOREVER)
		return;
	heap_add(h, p);
	set_due(h, now);
}

void
pass_take(struct hub *h, struct hub_client *c)
{
	if (!c->pass)
		return;
	topicset_unref(h->topics, c->pass->limit);
	if (c->pass->until_ms != GRANT_FOREVER)
		heap_remove(h, c->pass);
	free(c->pass);
	c->pass = NULL;
}

bool
pass_topic(const struct hub_client *c, const struct topic *t)
{
	const struct topicset *limit = c->pass ? c->pass->limit : NULL;

	return !limit || topic_is_subject(t) || topicset_has(limit, t) || (t->id && topicset_has(limit, t->whole));
}

bool
pass_type(const struct hub_client *c, const char *type)
{
	const struct topicset *limit = c->pass ? c->pass->limit : NULL;

	for (size_t i = 0; limit && i < limit->n; i++)
		if (topic_is_type(limit->v[i], type))
			return true;
	return !limit;
}

struct topicset *
pass_narrow(struct hub *h, const struct hub_client *c, struct topicset *set)
{
	const struct topicset *limit = c->pass ? c->pass->limit : NULL;
	struct topic **v;
	size_t n = 0;

	if (!limit)
		return set;
	v = xreallocarray(NULL, set->n + limit->n + 1, sizeof *v);
	for (size_t i = 0; i < set->n; i++)
		if (pass_topic(c, set->v[i]))
			v[n++] = set->v[i];
	for (size_t i = 0; i < limit->n; i++)
		if ((set->n && topic_is_all(set->v[0])) || (limit->v[i]->id && topicset_has(set, limit->v[i]->whole)))
			v[n++] = limit->v[i];
	for (size_t i = 0; i < n; i++)
		v[i]->refs++;
	topicset_unref(h->topics, set);
	set = topicset_new(h->topics, v, n);
	free(v);
	return set;
}

void
pass_expire(struct hub *h, struct hub_now now)
{
	while (h->npasses && h->passes[0]->until_ms <= now.wall) {
		struct pass *p = h->passes[0];

		heap_remove(h, p);
		p->until_ms = GRANT_FOREVER;
		client_close(h, p->client, HUB_EXPIRED, "the token has run out");
	}
	if (h->pass_due >= 0)
		set_due(h, now);
}
