#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/xalloc.h"
#include "recall.h"

void
recall_free(struct recall *r)
{
	free(r->v);
	strbuf_free(&r->text);
	*r = (struct recall){0};
}

void
recall_begin(struct recall *r)
{
	if (r->n)
		r->v[0] = (struct recall_line){.hash = r->v[r->n - 1].hash};
	r->n = r->n > 0;
	strbuf_reset(&r->text);
}

void
recall_add(struct recall *r, uint64_t hash, const char *added, size_t len)
{
	if (r->n == r->cap) {
		r->cap = r->cap ? r->cap * 2 : 64;
		r->v = xreallocarray(r->v, r->cap, sizeof *r->v);
	}
	r->v[r->n++] = (struct recall_line){.hash = hash, .at = r->text.len, .len = len};
	strbuf_add(&r->text, added, len);
}

/* Could those that came, and then this one, be the ones from there on? */
static bool
could_be(const struct recall *r, size_t from, uint64_t hash)
{
	if (from + r->matched >= r->n || r->v[from + r->matched].hash != hash)
		return false;
	for (size_t i = 0; i < r->matched; i++)
		if (r->v[from + i].hash != r->v[r->from + i].hash)
			return false;
	return true;
}

/*
 * Where lines are alike, the earliest place counts until a line contradicts it: an alert that is said twice has the same
 * id and is taken once, one that is not said is lost.
 */
bool
recall_follow(struct recall *r, uint64_t hash, struct span *added)
{
	for (size_t from = r->from; r->on && from < r->n; from++) {
		const struct recall_line *l;

		if (!could_be(r, from, hash))
			continue;
		l = &r->v[from + r->matched++];
		r->from = from;
		r->on = from + r->matched < r->n;
		*added = (struct span){l->len ? r->text.s + l->at : "", l->len};
		return true;
	}
	r->on = false;
	return false;
}

void
recall_dump(const struct recall *r, struct strbuf *out)
{
	char hex[HASH_HEX + 1];

	strbuf_adds(out, "{\"lines\":\"");
	strbuf_reserve(out, r->n * HASH_HEX);
	for (size_t i = 0; i < r->n; i++)
		strbuf_add(out, hash_hex(r->v[i].hash, hex), HASH_HEX);
	strbuf_adds(out, "\"}\n");
	for (size_t i = 0; i < r->n; i++) {
		if (!r->v[i].len)
			continue;
		strbuf_addf(out, "{\"behind\":%zu,\"added\":", i);
		strbuf_addjson(out, r->text.s + r->v[i].at, r->v[i].len);
		strbuf_adds(out, "}\n");
	}
}

void
recall_dump_written(struct strbuf *out)
{
	strbuf_adds(out, "{\"written\":true}\n");
}

static bool
load_lines(struct recall *r, struct span hashes)
{
	const char *p = hashes.p + 1, *end = hashes.p + hashes.len - 1;
	uint64_t hash;

	if (!json_is(hashes, '"') || (end - p) % HASH_HEX || (end - p) / HASH_HEX > RECALL_MAX)
		return false;
	r->n = r->from = r->matched = 0;
	strbuf_reset(&r->text);
	for (; p < end; p += HASH_HEX) {
		if (hash_unhex(p, &hash) < 0)
			return false;
		recall_add(r, hash, "", 0);
	}
	r->on = r->n > 0;
	return true;
}

static bool
load_added(struct recall *r, struct span behind, struct span added)
{
	struct recall_line *l;
	double i;
	size_t at = r->text.len;

	if (!json_number(behind, &i) || !(i >= 0) || !(i < (double)r->n) || !json_string(added, &r->text))
		return false;
	l = &r->v[(size_t)i];
	l->at = at;
	l->len = r->text.len - at;
	return l->len && r->text.s[r->text.len - 1] == '\n';
}

bool
recall_load(struct recall *r, struct span line)
{
	struct span lines = json_member(line, "lines"), behind = json_member(line, "behind");

	if (lines.p)
		return load_lines(r, lines);
	if (behind.p)
		return load_added(r, behind, json_member(line, "added"));
	if (json_member(line, "written").p)
		recall_begin(r);
	return true;
}
