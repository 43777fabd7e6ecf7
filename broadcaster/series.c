#include <stdlib.h>
#include <string.h>

#include "broadcaster/series.h"
#include "broadcaster/track.h"
#include "lib/xalloc.h"

enum { BUCKETS = 512, NAMED = 8, OUTRANKED_MS = 60000 };

static const char *const names[NAMED] = {
	"kato_cpu_usage_percent", "kato_memory_usage_percent", "kato_requests_per_second", "kato_error_rate",
	"kato_average_response_time", "kato_active_sessions", "containers_cpu_percent", "containers_memory_percent",
};

/* Where a series comes from. Of several places the first that had a value lately counts, so that two sources never mix. */
static const struct source {
	int series;
	const char *type, *path;
} sources[] = {
	{0, "metrics", "resources.cpu_percent"},
	{1, "metrics", "resources.memory_percent"},
	{2, "metrics", "requests.per_second"},
	{2, "metrics", "rates.requests_per_second"},
	{3, "metrics", "performance.error_rate"},
	{4, "metrics", "performance.average_response_time"},
	{5, "sessions", "active_count"},
	{5, "metrics", "sessions.active"},
	{6, "containers", "aggregated.total_cpu_percent"},
	{7, "containers", "aggregated.total_memory_percent"},
};

enum { SOURCES = sizeof sources / sizeof sources[0] };

struct container {
	struct container *next;
	char *name;
	int64_t seen;		/* when it last gave a value, by our clock */
	struct track cpu, memory;
};

struct series_set {
	struct track track[NAMED];
	int64_t heard[SOURCES];		/* when each last had a value, by our clock; 0: never */
	struct container *bucket[BUCKETS];
	size_t n;
	int64_t swept;
	uint64_t version;
};

struct series_set *
series_new(void)
{
	return xcalloc(1, sizeof(struct series_set));
}

static void
container_del(struct container *c)
{
	track_free(&c->cpu);
	track_free(&c->memory);
	free(c->name);
	free(c);
}

void
series_del(struct series_set *s)
{
	struct container *c, *next;

	if (!s)
		return;
	for (int i = 0; i < NAMED; i++)
		track_free(&s->track[i]);
	for (int i = 0; i < BUCKETS; i++)
		for (c = s->bucket[i]; c; c = next) {
			next = c->next;
			container_del(c);
		}
	free(s);
}

static struct container **
find(struct series_set *s, const char *name)
{
	struct container **p;
	uint32_t h = 2166136261u;

	for (const char *q = name; *q; q++)
		h = (h ^ (unsigned char)*q) * 16777619u;
	for (p = &s->bucket[h % BUCKETS]; *p && strcmp((*p)->name, name) != 0; p = &(*p)->next)
		;
	return p;
}

/* Drops what gave no value since before, at most n of them; the oldest first where n is 1. */
static void
drop_stale(struct series_set *s, int64_t before, size_t n)
{
	struct container **oldest, **p, *c;

	while (n--) {
		oldest = NULL;
		for (int i = 0; i < BUCKETS; i++)
			for (p = &s->bucket[i]; *p; p = &(*p)->next)
				if ((*p)->seen < before && (!oldest || (*p)->seen < (*oldest)->seen))
					oldest = p;
		if (!oldest)
			return;
		c = *oldest;
		*oldest = c->next;
		container_del(c);
		s->n--;
	}
}

/* NULL: there is no room. *full remembers that for the rest of a record. */
static struct container *
container_of(struct series_set *s, const char *name, int64_t now, bool *full)
{
	struct container **p = find(s, name), *known = *p;

	if (known)
		return known;
	if (s->n >= SERIES_CONTAINERS && !*full) {
		drop_stale(s, now - SERIES_STALE_MS, 1);
		p = find(s, name);
	}
	*full = s->n >= SERIES_CONTAINERS;
	if (*full)
		return NULL;
	*p = xcalloc(1, sizeof **p);
	(*p)->name = xstrdup(name);
	s->n++;
	return *p;
}

static void
take_containers(struct series_set *s, struct span list, int64_t ms, int64_t now)
{
	struct json_iter it = json_iter(list);
	struct strbuf name = {0};
	struct container *c;
	bool full = false;
	struct span one;
	double v;

	if (now - s->swept > SERIES_STALE_MS || now < s->swept) {
		drop_stale(s, now - SERIES_DAY_MS, SERIES_CONTAINERS);
		s->swept = now;
	}
	while (json_is(list, '[') && json_next_element(&it, &one)) {
		strbuf_reset(&name);
		if (!json_string(json_member(one, "name"), &name) || !name.len || name.len > SERIES_NAME_MAX)
			continue;
		c = container_of(s, name.s, now, &full);
		if (!c)
			continue;
		c->seen = now;
		if (json_number(json_member(one, "cpu"), &v))
			track_add(&c->cpu, ms, v);
		if (json_number(json_path(one, "memory.usage_mb"), &v))
			track_add(&c->memory, ms, v);
	}
	strbuf_free(&name);
}

/* Has a better source of the same series spoken lately? */
static bool
outranked(const struct series_set *s, int source, int64_t now)
{
	for (int i = 0; i < source; i++)
		if (sources[i].series == sources[source].series && s->heard[i] && now >= s->heard[i] && now - s->heard[i] < OUTRANKED_MS)
			return true;
	return false;
}

void
series_take(struct series_set *s, const char *type, struct span data, int64_t ms, int64_t now)
{
	double v;

	if (ms > now + SERIES_AHEAD_MS || ms < now - SERIES_DAY_MS || !json_is(data, '{'))
		return;
	s->version++;
	for (int i = 0; i < SOURCES; i++) {
		if (strcmp(sources[i].type, type) != 0 || !json_number(json_path(data, sources[i].path), &v))
			continue;
		if (!outranked(s, i, now))
			track_add(&s->track[sources[i].series], ms, v);
		s->heard[i] = now;
	}
	if (!strcmp(type, "containers"))
		take_containers(s, json_member(data, "containers"), ms, now);
}

/* Is a name one of "a,b,c"? NULL asks for all. */
static bool
asked(const char *only, const char *name)
{
	size_t len = strlen(name), n;

	for (const char *p = only; p; p = p[n] ? p + n + 1 : NULL) {
		n = strcspn(p, ",");
		if (n == len && !memcmp(p, name, n))
			return true;
	}
	return !only;
}

static void
add_container(const struct container *c, const char *what, const struct track *t, int64_t from, int64_t to, const char *only, struct strbuf *out)
{
	struct strbuf name = {0};

	strbuf_addf(&name, "container.%s.%s", c->name, what);
	if (t->newest > from && asked(only, name.s)) {
		if (out->s[out->len - 1] != '{')
			strbuf_addc(out, ',');
		strbuf_addjson(out, name.s, name.len);
		strbuf_addc(out, ':');
		track_json(t, from, to, out);
	}
	strbuf_free(&name);
}

/* Whose series it is: the type that comes first. */
static const char *
type_of(int series)
{
	for (size_t i = 0; i < SOURCES; i++)
		if (sources[i].series == series)
			return sources[i].type;
	return "";
}

void
series_json(const struct series_set *s, int minutes, int64_t now, const char *only, const struct grant *grant,
    struct strbuf *out)
{
	int64_t from = now - (int64_t)minutes * 60000, to = now + SERIES_AHEAD_MS;

	strbuf_addc(out, '{');
	for (int i = 0; i < NAMED; i++) {
		if (!asked(only, names[i]) || !grant_type(grant, type_of(i)))
			continue;
		strbuf_addf(out, "%s\"%s\":", out->s[out->len - 1] == '{' ? "" : ",", names[i]);
		track_json(&s->track[i], from, to, out);
	}
	for (int i = 0; i < BUCKETS; i++)
		for (const struct container *c = s->bucket[i]; c; c = c->next) {
			if (!grant_part(grant, "containers", c->name))
				continue;
			add_container(c, "cpu_percent", &c->cpu, from, to, only, out);
			add_container(c, "memory_mb", &c->memory, from, to, only, out);
		}
	strbuf_addc(out, '}');
}

size_t
series_containers(const struct series_set *s)
{
	return s->n;
}

uint64_t
series_version(const struct series_set *s)
{
	return s->version;
}
