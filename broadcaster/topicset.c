#include <stdlib.h>
#include <string.h>

#include "broadcaster/topics.h"
#include "lib/hash.h"
#include "lib/xalloc.h"

static int
by_key(const void *a, const void *b)
{
	return strcmp((*(struct topic *const *)a)->key, (*(struct topic *const *)b)->key);
}

static uint64_t
mix(uint64_t h, uint64_t more)
{
	return hash64((const uint64_t[]){h, more}, 2 * sizeof h);
}

struct topicset *
topicset_new(struct topics *t, struct topic **v, size_t n)
{
	struct topicset *s = xcalloc(1, sizeof *s + n * sizeof s->v[0]);

	s->refs = 1;
	if (n)
		qsort(v, n, sizeof *v, by_key);
	for (size_t i = 0; i < n; i++) {
		if (s->n && s->v[s->n - 1] == v[i]) {
			topics_release(t, v[i]);
			continue;
		}
		s->v[s->n++] = v[i];
		s->hash = mix(s->hash, v[i]->hash);
	}
	return s;
}

struct topicset *
topicset_ref(struct topicset *s)
{
	s->refs++;
	return s;
}

void
topicset_unref(struct topics *t, struct topicset *s)
{
	if (!s || --s->refs)
		return;
	for (size_t i = 0; i < s->n; i++)
		topics_release(t, s->v[i]);
	free(s);
}

bool
topicset_equal(const struct topicset *a, const struct topicset *b)
{
	return a->n == b->n && !memcmp(a->v, b->v, a->n * sizeof a->v[0]);
}

bool
topicset_has(const struct topicset *s, const struct topic *p)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i] == p)
			return true;
	return false;
}

struct topic *const *
topicset_subjects(const struct topicset *s, size_t *n)
{
	size_t first = 0;

	while (first < s->n && topic_is_all(s->v[first]))
		first++;
	for (*n = 0; first + *n < s->n && topic_is_subject(s->v[first + *n]);)
		++*n;
	return s->v + first;
}

enum want
topicset_wants(const struct topicset *s, const char *type)
{
	enum want w = WANT_NONE;

	for (size_t i = 0; s && i < s->n; i++) {
		if (topic_is_all(s->v[i]))
			return WANT_WHOLE;
		if (!topic_is_type(s->v[i], type))
			continue;
		if (!s->v[i]->id)
			return WANT_WHOLE;
		w = WANT_PARTS;
	}
	return w;
}

void
topicset_json(const struct topicset *s, struct strbuf *out)
{
	struct strbuf name = {0};

	strbuf_addc(out, '[');
	for (size_t i = 0; i < s->n; i++) {
		if (i)
			strbuf_addc(out, ',');
		strbuf_reset(&name);
		topic_name(s->v[i], &name);
		strbuf_addjson(out, name.s, name.len);
	}
	strbuf_addc(out, ']');
	strbuf_free(&name);
}
