#include <stdlib.h>
#include <string.h>

#include "lib/xalloc.h"
#include "text.h"

enum { MAX_DECIMALS = 9, MAX_PATH = 128 };

static struct text_part *
add_part(struct text *t, enum text_kind kind, const char *s, size_t len)
{
	struct text_part *p;

	t->part = xreallocarray(t->part, t->n + 1, sizeof *t->part);
	p = &t->part[t->n++];
	*p = (struct text_part){.kind = kind, .s = xmemdup0(s, len), .factor = 1, .decimals = -1};
	return p;
}

static enum text_kind
kind_of(const char *s, size_t len)
{
	static const struct {
		const char *word;
		enum text_kind kind;
	} words[] = {{"value", TEXT_VALUE}, {"threshold", TEXT_THRESHOLD}, {"name", TEXT_NAME}, {"for", TEXT_FOR}};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strlen(words[i].word) == len && !memcmp(words[i].word, s, len))
			return words[i].kind;
	return TEXT_PATH;
}

/* What stands behind a name: *FACTOR, :DECIMALS, or both. */
static bool
parse_format(struct text_part *p, const char *s, const char *end)
{
	char *stop;

	if (s < end && *s == '*') {
		p->factor = strtod(s + 1, &stop);
		if (stop == s + 1 || stop > end)
			return false;
		s = stop;
	}
	if (s < end && *s == ':') {
		if (end - s != 2 || s[1] < '0' || s[1] > '0' + MAX_DECIMALS)
			return false;
		p->decimals = s[1] - '0';
		s += 2;
	}
	return s == end;
}

/* A place, from behind its opening brace: behind its closing one, or NULL. */
static const char *
parse_place(struct text *t, const char *s, struct strbuf *why)
{
	const char *end = strchr(s, '}');
	struct text_part *p = NULL;
	size_t len;

	if (!end) {
		strbuf_addf(why, "{%s: no closing brace", s);
		return NULL;
	}
	len = strcspn(s, "*:}");
	if (len > (*s == '.') && len < MAX_PATH && !memchr(s, ' ', len) && !memchr(s, '{', len)) {
		p = add_part(t, kind_of(s, len), s + (*s == '.'), len - (*s == '.'));
		p->top = *s == '.';
	}
	if (!p || !parse_format(p, s + len, end)) {
		strbuf_addf(why, "{%.*s}: not a place; {value}, {value:1}, {value*100:1}, {name}, {for} are", (int)(end - s), s);
		return NULL;
	}
	return end + 1;
}

bool
text_parse(const char *s, struct text *out, struct strbuf *why)
{
	struct text t = {0};
	size_t len;

	while (*s) {
		if (*s != '{') {
			len = strcspn(s, "{");
			add_part(&t, TEXT_LITERAL, s, len);
			s += len;
		} else if (s[1] == '{') {
			add_part(&t, TEXT_LITERAL, s, 1);
			s += 2;
		} else if (!(s = parse_place(&t, s + 1, why))) {
			text_free(&t);
			return false;
		}
	}
	*out = t;
	return true;
}

void
text_free(struct text *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->part[i].s);
	free(t->part);
	*t = (struct text){0};
}

void
text_duration(int64_t ms, struct strbuf *out)
{
	long long s = ms > 0 ? (long long)(ms / 1000) : 0;

	if (s < 60)
		strbuf_addf(out, "%llds", s);
	else if (s < 3600)
		strbuf_addf(out, "%lldm %llds", s / 60, s % 60);
	else if (s < 86400)
		strbuf_addf(out, "%lldh %lldm", s / 3600, s / 60 % 60);
	else
		strbuf_addf(out, "%lldd %lldh", s / 86400, s / 3600 % 24);
}

/* At most TEXT_CLIP bytes, cut between characters. */
static void
add_clipped(struct strbuf *out, const char *s, size_t len)
{
	if (len > TEXT_CLIP)
		for (len = TEXT_CLIP; len && ((unsigned char)s[len] & 0xc0) == 0x80;)
			len--;
	strbuf_add(out, s, len);
}

void
text_plain(struct span v, struct strbuf *out)
{
	struct strbuf b = {0};

	if (!json_is(v, '"'))
		add_clipped(out, v.p, v.len);
	else if (json_string(v, &b))
		add_clipped(out, b.s, b.len);
	strbuf_free(&b);
}

static void
add_value(const struct text_part *p, struct span v, struct strbuf *out)
{
	double d;

	if (!v.p || json_is(v, 'n') || json_is(v, '{') || json_is(v, '['))
		strbuf_adds(out, "unknown");
	else if ((p->decimals < 0 && p->factor == 1) || !json_number(v, &d))
		text_plain(v, out);
	else if (p->decimals < 0)
		strbuf_addnum(out, d * p->factor);
	else
		strbuf_addf(out, "%.*f", p->decimals, d * p->factor);
}

static void
add_threshold(const struct text_part *p, double threshold, struct strbuf *out)
{
	if (p->decimals < 0)
		strbuf_addnum(out, threshold * p->factor);
	else
		strbuf_addf(out, "%.*f", p->decimals, threshold * p->factor);
}

void
text_render(const struct text *t, const struct text_facts *f, struct strbuf *out)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct text_part *p = &t->part[i];

		switch (p->kind) {
		case TEXT_LITERAL: strbuf_adds(out, p->s); break;
		case TEXT_VALUE: add_value(p, f->value, out); break;
		case TEXT_THRESHOLD: add_threshold(p, f->threshold, out); break;
		case TEXT_NAME: add_clipped(out, f->name, f->name_len); break;
		case TEXT_FOR: text_duration(f->for_ms, out); break;
		case TEXT_PATH: add_value(p, f->at(f->ctx, p->top, p->slot), out); break;
		}
	}
}
