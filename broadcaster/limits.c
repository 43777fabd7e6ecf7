#include <stdlib.h>
#include <string.h>

#include "broadcaster/limits.h"
#include "lib/xalloc.h"

enum { TABLE_FIRST = 64 };

struct address {
	unsigned char addr[16];
	uint32_t clients;
	bool used;
	uint64_t refused;	/* since it was said */
	int64_t say_ms;		/* not before: the next word about it */
	struct limits_bucket bucket;
};

struct limits_addresses {
	struct address *v;
	size_t cap, n;
};

/* What is still spent at now, where one unit is forgiven per 1000 / (per_second) ms. */
static int64_t
spent_at(const struct limits_bucket *b, int64_t per_second, int64_t now)
{
	int64_t ms = now - b->ms, forgiven;

	if (ms <= 0 || !b->spent)
		return b->spent;
	if (ms > 3600000)
		return 0;
	forgiven = ms * per_second / 1000;
	return forgiven >= b->spent ? 0 : b->spent - forgiven;
}

/* False: there is no room for cost; then nothing is spent. */
static bool
spend(struct limits_bucket *b, int64_t cost, int64_t per_second, int64_t burst, int64_t now)
{
	int64_t spent = spent_at(b, per_second, now);

	/* less than a unit forgiven: keep the older time, or a fast sender is never forgiven anything */
	if (spent != b->spent || !spent) {
		b->spent = spent;
		b->ms = now;
	}
	if (spent + cost > burst)
		return false;
	b->spent += cost;
	return true;
}

enum limits_verdict
limits_message(struct limits_talk *t, int64_t per_second, int64_t burst, int64_t now)
{
	if (spend(&t->bucket, LIMITS_MESSAGE, per_second * LIMITS_MESSAGE, burst * LIMITS_MESSAGE, now)) {
		if (t->bucket.spent <= LIMITS_MESSAGE)
			t->ignored = 0;
		return LIMITS_OK;
	}
	if (++t->ignored > LIMITS_IGNORED_MAX)
		return LIMITS_CLOSE;
	if (now < t->say_ms)
		return LIMITS_IGNORE;
	t->say_ms = now + LIMITS_SAY_MS;
	return LIMITS_SAY;
}

void
limits_forgive(struct limits_talk *t)
{
	t->bucket.spent -= LIMITS_MESSAGE - LIMITS_IDLE;
	if (t->bucket.spent < 0)
		t->bucket.spent = 0;
}

struct limits_addresses *
limits_addresses_new(void)
{
	struct limits_addresses *t = xcalloc(1, sizeof *t);

	t->cap = TABLE_FIRST;
	t->v = xcalloc(t->cap, sizeof *t->v);
	return t;
}

void
limits_addresses_del(struct limits_addresses *t)
{
	if (!t)
		return;
	free(t->v);
	free(t);
}

static bool
is_mapped(const unsigned char a[16])
{
	static const unsigned char prefix[12] = {[10] = 0xff, [11] = 0xff};

	return !memcmp(a, prefix, sizeof prefix);
}

bool
limits_is_loopback(const unsigned char a[16])
{
	static const unsigned char one[16] = {[15] = 1};

	return is_mapped(a) ? a[12] == 127 : !memcmp(a, one, sizeof one);
}

static void
normal(const unsigned char from[16], unsigned char to[16])
{
	memcpy(to, from, 16);
	if (!is_mapped(from) && !limits_is_loopback(from))
		memset(to + 8, 0, 8);
}

static struct address *
slot_of(struct address *v, size_t cap, const unsigned char a[16])
{
	uint64_t h = 0xcbf29ce484222325u;
	size_t i;

	for (int k = 0; k < 16; k++)
		h = (h ^ a[k]) * 0x100000001b3u;
	for (i = (h ^ h >> 32) & (cap - 1); v[i].used && memcmp(v[i].addr, a, 16) != 0; i = (i + 1) & (cap - 1))
		;
	return &v[i];
}

static const struct address *
find(const struct limits_addresses *t, const unsigned char addr[16])
{
	unsigned char a[16];

	normal(addr, a);
	return slot_of(t->v, t->cap, a);
}

/* Drops those who are not connected and were quiet for a while; all who are not connected, if that is not enough. */
static void
resize(struct limits_addresses *t, int64_t now)
{
	struct limits_addresses to = {.cap = t->cap};
	size_t keep = 0, connected = 0;
	bool all;

	for (size_t i = 0; i < t->cap; i++) {
		connected += t->v[i].used && t->v[i].clients;
		keep += t->v[i].used && (t->v[i].clients || now - t->v[i].bucket.ms < 10000);
	}
	all = keep > LIMITS_ADDRESSES_MAX;
	if (all)
		keep = connected;
	while (2 * (keep + 1) >= to.cap)
		to.cap *= 2;
	to.v = xcalloc(to.cap, sizeof *to.v);
	for (size_t i = 0; i < t->cap; i++) {
		const struct address *a = &t->v[i];

		if (a->used && (a->clients || (!all && now - a->bucket.ms < 10000))) {
			*slot_of(to.v, to.cap, a->addr) = *a;
			to.n++;
		}
	}
	free(t->v);
	*t = to;
}

static struct address *
obtain(struct limits_addresses *t, const unsigned char addr[16], int64_t now)
{
	unsigned char a[16];
	struct address *s;

	normal(addr, a);
	s = slot_of(t->v, t->cap, a);
	if (s->used)
		return s;
	if (2 * (t->n + 1) >= t->cap) {
		resize(t, now);
		s = slot_of(t->v, t->cap, a);
	}
	memcpy(s->addr, a, 16);
	s->used = true;
	s->bucket = (struct limits_bucket){.ms = now};
	t->n++;
	return s;
}

bool
limits_connect(struct limits_addresses *t, const unsigned char addr[16], int64_t per_second, int64_t now)
{
	if (!per_second)
		return true;
	return spend(&obtain(t, addr, now)->bucket, 1, per_second, 2 * per_second, now);
}

size_t
limits_clients(const struct limits_addresses *t, const unsigned char addr[16])
{
	const struct address *a = find(t, addr);

	return a->used ? a->clients : 0;
}

void
limits_join(struct limits_addresses *t, const unsigned char addr[16], int64_t now)
{
	obtain(t, addr, now)->clients++;
}

void
limits_short(struct limits_addresses *t, const unsigned char addr[16], int64_t per_second, int64_t now)
{
	spend(&obtain(t, addr, now)->bucket, 1, per_second, LIMITS_OWED_SECONDS * per_second, now);
}

bool
limits_rested(const struct limits_addresses *t, const unsigned char addr[16], int64_t per_second, int64_t now)
{
	const struct address *a = find(t, addr);

	return !per_second || !a->used || spent_at(&a->bucket, per_second, now) < 2 * per_second;
}

bool
limits_say(struct limits_addresses *t, const unsigned char addr[16], int64_t now, uint64_t *refused)
{
	struct address *a = obtain(t, addr, now);

	*refused = ++a->refused;
	if (now < a->say_ms)
		return false;
	a->say_ms = now + LIMITS_SAY_ADDRESS_MS;
	a->refused = 0;
	return true;
}

void
limits_leave(struct limits_addresses *t, const unsigned char addr[16])
{
	struct address *a;
	unsigned char n[16];

	normal(addr, n);
	a = slot_of(t->v, t->cap, n);
	if (a->used && a->clients)
		a->clients--;
}
