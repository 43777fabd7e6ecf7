#include <stdio.h>
#include <stdlib.h>

#include "lib/linebuf.h"
#include "lib/stamp.h"
#include "tell.h"

static const char *const level_names[] = {
	[LEVEL_NONE] = "info", [LEVEL_INFO] = "info", [LEVEL_WARNING] = "warning", [LEVEL_ERROR] = "error"};

/* As Python's round() has it: the decimal nearest to what the double really is. */
static double
rounded(double v, int decimals)
{
	char t[400];

	if (decimals < 0)
		return v;
	snprintf(t, sizeof t, "%.*f", decimals, v);
	return strtod(t, NULL) + 0.0;
}

static void
add_value(struct strbuf *out, const struct rule *r, struct span value)
{
	const struct rule_level *l = &r->level[0];
	double d;

	if (json_number(value, &d)) {
		strbuf_adds(out, ",\"value\":");
		strbuf_addnum(out, rounded(d, r->decimals));
	}
	if (l->op != RULE_ALWAYS && !l->word) {
		strbuf_adds(out, ",\"threshold\":");
		strbuf_addnum(out, l->number);
	}
}

static void
add_key(struct strbuf *out, const struct rule *r, const struct firing *f)
{
	struct strbuf key = {0};

	strbuf_adds(&key, r->name);
	if (f->len) {
		strbuf_addc(&key, '_');
		strbuf_add(&key, f->name, f->len);
	}
	strbuf_adds(out, ",\"key\":");
	strbuf_addjson(out, key.s, key.len);
	strbuf_free(&key);
}

/* The members that by and with name. Only what is there, and is a scalar of bearable size. */
static void
add_members(struct strbuf *out, const struct rule *r, const struct firing *f, const struct text_facts *facts)
{
	struct strbuf plain = {0};

	if (r->by_member && f->len) {
		strbuf_addf(out, ",\"%s\":", r->by_member);
		strbuf_addjson(out, f->name, f->len);
	}
	for (size_t i = 0; i < r->nwith; i++) {
		const struct rule_path *from = &r->with[i].from;
		struct span v = facts->at(facts->ctx, from->top, from->slot);

		if (!v.p || json_is(v, '{') || json_is(v, '[') || json_is(v, 'n'))
			continue;
		if (!json_is(v, '"') && v.len > TEXT_CLIP)
			continue;
		strbuf_addf(out, ",\"%s\":", r->with[i].name);
		strbuf_reset(&plain);
		text_plain(v, &plain);
		if (json_is(v, '"'))
			strbuf_addjson(out, plain.len ? plain.s : "", plain.len);
		else
			strbuf_add(out, plain.s, plain.len);
	}
	strbuf_free(&plain);
}

void
tell_alert(struct strbuf *out, const struct rule *r, const struct firing *f, enum level level, bool resolved,
    const struct text *message, const struct text_facts *facts)
{
	struct strbuf text = {0};
	char since[STAMP_LEN + 1];

	text_render(message, facts, &text);
	strbuf_addf(out, "{\"level\":\"%s\",\"type\":\"%s\",\"message\":", level_names[resolved ? LEVEL_INFO : level], r->name);
	strbuf_addjsons(out, text.len ? text.s : r->name);
	strbuf_free(&text);
	add_value(out, r, facts->value);
	strbuf_addf(out, ",\"state\":\"%s\",\"since\":\"%s\"", resolved ? "resolved" : "firing", stamp_format(f->since_ms, since));
	add_key(out, r, f);
	add_members(out, r, f, facts);
	strbuf_addc(out, '}');
}

static void
begin(struct tell *t)
{
	char stamp[STAMP_LEN + 1];

	t->open = true;
	t->begun = t->out->len;
	strbuf_addf(t->out, "{\"type\":\"system_alert\",\"id\":\"alert_%lld_%llu\",\"timestamp\":\"%s\",\"source\":\"alertd\",%s\"alerts\":[",
	    (long long)t->ms, (unsigned long long)++*t->count, stamp_format(t->ms, stamp), t->demo ? "\"demo\":true," : "");
}

void
tell_add(struct tell *t, const struct strbuf *alert)
{
	if (t->open && t->out->len - t->begun + alert->len + 4 > LINE_MAX_BYTES)
		tell_end(t);
	if (t->open)
		strbuf_addc(t->out, ',');
	else
		begin(t);
	strbuf_add(t->out, alert->s, alert->len);
}

void
tell_end(struct tell *t)
{
	if (t->open)
		strbuf_adds(t->out, "]}\n");
	t->open = false;
}
