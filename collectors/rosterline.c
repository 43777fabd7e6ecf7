#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/entry.h"
#include "collectors/roster.h"
#include "lib/linebuf.h"
#include "lib/stamp.h"
#include "lib/xalloc.h"

/* What stands around the containers in a line: type, source, aggregated. */
enum { AROUND_MAX = 1024 };

/* A container as it will be written, and what decides who has room. */
struct item {
	const struct roster_entry *e;
	size_t at, len;	/* of its text */
	bool expected;
};

struct items {
	struct item *v;
	size_t n;
	struct strbuf text;
};

/* What there is to write, by name: those with figures, and the expected ones nobody has. */
struct view {
	struct roster_entry **v;
	size_t n;
	struct roster_entry *gaps;
};

static int
by_name(const void *a, const void *b)
{
	const struct roster_entry *x = *(struct roster_entry *const *)a, *y = *(struct roster_entry *const *)b;
	int c = strcmp(x->name, y->name);

	return c ? c : strcmp(x->id, y->id);
}

static int
by_weight(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->expected != y->expected)
		return x->expected ? -1 : 1;
	if (x->e->usage.cpu != y->e->usage.cpu)
		return x->e->usage.cpu > y->e->usage.cpu ? -1 : 1;
	if (x->e->usage.memory != y->e->usage.memory)
		return x->e->usage.memory > y->e->usage.memory ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static void
write_entry(const struct roster_entry *e, int64_t wall, struct strbuf *b)
{
	const char *health = container_health_name(e->health);
	char stamp[STAMP_LEN + 1];

	strbuf_adds(b, "{\"name\":");
	strbuf_addjsons(b, e->name);
	strbuf_addf(b, ",\"id\":\"%s\",\"image\":", e->id);
	strbuf_addjsons(b, e->image);
	strbuf_addf(b, ",\"status\":\"%s\",", container_state_name(e->state));
	if (health)
		strbuf_addf(b, "\"health\":\"%s\",", health);
	usage_write(&e->usage, b);
	strbuf_addf(b, ",\"timestamp\":\"%s\"}", stamp_format(e->stamp ? e->stamp : wall, stamp));
}

size_t
roster_count(const struct roster *r)
{
	size_t n = r->over;

	for (size_t i = 0; i < r->n; i++)
		n += !r->v[i]->gone;
	return n;
}

static bool
is_young(const struct roster_entry *e, int64_t wall)
{
	return e->born && e->state == CONTAINER_CREATED && wall >= e->stamp && wall - e->stamp < ROSTER_BIRTH_MS;
}

static bool
is_there(const struct roster *r, const char *name, int64_t wall)
{
	for (size_t i = 0; i < r->n; i++)
		if (!r->v[i]->gone && !is_young(r->v[i], wall) && !strcmp(r->v[i]->name, name))
			return true;
	return false;
}

/* Asked for earlier in the same list of expected ones? */
static bool
is_repeat(const struct picks *p, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(picks_expected(p, k), picks_expected(p, i)))
			return true;
	return false;
}

static void
view_init(const struct roster *r, int64_t wall, struct view *out)
{
	static char none[1];
	const char *name;
	size_t most = 0;

	while (picks_expected(r->picks, most))
		most++;
	out->gaps = xcalloc(most + 1, sizeof *out->gaps);
	out->v = xcalloc(r->n + most + 1, sizeof *out->v);
	out->n = 0;
	for (size_t i = 0; i < r->n; i++)
		if (!r->v[i]->gone && r->v[i]->measured && !is_young(r->v[i], wall))
			out->v[out->n++] = r->v[i];
	for (size_t i = 0; (name = picks_expected(r->picks, i)); i++) {
		if (is_there(r, name, wall) || is_repeat(r->picks, i))
			continue;
		out->gaps[i] = (struct roster_entry){.id = none, .name = xstrdup(name), .image = none, .state = CONTAINER_MISSING};
		out->v[out->n++] = &out->gaps[i];
	}
	qsort(out->v, out->n, sizeof *out->v, by_name);
}

static void
view_free(const struct roster *r, struct view *w)
{
	for (size_t i = 0; picks_expected(r->picks, i); i++)
		free(w->gaps[i].name);
	free(w->gaps);
	free(w->v);
}

/* The sums of the rounded figures, as the original has them: what is shown adds up. */
static void
write_sums(const struct roster *r, const struct view *w, int64_t wall, struct strbuf *b)
{
	double cpu = 0, used = 0, limit = 0;
	char stamp[STAMP_LEN + 1];

	for (size_t i = 0; i < w->n; i++) {
		cpu += round_to(w->v[i]->usage.cpu, 2);
		used += round_to(w->v[i]->usage.memory / 1048576, 2);
		limit += round_to(w->v[i]->usage.limit / 1048576, 2);
	}
	strbuf_adds(b, "\"aggregated\":{\"total_cpu_percent\":");
	strbuf_addround(b, cpu, 2);
	if (r->cpus >= 1) {
		strbuf_adds(b, ",\"host_cpu_percent\":");
		strbuf_addround(b, fmin(cpu / r->cpus, 100), 2);
		strbuf_adds(b, ",\"online_cpus\":");
		strbuf_addround(b, r->cpus, 0);
	}
	strbuf_adds(b, ",\"total_memory_mb\":");
	strbuf_addround(b, used, 2);
	strbuf_adds(b, ",\"total_memory_limit_mb\":");
	strbuf_addround(b, limit, 2);
	strbuf_adds(b, ",\"total_memory_percent\":");
	strbuf_addround(b, limit > 0 ? used / limit * 100 : 0, 2);
	strbuf_addf(b, ",\"container_count\":%zu,\"timestamp\":\"%s\"}", roster_count(r), stamp_format(wall, stamp));
}

static void
make_items(const struct roster *r, const struct view *w, int64_t wall, struct items *out)
{
	*out = (struct items){.v = xcalloc(w->n + 1, sizeof *out->v)};
	for (size_t i = 0; i < w->n; i++) {
		struct item *t = &out->v[out->n++];

		*t = (struct item){.e = w->v[i], .at = out->text.len, .expected = picks_is_expected(r->picks, w->v[i]->name)};
		write_entry(w->v[i], wall, &out->text);
		t->len = out->text.len - t->at;
	}
}

/* As many as have room; returns how many had none. */
static size_t
write_items(struct items *items, struct strbuf *b)
{
	size_t room = LINE_MAX_BYTES - AROUND_MAX, used = 0, i;

	if (items->text.len + items->n > room)
		qsort(items->v, items->n, sizeof *items->v, by_weight);
	for (i = 0; i < items->n; i++) {
		used += items->v[i].len + 1;
		if (used > room)
			break;
		if (i)
			strbuf_addc(b, ',');
		strbuf_add(b, items->text.s + items->v[i].at, items->v[i].len);
	}
	return items->n - i;
}

void
roster_write(const struct roster *r, const char *source, int64_t wall, struct strbuf *b)
{
	char stamp[STAMP_LEN + 1];
	struct items items;
	struct view view;
	size_t left;

	view_init(r, wall, &view);
	make_items(r, &view, wall, &items);
	strbuf_addf(b, "{\"type\":\"containers\",\"timestamp\":\"%s\",\"source\":", stamp_format(wall, stamp));
	strbuf_addjsons(b, source);
	strbuf_adds(b, ",\"data\":{");
	write_sums(r, &view, wall, b);
	strbuf_adds(b, ",\"containers\":[");
	left = write_items(&items, b) + r->over;
	strbuf_addc(b, ']');
	if (left)
		strbuf_addf(b, ",\"truncated\":%zu", left);
	strbuf_adds(b, "}}\n");
	strbuf_free(&items.text);
	free(items.v);
	view_free(r, &view);
}
