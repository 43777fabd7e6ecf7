#include <stdlib.h>
#include <string.h>

#include "broadcaster/topics.h"
#include "lib/record.h"
#include "lib/utf8.h"
#include "lib/xalloc.h"

enum { TABLE_FIRST = 256, KIND_MAX = 32 };

static const char subject_mark = ':';	/* begins the type of a subject: no record type, and behind * in order */

struct topics {
	struct topic **bucket;
	size_t cap, n;
};

/* The words clients say for a record's type. The shown one stands first for its type. */
static const struct {
	const char *said, *type;
} words[] = {
	{"session_events", "session_event"},
	{"system_alerts", "system_alert"},
	{"container_events", "container_event"},
	{"metric", "metrics"},
	{"container", "containers"},
	{"session", "sessions"},
};
enum { WORDS = sizeof words / sizeof words[0], SHOWN = 3 };

static uint64_t
hash_of(uint64_t h, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 0x100000001b3u;
	return h;
}

static const uint64_t hash_start = 0xcbf29ce484222325u;

struct topics *
topics_new(void)
{
	struct topics *t = xcalloc(1, sizeof *t);

	t->cap = TABLE_FIRST;
	t->bucket = xcalloc(t->cap, sizeof(struct topic *));
	return t;
}

void
topics_del(struct topics *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->cap; i++)
		for (struct topic *p = t->bucket[i], *next; p; p = next) {
			next = p->next;
			free(p->wanted_by);
			free(p);
		}
	free(t->bucket);
	free(t);
}

static size_t
type_length(const char *name, size_t len)
{
	size_t n = 0;

	while (n < len && ((name[n] >= 'a' && name[n] <= 'z') ||
	    (n && ((name[n] >= '0' && name[n] <= '9') || name[n] == '_'))))
		n++;
	return n;
}

bool
topics_well_formed(const char *name, size_t len)
{
	size_t n;

	if (len == 1 && *name == '*')
		return true;
	if (len > TOPICS_NAME_MAX || !(n = type_length(name, len)) || n > RECORD_TYPE_MAX)
		return false;
	if (n == len)
		return true;
	if (name[n] != '.' || n + 1 == len || !utf8_valid(name, len))
		return false;
	while (++n < len)
		if (strchr(" \t\n\v\f\r,", name[n]))	/* NUL too */
			return false;
	return true;
}

static struct topic *
lookup(const struct topics *t, uint64_t hash, const char *type, size_t type_len, const char *id, size_t id_len)
{
	struct topic *p = t->bucket[hash & (t->cap - 1)];

	for (; p; p = p->next)
		if (p->hash == hash && p->type_len == type_len && !memcmp(p->key, type, type_len) && !p->id == !id &&
		    (!id || (strlen(p->id) == id_len && !memcmp(p->id, id, id_len))))
			return p;
	return NULL;
}

static uint64_t
key_hash(const char *type, size_t type_len, const char *id, size_t id_len)
{
	uint64_t h = hash_of(hash_start, type, type_len);

	return id ? hash_of(hash_of(h, ".", 1), id, id_len) : h;
}

static void
rehash(struct topics *t)
{
	size_t cap = 2 * t->cap;
	struct topic **b = xcalloc(cap, sizeof(struct topic *));

	for (size_t i = 0; i < t->cap; i++)
		for (struct topic *p = t->bucket[i], *next; p; p = next) {
			next = p->next;
			p->next = b[p->hash & (cap - 1)];
			b[p->hash & (cap - 1)] = p;
		}
	free(t->bucket);
	t->bucket = b;
	t->cap = cap;
}

static struct topic *
intern(struct topics *t, const char *type, size_t type_len, const char *id, size_t id_len)
{
	uint64_t hash = key_hash(type, type_len, id, id_len);
	struct topic *p = lookup(t, hash, type, type_len, id, id_len);

	if (p) {
		p->refs++;
		return p;
	}
	if (t->n >= t->cap)
		rehash(t);
	p = xcalloc(1, sizeof *p + type_len + 1 + id_len + 1);
	p->refs = 1;
	p->hash = hash;
	p->type_len = (uint32_t)type_len;
	memcpy(p->key, type, type_len);
	if (id) {
		p->key[type_len] = '.';
		p->id = memcpy(p->key + type_len + 1, id, id_len);
		p->whole = intern(t, type, type_len, NULL, 0);
		p->next_part = p->whole->parts;
		if (p->next_part)
			p->next_part->prev_part = &p->next_part;
		p->whole->parts = p;
		p->prev_part = &p->whole->parts;
	}
	p->next = t->bucket[hash & (t->cap - 1)];
	t->bucket[hash & (t->cap - 1)] = p;
	t->n++;
	return p;
}

/* A well-formed name as the record's own type and what stands behind the dot. */
static void
split(const char *name, size_t len, const char **type, size_t *type_len, const char **id)
{
	size_t n = *name == '*' ? 1 : type_length(name, len);

	*id = n < len ? name + n + 1 : NULL;
	*type = name;
	*type_len = n;
	for (size_t i = 0; i < WORDS; i++)
		if (strlen(words[i].said) == n && !memcmp(words[i].said, name, n)) {
			*type = words[i].type;
			*type_len = strlen(words[i].type);
			return;
		}
}

struct topic *
topics_intern(struct topics *t, const char *name, size_t len)
{
	const char *type, *id;
	size_t n;

	if (!topics_well_formed(name, len))
		return NULL;
	split(name, len, &type, &n, &id);
	return intern(t, type, n, id, id ? (size_t)(name + len - id) : 0);
}

/* Returns the length. */
static size_t
subject_type(const char *kind, char type[1 + KIND_MAX])
{
	size_t n = strnlen(kind, KIND_MAX);

	type[0] = subject_mark;
	memcpy(type + 1, kind, n);
	return 1 + n;
}

struct topic *
topics_intern_subject(struct topics *t, const char *kind, const char *id, size_t len)
{
	char type[1 + KIND_MAX];

	return intern(t, type, subject_type(kind, type), id, len);
}

struct topic *
topics_find_subject(const struct topics *t, const char *kind, const char *id)
{
	char type[1 + KIND_MAX];

	return topics_find(t, type, subject_type(kind, type), id);
}

bool
topic_is_subject(const struct topic *p)
{
	return p->key[0] == subject_mark;
}

bool
topics_key(const char *name, size_t len, struct strbuf *out)
{
	const char *type, *id;
	size_t n;

	if (!topics_well_formed(name, len))
		return false;
	split(name, len, &type, &n, &id);
	strbuf_add(out, type, n);
	if (id) {
		strbuf_addc(out, '.');
		strbuf_add(out, id, (size_t)(name + len - id));
	}
	return true;
}

void
topics_release(struct topics *t, struct topic *p)
{
	struct topic **at;

	if (!p || --p->refs)
		return;
	for (at = &t->bucket[p->hash & (t->cap - 1)]; *at != p; at = &(*at)->next)
		;
	*at = p->next;
	t->n--;
	if (p->whole) {
		*p->prev_part = p->next_part;
		if (p->next_part)
			p->next_part->prev_part = p->prev_part;
		topics_release(t, p->whole);
	}
	free(p->wanted_by);
	free(p);
}

struct topic *
topics_find(const struct topics *t, const char *type, size_t type_len, const char *id)
{
	size_t id_len = id ? strlen(id) : 0;

	return lookup(t, key_hash(type, type_len, id, id_len), type, type_len, id, id_len);
}

struct topic *
topics_all(const struct topics *t)
{
	return topics_find(t, "*", 1, NULL);
}

bool
topic_is_all(const struct topic *p)
{
	return p->key[0] == '*';
}

bool
topic_is_type(const struct topic *p, const char *type)
{
	return !strncmp(p->key, type, p->type_len) && !type[p->type_len];
}

const char *
topics_type_name(const char *type)
{
	for (size_t i = 0; i < SHOWN; i++)
		if (!strcmp(words[i].type, type))
			return words[i].said;
	return type;
}

void
topic_name(const struct topic *p, struct strbuf *out)
{
	const char *shown = NULL;

	for (size_t i = 0; i < SHOWN && !shown; i++)
		if (topic_is_type(p, words[i].type))
			shown = words[i].said;
	if (!shown) {
		strbuf_adds(out, p->key + topic_is_subject(p));
		return;
	}
	strbuf_adds(out, shown);
	strbuf_adds(out, p->key + p->type_len);
}
