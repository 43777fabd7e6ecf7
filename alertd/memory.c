#include <string.h>

#include "memory.h"

#define MS_LIMIT 4e15	/* no time is further away, either way: sums of two cannot overflow */

static const char *
yes(bool b)
{
	return b ? "true" : "false";
}

static void
dump_clock(const struct judge *j, struct strbuf *out)
{
	strbuf_addf(out, "{\"messages\":%llu", (unsigned long long)j->messages);
	if (j->timed)
		strbuf_addf(out, ",\"newest\":%lld", (long long)j->newest_ms);
	if (j->table.swept)
		strbuf_addf(out, ",\"swept\":%lld", (long long)j->table.swept_ms);
	strbuf_adds(out, "}\n");
}

static void
dump_firing(const struct judge *j, const struct firing *f, struct strbuf *out)
{
	strbuf_addf(out, "{\"rule\":\"%s\",\"name\":", j->rules.v[f->rule].name);
	strbuf_addjson(out, f->name, f->len);
	strbuf_addf(out, ",\"level\":%d,\"active\":%s,\"told\":%s,\"since\":%lld,\"cooldown\":%lld", (int)f->level, yes(f->active), yes(f->told),
	    (long long)f->since_ms, (long long)f->cooldown_ms);
	if (f->demo)
		strbuf_adds(out, ",\"demo\":true");
	if (f->spoke)
		strbuf_addf(out, ",\"spoke\":%lld", (long long)f->spoke_ms);
	strbuf_adds(out, "}\n");
}

static void
dump_watched(const char *rule, const struct watched *w, struct strbuf *out)
{
	strbuf_addf(out, "{\"watch\":\"%s\",\"name\":", rule);
	strbuf_addjson(out, w->name, w->len);
	strbuf_addf(out, ",\"level\":%d,\"limit\":%lld,\"heard\":%lld,\"due\":%lld,\"silent\":%s}\n", (int)w->level, (long long)w->limit_ms,
	    (long long)w->last_ms, (long long)w->due_ms, yes(w->silent));
}

void
memory_dump(struct judge *j, bool all, struct strbuf *out)
{
	dump_clock(j, out);
	for (struct firing *f = all || j->table.changed ? j->table.first : NULL; f; f = f->next) {
		if (all || f->changed)
			dump_firing(j, f, out);
		f->changed = false;
	}
	j->table.changed = j->table.dropped = false;
	for (size_t i = 0; i < j->nwatch; i++)
		for (size_t k = 0; k < j->watch[i].silence.n; k++) {
			struct watched *w = &j->watch[i].silence.v[k];

			if (all || w->changed)
				dump_watched(j->rules.v[j->watch[i].rule].name, w, out);
			w->changed = false;
		}
}

/* A number of a line; false: it is there, and none, or out of bounds. Absent: *out stays. */
static bool
take_number(struct span line, const char *name, double least, double most, int64_t *out)
{
	struct span v = json_member(line, name);
	double d;

	if (!v.p)
		return true;
	if (!json_number(v, &d) || !(d >= least && d <= most) || d != (double)(int64_t)d)
		return false;
	*out = (int64_t)d;
	return true;
}

static bool
is_true(struct span line, const char *name)
{
	return json_is(json_member(line, name), 't');
}

static bool
load_clock(struct judge *j, struct span line)
{
	int64_t messages = (int64_t)j->messages;

	if (!take_number(line, "messages", 0, MS_LIMIT, &messages) || !take_number(line, "newest", -MS_LIMIT, MS_LIMIT, &j->newest_ms) ||
	    !take_number(line, "swept", -MS_LIMIT, MS_LIMIT, &j->table.swept_ms))
		return false;
	j->messages = (uint64_t)messages;
	j->timed = json_member(line, "newest").p != NULL;
	j->table.swept = json_member(line, "swept").p != NULL;
	return true;
}

/* The rule of that name; rules.n: there is none any more. */
static size_t
rule_of(const struct judge *j, struct span name)
{
	size_t i;

	for (i = 0; i < j->rules.n; i++)
		if (json_equals(name, j->rules.v[i].name))
			break;
	return i;
}

/* The name of the line's thing, in j->name. */
static bool
take_name(struct judge *j, struct span line)
{
	strbuf_reset(&j->name);
	strbuf_adds(&j->name, "");
	return json_string(json_member(line, "name"), &j->name) && j->name.len <= JUDGE_NAME_MAX;
}

static bool
load_firing(struct judge *j, struct span line)
{
	size_t rule = rule_of(j, json_member(line, "rule"));
	struct firing got = {.active = is_true(line, "active"), .told = is_true(line, "told")}, *f;
	int64_t level = LEVEL_NONE;

	if (!take_name(j, line) || !take_number(line, "level", LEVEL_NONE, LEVEL_ERROR, &level) ||
	    !take_number(line, "since", -MS_LIMIT, MS_LIMIT, &got.since_ms) || !take_number(line, "cooldown", 0, MS_LIMIT, &got.cooldown_ms) ||
	    !take_number(line, "spoke", -MS_LIMIT, MS_LIMIT, &got.spoke_ms))
		return false;
	if (rule == j->rules.n)
		return true;
	f = cooldown_find(&j->table, j->seed[rule], rule, j->name.s, j->name.len);
	if (!f)
		f = cooldown_add(&j->table, j->seed[rule], rule, j->name.s, j->name.len, j->newest_ms);
	if (!f)
		return true;
	f->active = got.active;
	f->told = got.told;
	f->demo = is_true(line, "demo");
	f->spoke = json_member(line, "spoke").p != NULL;
	f->level = (enum level)level;
	f->since_ms = got.since_ms;
	f->spoke_ms = got.spoke_ms;
	f->cooldown_ms = got.cooldown_ms;
	return true;
}

static bool
load_watched(struct judge *j, struct span line)
{
	size_t rule = rule_of(j, json_member(line, "watch"));
	int64_t level = LEVEL_NONE, limit = 0, heard = 0, due = 0;
	struct watched *w = NULL;

	if (!take_name(j, line) || !take_number(line, "level", LEVEL_NONE, LEVEL_ERROR, &level) ||
	    !take_number(line, "limit", 0, SILENCE_LIMIT_MS, &limit) || !take_number(line, "heard", -MS_LIMIT, MS_LIMIT, &heard) ||
	    !take_number(line, "due", -MS_LIMIT, MS_LIMIT, &due))
		return false;
	for (size_t i = 0; i < j->nwatch; i++)
		if (j->watch[i].rule == rule)
			w = silence_watch(&j->watch[i].silence, j->name.s, j->name.len, limit, heard);
	if (!w)
		return true;
	w->level = (enum level)level;
	w->due_ms = due;
	w->silent = is_true(line, "silent");
	return true;
}

static bool
load_line(struct judge *j, struct recall *r, struct span line)
{
	if (json_member(line, "rule").p)
		return load_firing(j, line);
	if (json_member(line, "watch").p)
		return load_watched(j, line);
	if (json_member(line, "messages").p)
		return load_clock(j, line);
	return recall_load(r, line);
}

/* It is all as it was kept: nothing to dump. */
static void
settle(struct judge *j)
{
	for (struct firing *f = j->table.first; f; f = f->next)
		f->changed = false;
	j->table.changed = j->table.dropped = false;
	for (size_t i = 0; i < j->nwatch; i++) {
		j->watch[i].silence.next_ms = INT64_MIN;	/* who is due is looked for anew */
		for (size_t k = 0; k < j->watch[i].silence.n; k++)
			j->watch[i].silence.v[k].changed = false;
	}
}

bool
memory_load(struct judge *j, struct recall *r, const char *text, size_t len, struct strbuf *why)
{
	const char *end = text + len, *nl;
	unsigned n = 0;
	size_t at;

	for (; text < end; text = nl + 1) {
		nl = memchr(text, '\n', (size_t)(end - text));
		nl = nl ? nl : end;
		n++;
		if (json_check(text, (size_t)(nl - text), &at) || !load_line(j, r, json_trim(text, (size_t)(nl - text)))) {
			strbuf_addf(why, "makes no sense: line %u of what was kept", n);
			return false;
		}
	}
	settle(j);
	return true;
}
