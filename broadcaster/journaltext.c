#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broadcaster/journaltext.h"
#include "lib/crc32c.h"

#define TOOL "broadcaster"
#define NAME "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."

enum {
	FORMAT = 1,
	HEAD_SUMMED = 37,	/* bytes under the checksum of the head */
	SECONDS_MAX = 3600,
};

static void
add(struct strbuf *out, char kind, const char *body, size_t len, uint64_t lines)
{
	char head[JOURNALTEXT_HEAD + 1];

	snprintf(head, sizeof head, "%c %08x %016llx %08x ", kind, (unsigned)len, (unsigned long long)lines, crc32c(0, body, len));
	snprintf(head + HEAD_SUMMED, sizeof head - HEAD_SUMMED, "%08x ", crc32c(0, head, HEAD_SUMMED));
	strbuf_reserve(out, JOURNALTEXT_HEAD + len + 1);
	strbuf_add(out, head, JOURNALTEXT_HEAD);
	strbuf_add(out, body, len);
	strbuf_addc(out, '\n');
}

void
journaltext_header(struct strbuf *out, const struct journaltext *t)
{
	struct strbuf b = {0};

	strbuf_addf(&b, "{\"tool\":\"" TOOL "\",\"format\":%d,\"epoch\":\"%s\",\"first\":%llu,\"boot\":\"%s\",\"run\":\"%s\"}", FORMAT, t->epoch,
	    (unsigned long long)t->first, t->boot, t->run);
	add(out, 'H', b.s, b.len, t->lines);
	strbuf_free(&b);
}

void
journaltext_begin(struct strbuf *out, const struct journaltext *t)
{
	struct strbuf b = {0};

	strbuf_addf(&b, "{\"boot\":\"%s\",\"run\":\"%s\"}", t->boot, t->run);
	add(out, 'B', b.s, b.len, t->lines);
	strbuf_free(&b);
}

void
journaltext_event(struct strbuf *out, const char *message, size_t len, uint64_t lines)
{
	add(out, 'E', message, len, lines);
}

void
journaltext_closed(struct strbuf *out, uint64_t lines)
{
	add(out, 'C', "{}", 2, lines);
}

/* n lower-case hex digits and a space behind them. */
static bool
hex(const char *p, size_t n, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < n; i++) {
		const char *digits = "0123456789abcdef", *at = p[i] ? strchr(digits, p[i]) : NULL;

		if (!at)
			return false;
		*out = *out << 4 | (uint64_t)(at - digits);
	}
	return p[n] == ' ';
}

/* A name without anything that would need escaping; what is not there is empty. */
static bool
take_name(struct span body, const char *member, char out[JOURNALTEXT_NAME_MAX + 1])
{
	struct span v = json_member(body, member);

	if (!json_is(v, '"') || v.len - 2 > JOURNALTEXT_NAME_MAX)
		return false;
	for (size_t i = 1; i + 1 < v.len; i++)
		if (!strchr(NAME, v.p[i]) || !v.p[i])
			return false;
	memcpy(out, v.p + 1, v.len - 2);
	out[v.len - 2] = '\0';
	return true;
}

static bool
take_count(struct span v, uint64_t *out)
{
	*out = 0;
	if (!v.p || !v.len)
		return false;
	for (size_t i = 0; i < v.len; i++)
		if (v.p[i] < '0' || v.p[i] > '9' || __builtin_mul_overflow(*out, 10, out) ||
		    __builtin_add_overflow(*out, (uint64_t)(v.p[i] - '0'), out))
			return false;
	return true;
}

static enum journaltext_result
take_header(struct journaltext *t, struct span body)
{
	uint64_t format;

	if (!json_equals(json_member(body, "tool"), TOOL) || !take_count(json_member(body, "format"), &format) || format != FORMAT)
		return JOURNALTEXT_FOREIGN;
	if (t->begun || !take_name(body, "epoch", t->epoch) || !*t->epoch || !take_name(body, "boot", t->boot) ||
	    !take_name(body, "run", t->run) || !take_count(json_member(body, "first"), &t->first) || !t->first)
		return JOURNALTEXT_BAD;
	t->begun = true;
	return JOURNALTEXT_OTHER;
}

static enum journaltext_result
take(struct journaltext *t, char kind, struct span body, struct span *event)
{
	size_t at;

	if (kind == 'E') {
		*event = body;
		return JOURNALTEXT_EVENT;
	}
	if (json_check(body.p, body.len, &at) || !json_is(body, '{'))
		return JOURNALTEXT_BAD;
	switch (kind) {
	case 'H':
		return take_header(t, body);
	case 'B':
		return take_name(body, "boot", t->boot) && take_name(body, "run", t->run) ? JOURNALTEXT_OTHER : JOURNALTEXT_BAD;
	case 'C':
		return JOURNALTEXT_OTHER;
	default:
		return JOURNALTEXT_BAD;
	}
}

enum journaltext_result
journaltext_read(struct journaltext *t, const char *p, size_t len, size_t *used, struct span *event)
{
	enum journaltext_result r;
	uint64_t n, lines, sum, head_sum;

	*used = 0;
	if (len && !t->begun && *p != 'H')
		return JOURNALTEXT_FOREIGN;
	if (len < JOURNALTEXT_HEAD)
		return JOURNALTEXT_MORE;
	if (p[1] != ' ' || !hex(p + 2, 8, &n) || !hex(p + 11, 16, &lines) || !hex(p + 28, 8, &sum) || !hex(p + HEAD_SUMMED, 8, &head_sum) ||
	    head_sum != crc32c(0, p, HEAD_SUMMED) || n > JOURNALTEXT_BODY_MAX)
		return JOURNALTEXT_BAD;
	if (len < JOURNALTEXT_HEAD + n + 1)
		return JOURNALTEXT_MORE;
	if (p[JOURNALTEXT_HEAD + n] != '\n' || crc32c(0, p + JOURNALTEXT_HEAD, n) != sum)
		return JOURNALTEXT_BAD;
	r = take(t, *p, (struct span){p + JOURNALTEXT_HEAD, n}, event);
	if (r == JOURNALTEXT_EVENT || r == JOURNALTEXT_OTHER) {
		t->lines = lines;
		t->clean = *p == 'C';
		*used = JOURNALTEXT_HEAD + n + 1;
	}
	return r;
}

bool
journaltext_from(const char *text, char run[JOURNALTEXT_NAME_MAX + 1], uint64_t *lines)
{
	size_t n = text ? strspn(text, NAME) : 0;

	*run = '\0';
	*lines = 0;
	if (!n || n > JOURNALTEXT_NAME_MAX || text[n] != ':' || !take_count((struct span){text + n + 1, strlen(text + n + 1)}, lines))
		return false;
	memcpy(run, text, n);
	run[n] = '\0';
	return true;
}

bool
journaltext_sync(const char *text, int64_t *ms)
{
	char *end;
	double seconds;

	*ms = !strcmp(text, "none") ? -1 : 0;
	if (*ms < 0 || !strcmp(text, "always"))
		return true;
	if (*text < '0' || *text > '9')
		return false;
	seconds = strtod(text, &end);
	*ms = (int64_t)(seconds * 1000 + 0.5);
	return !*end && seconds >= 1 && seconds <= SECONDS_MAX;
}
