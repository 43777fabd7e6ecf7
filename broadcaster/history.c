#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broadcaster/history.h"
#include "lib/stamp.h"
#include "lib/strbuf.h"
#include "lib/xalloc.h"

enum { MAX_BUCKETS = 1 << 16, EPOCH_MAX = 64 };

struct entry {
	struct event event;
	struct entry *next_in_bucket;
	uint64_t hash;		/* of type and id; 0: no id */
	const char *id;
	size_t id_len;
	size_t size;		/* of the whole allocation */
	char text[];		/* type, NUL, id, message, NUL */
};

struct history {
	char epoch[EPOCH_MAX + 1];
	struct entry **ring;	/* by offset modulo max_count */
	size_t max_count, max_bytes, bytes;
	uint64_t oldest, newest;	/* oldest is newest + 1 when nothing is kept */
	struct entry **bucket;
	size_t nbuckets;	/* a power of two */
	struct strbuf message, id;	/* of the event being added */
};

struct history *
history_new(const char *epoch, size_t max_count, size_t max_bytes)
{
	struct history *h = xcalloc(1, sizeof *h);
	size_t n = strlen(epoch);

	memcpy(h->epoch, epoch, n > EPOCH_MAX ? EPOCH_MAX : n);
	h->max_count = max_count ? max_count : 1;
	h->max_bytes = max_bytes;
	h->oldest = 1;
	h->ring = xcalloc(h->max_count, sizeof *h->ring);
	for (h->nbuckets = 16; h->nbuckets < h->max_count && h->nbuckets < MAX_BUCKETS; h->nbuckets *= 2)
		;
	h->bucket = xcalloc(h->nbuckets, sizeof *h->bucket);
	return h;
}

static struct entry *
entry_at(const struct history *h, uint64_t offset)
{
	return offset >= h->oldest && offset <= h->newest ? h->ring[offset % h->max_count] : NULL;
}

static void
push_out_oldest(struct history *h)
{
	struct entry *e = entry_at(h, h->oldest), **p;

	if (e->hash) {
		for (p = &h->bucket[e->hash & (h->nbuckets - 1)]; *p != e; p = &(*p)->next_in_bucket)
			;
		*p = e->next_in_bucket;
	}
	h->bytes -= e->size;
	h->oldest++;
	free(e);
}

void
history_del(struct history *h)
{
	if (!h)
		return;
	while (h->oldest <= h->newest)
		push_out_oldest(h);
	strbuf_free(&h->message);
	strbuf_free(&h->id);
	free(h->ring);
	free(h->bucket);
	free(h);
}

/* Never 0. */
static uint64_t
hash_of(struct span type, const char *id, size_t len)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < type.len; i++)
		h = (h ^ (unsigned char)type.p[i]) * 1099511628211u;
	h = (h ^ 0xff) * 1099511628211u;
	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)id[i]) * 1099511628211u;
	h ^= h >> 32;
	return h ? h : 1;
}

static bool
is_repeat(const struct history *h, struct span type, uint64_t hash)
{
	const struct entry *e = h->bucket[hash & (h->nbuckets - 1)];

	for (; e; e = e->next_in_bucket)
		if (e->hash == hash && e->id_len == h->id.len && !memcmp(e->id, h->id.s, h->id.len) &&
		    strlen(e->event.type) == type.len && !memcmp(e->event.type, type.p, type.len))
			return true;
	return false;
}

/* A member of the message that is not as the record has it. */
struct edit {
	const char *name;
	struct span old;	/* replaced where it stands; p NULL: the member goes in front of the last brace */
	const char *text;	/* NULL: nothing to do */
};

/* The time as clients get it, quotes included; NULL: the record says it just so. */
static const char *
quoted_stamp(const struct record *r, int64_t ms, char buf[STAMP_LEN + 3])
{
	stamp_format(ms, buf + 1);
	buf[0] = buf[STAMP_LEN + 1] = '"';
	buf[STAMP_LEN + 2] = '\0';
	return r->stamped && r->timestamp.len == STAMP_LEN + 2 && !memcmp(r->timestamp.p, buf, STAMP_LEN + 2) ? NULL : buf;
}

static void
build_message(struct history *h, const struct record *r, int64_t ms, uint64_t offset)
{
	char stamp[STAMP_LEN + 3], number[32];
	struct edit edits[] = {
		{"timestamp", r->timestamp, quoted_stamp(r, ms, stamp)},
		{"offset", json_member(r->line, "offset"), number},
	};
	const char *p = r->line.p, *end = p + r->line.len - 1;
	bool turned = edits[0].old.p && edits[1].old.p && edits[1].old.p < edits[0].old.p;
	struct strbuf *m = &h->message;

	snprintf(number, sizeof number, "%llu", (unsigned long long)offset);
	strbuf_reset(m);
	for (int i = 0; i < 2; i++) {
		const struct edit *e = &edits[turned ? 1 - i : i];

		if (!e->text || !e->old.p)
			continue;
		strbuf_add(m, p, (size_t)(e->old.p - p));
		strbuf_adds(m, e->text);
		p = e->old.p + e->old.len;
	}
	strbuf_add(m, p, (size_t)(end - p));
	for (int i = 0; i < 2; i++)
		if (edits[i].text && !edits[i].old.p)
			strbuf_addf(m, ",\"%s\":%s", edits[i].name, edits[i].text);
	strbuf_addc(m, '}');
}

static struct entry *
entry_new(const struct history *h, const struct record *r, uint64_t hash)
{
	size_t id_len = hash ? h->id.len : 0, size = sizeof(struct entry) + r->type.len + 1 + id_len + h->message.len + 1;
	struct entry *e = xmalloc(size);
	char *p = e->text;

	*e = (struct entry){.hash = hash, .id_len = id_len, .size = size};
	memcpy(p, r->type.p, r->type.len);
	p[r->type.len] = '\0';
	e->event.type = p;
	p += r->type.len + 1;
	e->id = p;
	if (id_len)
		memcpy(p, h->id.s, id_len);
	p += id_len;
	memcpy(p, h->message.s, h->message.len + 1);
	e->event.message = p;
	e->event.len = h->message.len;
	return e;
}

static void
keep(struct history *h, struct entry *e)
{
	struct entry **b = &h->bucket[e->hash & (h->nbuckets - 1)];

	while (h->oldest <= h->newest &&
	    (h->newest - h->oldest + 1 >= h->max_count || h->bytes + e->size > h->max_bytes))
		push_out_oldest(h);
	h->newest = e->event.offset;
	h->ring[h->newest % h->max_count] = e;
	h->bytes += e->size;
	if (e->hash) {
		e->next_in_bucket = *b;
		*b = e;
	}
}

/* h->message as the newest event. */
static const struct event *
keep_message(struct history *h, const struct record *r, int64_t ms, uint64_t hash)
{
	struct entry *e = entry_new(h, r, hash);

	e->event.offset = h->newest + 1;
	e->event.ms = ms;
	e->event.demo = r->demo;
	keep(h, e);
	return &e->event;
}

const struct event *
history_add(struct history *h, const struct record *r, int64_t now_ms)
{
	int64_t ms = r->stamped ? r->ms : now_ms;
	uint64_t hash = 0;

	strbuf_reset(&h->id);
	if (json_string(r->id, &h->id)) {
		hash = hash_of(r->type, h->id.s, h->id.len);
		if (is_repeat(h, r->type, hash))
			return NULL;
	}
	build_message(h, r, ms, h->newest + 1);
	return keep_message(h, r, ms, hash);
}

void
history_continue(struct history *h, uint64_t newest)
{
	h->newest = newest;
	h->oldest = newest + 1;
}

bool
history_restore(struct history *h, const struct record *r)
{
	struct span offset = json_member(r->line, "offset");
	char number[32];
	int n = snprintf(number, sizeof number, "%llu", (unsigned long long)h->newest + 1);

	if (!r->stamped || offset.len != (size_t)n || memcmp(offset.p, number, offset.len) != 0)
		return false;
	strbuf_reset(&h->id);
	strbuf_reset(&h->message);
	strbuf_add(&h->message, r->line.p, r->line.len);
	keep_message(h, r, r->ms, json_string(r->id, &h->id) ? hash_of(r->type, h->id.s, h->id.len) : 0);
	return true;
}

uint64_t
history_newest(const struct history *h)
{
	return h->newest;
}

uint64_t
history_oldest(const struct history *h)
{
	return h->oldest;
}

const struct event *
history_at(const struct history *h, uint64_t offset)
{
	struct entry *e = entry_at(h, offset);

	return e ? &e->event : NULL;
}

bool
history_reaches(const struct history *h, uint64_t offset)
{
	return offset <= h->newest && offset + 1 >= h->oldest;
}

const char *
history_epoch(const struct history *h)
{
	return h->epoch;
}

size_t
history_bytes(const struct history *h)
{
	return h->bytes;
}
