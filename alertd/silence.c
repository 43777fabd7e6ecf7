#include <stdlib.h>
#include <string.h>

#include "lib/xalloc.h"
#include "silence.h"

void
silence_free(struct silence *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->v[i].name);
	free(s->v);
	*s = (struct silence){0};
}

static struct watched *
find(struct silence *s, const char *name, size_t len)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].len == len && !memcmp(s->v[i].name, name, len))
			return &s->v[i];
	return NULL;
}

struct watched *
silence_watch(struct silence *s, const char *name, size_t len, int64_t limit_ms, int64_t now)
{
	struct watched *w = find(s, name, len);

	if (!w) {
		if (s->n == SILENCE_MAX) {
			s->refused++;
			return NULL;
		}
		s->v = xreallocarray(s->v, s->n + 1, sizeof *s->v);
		w = &s->v[s->n++];
		*w = (struct watched){.name = xmemdup0(name, len), .len = len};
	}
	w->last_ms = now;
	w->changed = true;
	w->silent = false;
	w->limit_ms = limit_ms;
	if (s->n == 1 || now + limit_ms < s->next_ms)
		s->next_ms = now + limit_ms;
	return w;
}

struct watched *
silence_heard(struct silence *s, const char *name, size_t len, int64_t now)
{
	struct watched *w = find(s, name, len);
	bool was;

	if (!w)
		return NULL;
	was = w->silent;
	w->changed = true;
	w->silent = false;
	w->last_ms = now;
	return was ? w : NULL;
}

struct watched *
silence_due(struct silence *s, int64_t now)
{
	int64_t due, next = INT64_MAX;

	if (!s->n || now < s->next_ms)
		return NULL;
	for (size_t i = 0; i < s->n; i++) {
		struct watched *w = &s->v[i];

		due = w->silent ? w->due_ms : w->last_ms + w->limit_ms;
		if (due <= now) {
			w->silent = true;
			w->due_ms = now + SILENCE_AGAIN_MS;
			w->changed = true;
			return w;
		}
		if (due < next)
			next = due;
	}
	s->next_ms = next;
	return NULL;
}

void
silence_begin(struct silence *s, int64_t now)
{
	s->next_ms = now;
	for (size_t i = 0; i < s->n; i++) {
		s->v[i].last_ms = now;
		s->v[i].due_ms = now + SILENCE_AGAIN_MS;
		s->v[i].changed = true;
	}
}
