#include <string.h>

#include "collectors/coverage.h"

void
coverage_init(struct coverage *c, unsigned slots, uint64_t seed)
{
	memset(c, 0, sizeof *c);
	c->slots = slots;
	c->asks = true;
	c->search_gap = COVERAGE_SEARCH_GAP_MS;
	c->random = seed | 1;
}

/* xorshift64 */
static uint64_t
chance(struct coverage *c)
{
	c->random ^= c->random << 13;
	c->random ^= c->random >> 7;
	c->random ^= c->random << 17;
	return c->random;
}

void
coverage_answers(struct coverage *c, bool answers)
{
	if (answers && !c->answers) {
		c->nothing_new = c->wrong = 0;
		c->asks = true;
		for (unsigned i = 0; i < c->slots; i++) {
			c->slot[i].failures = 0;
			c->slot[i].next = 0;
		}
	}
	c->answers = answers;
}

static bool
searching(const struct coverage *c)
{
	return c->nothing_new < (c->asks ? COVERAGE_ENOUGH_NAMED : COVERAGE_ENOUGH);
}

/* How many others are on that worker, and hear it or, with LANDED, are about to. */
static unsigned
company(const struct coverage *c, unsigned slot, enum coverage_state least)
{
	unsigned n = 0;

	for (unsigned i = 0; i < c->slots; i++)
		n += i != slot && c->slot[i].state >= least && c->slot[i].worker && c->slot[i].worker == c->slot[slot].worker;
	return n;
}

static void
to(struct coverage_slot *s, enum coverage_state state, int64_t now)
{
	s->state = state;
	s->since = now;
	if (state == COVERAGE_FREE || state == COVERAGE_DIALING) {
		s->worker = 0;
		s->fresh = false;
	}
}

/* A slot's latest landing is accounted for. */
static void
landing(struct coverage *c, bool new_worker)
{
	if (!new_worker) {
		c->nothing_new++;
		return;
	}
	c->nothing_new = 0;
	c->search_gap = COVERAGE_SEARCH_GAP_MS;
}

int
coverage_dial(struct coverage *c, int64_t now, bool *ask)
{
	if (!c->answers || now < c->next_dial)
		return -1;
	for (unsigned i = 0; i < c->slots; i++)
		if (c->slot[i].state == COVERAGE_FREE && now >= c->slot[i].next) {
			to(&c->slot[i], COVERAGE_DIALING, now);
			c->next_dial = now + COVERAGE_DIAL_GAP_MS;
			*ask = c->asks;
			return (int)i;
		}
	return -1;
}

int
coverage_surplus(struct coverage *c, int64_t now)
{
	unsigned others, most_others = 0;
	int most = -1;

	if (!c->answers || !searching(c) || now < c->next_dial)
		return -1;
	for (unsigned i = 0; i < c->slots; i++) {
		struct coverage_slot *s = &c->slot[i];

		if (s->state == COVERAGE_FREE && now >= s->next)
			return -1;	/* one that can be dialed as it is */
		if (s->state != COVERAGE_UP)
			continue;
		others = company(c, i, COVERAGE_UP);
		if (others > most_others) {
			most_others = others;
			most = (int)i;
		}
	}
	if (most < 0)
		return -1;
	to(&c->slot[most], COVERAGE_FREE, now);
	c->slot[most].next = now;
	return most;
}

/* What workers say of themselves is no help: what their events say must do. */
static void
ask_no_more(struct coverage *c)
{
	c->asks = false;
	c->nothing_new = 0;
	for (unsigned i = 0; i < c->slots; i++) {
		c->slot[i].worker = 0;
		c->slot[i].fresh = c->slot[i].state == COVERAGE_UP;
	}
}

static void
contradiction(struct coverage *c)
{
	if (c->asks && ++c->wrong >= COVERAGE_DISTRUST)
		ask_no_more(c);
}

bool
coverage_landed(struct coverage *c, int slot, uint64_t worker, int64_t now)
{
	struct coverage_slot *s = &c->slot[slot];
	bool new_worker;

	to(s, COVERAGE_LANDED, now);
	if (!worker)
		contradiction(c);
	if (!worker || !c->asks)
		return true;
	s->worker = worker;
	new_worker = !company(c, (unsigned)slot, COVERAGE_LANDED);
	landing(c, new_worker);
	if (new_worker || !searching(c))
		return true;
	to(s, COVERAGE_FREE, now);
	s->next = now;
	return false;
}

void
coverage_up(struct coverage *c, int slot, int64_t now)
{
	to(&c->slot[slot], COVERAGE_UP, now);
	c->slot[slot].fresh = !c->slot[slot].worker;
}

void
coverage_lost(struct coverage *c, int slot, int64_t now)
{
	struct coverage_slot *s = &c->slot[slot];
	bool failed = s->state != COVERAGE_UP || now - s->since < COVERAGE_SHORT_MS;
	int64_t wait = COVERAGE_RETRY_MS;

	if (s->state < COVERAGE_UP)
		contradiction(c);	/* perhaps it takes no question before a WebSocket */
	if (s->state == COVERAGE_UP && !company(c, (unsigned)slot, COVERAGE_UP))
		c->nothing_new = 0;
	to(s, COVERAGE_FREE, now);
	s->failures = failed ? s->failures + 1 : 0;
	for (unsigned i = 1; i < s->failures && wait < COVERAGE_RETRY_MAX_MS; i++)
		wait *= 2;
	if (wait > COVERAGE_RETRY_MAX_MS)
		wait = COVERAGE_RETRY_MAX_MS;
	s->next = failed ? now + wait / 2 + (int64_t)(chance(c) % (uint64_t)wait) : now;
}

void
coverage_heard(struct coverage *c, int slot, uint64_t key, int64_t now)
{
	struct coverage_group *empty = NULL;

	for (unsigned i = 0; i < COVERAGE_GROUPS; i++) {
		if (c->group[i].key == key) {
			c->group[i].heard |= 1u << slot;
			return;
		}
		if (!c->group[i].key)
			empty = &c->group[i];
	}
	if (empty)	/* there are enough to learn from otherwise */
		*empty = (struct coverage_group){.key = key, .heard = 1u << slot, .first = now};
}

void
coverage_missed(struct coverage *c, int64_t now)
{
	if (now < c->next_search)
		return;
	c->nothing_new = 0;
	c->next_search = now + c->search_gap;
	c->search_gap = c->search_gap * 2 < COVERAGE_SEARCH_GAP_MAX_MS ? c->search_gap * 2 : COVERAGE_SEARCH_GAP_MAX_MS;
}

/* Was the slot up when the event came, and still is? */
static bool
was_up(const struct coverage *c, const struct coverage_group *g, unsigned slot)
{
	return c->slot[slot].state == COVERAGE_UP && c->slot[slot].since < g->first;
}

/* Does what the workers said agree with who heard it? */
static void
compare(struct coverage *c, const struct coverage_group *g)
{
	uint64_t worker = 0;
	unsigned agree = 0;

	for (unsigned i = 0; i < c->slots; i++)
		if (was_up(c, g, i) && (g->heard & 1u << i) && c->slot[i].worker) {
			if (worker && c->slot[i].worker != worker) {
				contradiction(c);
				return;
			}
			worker = c->slot[i].worker;
			agree++;
		}
	for (unsigned i = 0; worker && i < c->slots; i++)
		if (was_up(c, g, i) && !(g->heard & 1u << i) && c->slot[i].worker == worker) {
			contradiction(c);
			return;
		}
	if (agree > 1)
		c->wrong = 0;
}

/* Those who heard it sit together, those who did not sit elsewhere. */
static void
learn(struct coverage *c, const struct coverage_group *g)
{
	uint64_t worker = 0;
	bool new_worker;
	unsigned i;

	for (i = 0; i < c->slots && !worker; i++)
		if (was_up(c, g, i) && (g->heard & 1u << i))
			worker = c->slot[i].worker;
	new_worker = !worker;
	if (new_worker)
		worker = ++c->learned;
	for (i = 0; i < c->slots; i++) {
		if (!was_up(c, g, i))
			continue;
		if (g->heard & 1u << i)
			c->slot[i].worker = worker;
		else if (c->slot[i].worker == worker)
			c->slot[i].worker = 0;
	}
	for (i = 0; i < c->slots; i++)
		if (c->slot[i].fresh && c->slot[i].worker) {
			c->slot[i].fresh = false;
			landing(c, new_worker);
			new_worker = false;
		}
}

void
coverage_turn(struct coverage *c, int64_t now)
{
	for (unsigned i = 0; i < COVERAGE_GROUPS; i++) {
		struct coverage_group *g = &c->group[i];

		if (!g->key || now < g->first + COVERAGE_ECHO_MS)
			continue;
		if (c->asks)
			compare(c, g);
		else
			learn(c, g);
		g->key = 0;
	}
}

int
coverage_wait(const struct coverage *c, int64_t now)
{
	int64_t at = now + 1000;

	for (unsigned i = 0; i < COVERAGE_GROUPS; i++)
		if (c->group[i].key && c->group[i].first + COVERAGE_ECHO_MS < at)
			at = c->group[i].first + COVERAGE_ECHO_MS;
	for (unsigned i = 0; c->answers && i < c->slots; i++) {
		int64_t due = c->slot[i].next > c->next_dial ? c->slot[i].next : c->next_dial;

		if (c->slot[i].state == COVERAGE_FREE && due < at)
			at = due;
		if (c->slot[i].state == COVERAGE_UP && searching(c) && company(c, i, COVERAGE_UP) && c->next_dial > now && c->next_dial < at)
			at = c->next_dial;
	}
	return at > now ? (int)(at - now) : 0;
}

unsigned
coverage_count(const struct coverage *c)
{
	unsigned n = 0;

	for (unsigned i = 0; i < c->slots; i++)
		n += c->slot[i].state == COVERAGE_UP;
	return n;
}
