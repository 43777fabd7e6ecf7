#include <stdlib.h>

#include "katoctl/marks.h"
#include "lib/xalloc.h"

void
marks_free(struct marks *m)
{
	for (size_t i = 0; i < MARKS_MAX; i++)
		free(m->v[i].place);
	*m = (struct marks){0};
}

static bool
takes(const struct stage *s)
{
	return s->restart.state != RESTART_PARKED && s->restart.state != RESTART_OVER;
}

static bool
is_middle(const struct stage *s)
{
	return s->plan->kind == PLAN_FILTER || s->plan->kind == PLAN_MAP;
}

/* Behind all that is now in the first filter's hop from stage i on; where there is none, in the sinks' hops. */
static void
put(struct mark *k, const struct super *u, size_t i)
{
	while (i < u->n && !(is_middle(&u->v[i]) && takes(&u->v[i])))
		i++;
	k->at = i;
	for (size_t j = 0; j < u->n; j++)
		k->place[j] = u->v[j].in.gone + u->v[j].in.lines;
}

static bool
is_past(const struct mark *k, const struct super *u)
{
	if (k->at < u->n)	/* an open line has been handed on, though it is kept for what its filter may add */
		return u->v[k->at].in.gone + (u->v[k->at].in.open > 0) >= k->place[k->at];
	for (size_t i = 0; i < u->n; i++)
		if (u->v[i].plan->kind == PLAN_SINK && u->v[i].in.gone < k->place[i])
			return false;
	return true;
}

void
marks_set(struct marks *m, const struct super *u, uint64_t count)
{
	struct mark *k;

	if (m->n == MARKS_MAX || count == m->set)
		return;
	k = &m->v[m->n++];
	if (!k->place)
		k->place = xcalloc(u->n, sizeof *k->place);
	k->count = m->set = count;
	put(k, u, 0);
}

void
marks_step(struct marks *m, const struct super *u)
{
	size_t past = 0;

	for (size_t i = 0; i < m->n; i++) {
		struct mark *k = &m->v[i];

		while (k->at < u->n && is_past(k, u))
			put(k, u, k->at + 1);
		if (past == i && k->at == u->n && is_past(k, u))
			past++;
	}
	if (!past)
		return;
	m->dealt = m->v[past - 1].count;
	for (size_t i = past; i < m->n; i++) {	/* their arrays change places */
		struct mark free_one = m->v[i - past];

		m->v[i - past] = m->v[i];
		m->v[i] = free_one;
	}
	m->n -= past;
}
