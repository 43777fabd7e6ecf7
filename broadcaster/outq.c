#include <stdlib.h>

#include "broadcaster/outq.h"
#include "lib/xalloc.h"

enum { FIRST = 8, JOIN_MAX = 256 };

static void
grow(struct outq *q)
{
	uint32_t cap = q->cap ? 2 * q->cap : FIRST;
	struct frame **v = xreallocarray(NULL, cap, sizeof *v);

	for (uint32_t i = 0; i < q->n; i++)
		v[i] = q->v[(q->head + i) & (q->cap - 1)];
	free(q->v);
	q->v = v;
	q->head = 0;
	q->cap = cap;
}

bool
outq_push(struct outq *q, struct frame *f, size_t max)
{
	if (q->n && (q->bytes > max || f->len > max - q->bytes))
		return false;
	if (q->n == q->cap)
		grow(q);
	q->v[(q->head + q->n++) & (q->cap - 1)] = frame_ref(f);
	q->bytes += f->len;
	return true;
}

struct frame *
outq_peek(const struct outq *q, size_t most, uint32_t *n)
{
	struct frame *v[JOIN_MAX];
	size_t bytes = 0;

	for (*n = 0; *n < q->n && *n < JOIN_MAX; ++*n) {
		struct frame *f = q->v[(q->head + *n) & (q->cap - 1)];

		if (*n && bytes + f->len > most)
			break;
		v[*n] = f;
		bytes += f->len;
	}
	return *n ? frame_join(v, *n) : NULL;
}

void
outq_drop(struct outq *q, uint32_t n)
{
	while (n--) {
		q->bytes -= q->v[q->head]->len;
		frame_unref(q->v[q->head]);
		q->head = (q->head + 1) & (q->cap - 1);
		q->n--;
	}
	if (!q->n)
		outq_clear(q);
}

void
outq_clear(struct outq *q)
{
	for (uint32_t i = 0; i < q->n; i++)
		frame_unref(q->v[(q->head + i) & (q->cap - 1)]);
	free(q->v);
	*q = (struct outq){0};
}
