#include <stdlib.h>
#include <string.h>

#include "healthd/things.h"
#include "lib/hash.h"
#include "lib/xalloc.h"

enum { BUCKETS = 4096 };

void
things_init(struct things *t)
{
	*t = (struct things){.nbucket = BUCKETS};
	t->bucket = xcalloc(BUCKETS, sizeof(struct service *));
	t->edge_bucket = xcalloc(BUCKETS, sizeof(struct edge *));
}

static void
free_metrics(struct service *s)
{
	for (size_t i = 0; i < s->metrics; i++) {
		free(s->metric[i].name);
		window_free(&s->metric[i].window);
	}
	free(s->metric);
	free(s->summary);
	free(s->metrics_json);
	s->metric = NULL;
	s->summary = s->metrics_json = NULL;
	s->metrics = 0;
}

static void
free_service(struct service *s)
{
	free_metrics(s);
	free(s->id);
	free(s->name);
	free(s->type);
	free(s->out);
	free(s);
}

static void
free_edge(struct edge *e)
{
	window_free(&e->rate);
	window_free(&e->errors);
	window_free(&e->latency);
	free(e);
}

void
things_free(struct things *t)
{
	for (size_t i = 0; i < t->nbucket; i++) {
		for (struct service *s = t->bucket[i], *next; s; s = next) {
			next = s->next;
			free_service(s);
		}
		for (struct edge *e = t->edge_bucket[i], *next; e; e = next) {
			next = e->next_hash;
			free_edge(e);
		}
	}
	free(t->bucket);
	free(t->edge_bucket);
	*t = (struct things){0};
}

static size_t
slot(const char *id, size_t len)
{
	return (size_t)(hash64(id, len) % BUCKETS);
}

/* As strcmp, where the second has len bytes. */
static int
compare(const char *a, const char *b, size_t len)
{
	int order = strncmp(a, b, len);

	return order ? order : a[len] != '\0';
}

struct service *
things_service(struct things *t, const char *id, size_t len, bool make)
{
	struct service **at = &t->bucket[slot(id, len)], *s;

	for (s = *at; s; s = s->next)
		if (strlen(s->id) == len && !memcmp(s->id, id, len))
			return s;
	if (!make)
		return NULL;
	if (t->nservices == THINGS_SERVICES_MAX || len > THINGS_NAME_MAX) {
		t->refused++;
		return NULL;
	}
	for (; *at && compare((*at)->id, id, len) < 0; at = &(*at)->next)
		;
	s = xcalloc(1, sizeof *s);
	s->id = xmemdup0(id, len);
	s->hash = hash64(id, len);
	s->next = *at;
	*at = s;
	t->nservices++;
	return s;
}

static size_t
edge_slot(const struct service *a, const struct service *b)
{
	const uint64_t ends[2] = {a->hash, b->hash};

	return (size_t)(hash64(ends, sizeof ends) % BUCKETS);
}

/* Before b in its bucket? */
static bool
before(const struct edge *a, const struct edge *b)
{
	int order = strcmp(a->source->id, b->source->id);

	return order ? order < 0 : strcmp(a->target->id, b->target->id) < 0;
}

static void
join(struct things *t, struct edge *e)
{
	struct edge **at = &t->edge_bucket[edge_slot(e->source, e->target)];
	struct service *a = e->source;
	size_t i = a->nout;

	for (; *at && before(*at, e); at = &(*at)->next_hash)
		;
	e->next_hash = *at;
	*at = e;
	for (at = &e->target->in; *at && strcmp((*at)->source->id, a->id) < 0; at = &(*at)->next_in)
		;
	e->next_in = *at;
	*at = e;
	if (!(a->nout & (a->nout - 1)))
		a->out = xreallocarray(a->out, a->nout ? 2 * a->nout : 1, sizeof(struct edge *));
	for (; i && strcmp(a->out[i - 1]->target->id, e->target->id) > 0; i--)
		a->out[i] = a->out[i - 1];
	a->out[i] = e;
	a->nout++;
	t->nedges++;
}

struct edge *
things_edge(struct things *t, const char *source, size_t n, const char *target, size_t m, bool make)
{
	struct service *a = things_service(t, source, n, make), *b = things_service(t, target, m, make);
	struct edge *e;

	if (a && b)
		for (e = t->edge_bucket[edge_slot(a, b)]; e; e = e->next_hash)
			if (e->source == a && e->target == b)
				return e;
	if (!make)
		return NULL;
	if (!a || !b || t->nedges == THINGS_EDGES_MAX) {
		t->refused += a && b;
		if (a)
			things_drop(t, a);
		if (b && b != a)
			things_drop(t, b);
		return NULL;
	}
	e = xcalloc(1, sizeof *e);
	*e = (struct edge){.source = a, .target = b};
	join(t, e);
	return e;
}

struct metric *
things_metric(struct things *t, struct service *s, const char *name, size_t len)
{
	for (size_t i = 0; i < s->metrics; i++)
		if (strlen(s->metric[i].name) == len && !memcmp(s->metric[i].name, name, len))
			return &s->metric[i];
	if (s->metrics == THINGS_METRICS_MAX || len > THINGS_NAME_MAX) {
		t->refused++;
		return NULL;
	}
	if (!(s->metrics & (s->metrics - 1)))
		s->metric = xreallocarray(s->metric, s->metrics ? 2 * s->metrics : 1, sizeof *s->metric);
	s->metric[s->metrics] = (struct metric){.name = xmemdup0(name, len), .kind = rules_kind(name, len)};
	return &s->metric[s->metrics++];
}

void
things_status(struct things *t, struct service *s, enum status to)
{
	t->degraded += (to == STATUS_DEGRADED) - (size_t)(s->status == STATUS_DEGRADED);
	t->failed += (to == STATUS_FAILED) - (size_t)(s->status == STATUS_FAILED);
	s->status = to;
}

void
things_forget(struct things *t, struct service *s)
{
	things_status(t, s, STATUS_UNKNOWN);
	if (s->seen)
		t->seen--;
	s->seen = false;
	free_metrics(s);
}

void
things_drop(struct things *t, struct service *s)
{
	struct service **at = &t->bucket[slot(s->id, strlen(s->id))];

	if (s->seen || s->in || s->nout)
		return;
	for (; *at != s; at = &(*at)->next)
		;
	*at = s->next;
	t->nservices--;
	free_service(s);
}

void
things_drop_edge(struct things *t, struct edge *e)
{
	struct edge **at = &t->edge_bucket[edge_slot(e->source, e->target)];
	struct service *a = e->source, *b = e->target;
	size_t i = 0;

	if (e->depends || e->flows)
		return;
	for (; *at != e; at = &(*at)->next_hash)
		;
	*at = e->next_hash;
	for (at = &b->in; *at != e; at = &(*at)->next_in)
		;
	*at = e->next_in;
	while (a->out[i] != e)
		i++;
	memmove(a->out + i, a->out + i + 1, (a->nout - i - 1) * sizeof(struct edge *));
	if (!--a->nout) {
		free(a->out);
		a->out = NULL;
	}
	t->nedges--;
	free_edge(e);
	things_drop(t, a);
	if (a != b)
		things_drop(t, b);
}

struct service *
things_next(const struct things *t, const struct service *s)
{
	size_t i = s ? slot(s->id, strlen(s->id)) + 1 : 0;

	if (s && s->next)
		return s->next;
	while (i < t->nbucket && !t->bucket[i])
		i++;
	return i < t->nbucket ? t->bucket[i] : NULL;
}

struct edge *
things_next_edge(const struct things *t, const struct edge *e)
{
	size_t i = e ? edge_slot(e->source, e->target) + 1 : 0;

	if (e && e->next_hash)
		return e->next_hash;
	while (i < t->nbucket && !t->edge_bucket[i])
		i++;
	return i < t->nbucket ? t->edge_bucket[i] : NULL;
}

size_t
things_text(struct span value, char buf[THINGS_NAME_MAX + 1])
{
	struct strbuf b = {0};
	size_t n = 0;

	if (value.p && value.len <= 6 * THINGS_NAME_MAX && json_string(value, &b) && b.len <= THINGS_NAME_MAX) {
		n = b.len;
		if (n)
			memcpy(buf, b.s, n);
	}
	buf[n] = '\0';
	strbuf_free(&b);
	return n;
}
