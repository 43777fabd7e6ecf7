#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "broadcaster/query.h"
#include "lib/stamp.h"

enum { SHOWN_MAX = 60 };	/* bytes of a bad value in a message */

const char *
query_text(const struct query *q, const char *name)
{
	size_t len = strlen(name);
	const char *found = NULL;

	for (size_t i = 0; i < q->n; i++)
		if (!strncmp(q->v[i], name, len) && q->v[i][len] == '=')
			found = q->v[i] + len + 1;
	return found && *found ? found : NULL;
}

static bool
refuse(struct strbuf *why, const char *name, const char *value, const char *what)
{
	size_t len = strlen(value);

	strbuf_addf(why, "%s: ", name);
	strbuf_addjson(why, value, len > SHOWN_MAX ? SHOWN_MAX : len);
	strbuf_addf(why, " is not %s", what);
	return false;
}

/* Decimal digits alone, at most max. */
static bool
whole_number(const char *s, unsigned long long max, unsigned long long *out)
{
	unsigned long long v = 0;

	if (!*s)
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9' || __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (unsigned long long)(*s - '0'), &v))
			return false;
	}
	*out = v;
	return v <= max;
}

bool
query_int(const struct query *q, const char *name, long long min, long long max, long long otherwise, long long *out,
    struct strbuf *why)
{
	const char *text = query_text(q, name);
	struct strbuf range = {0};
	unsigned long long v;

	*out = otherwise;
	if (!text)
		return true;
	if (whole_number(text, (unsigned long long)max, &v) && (long long)v >= min) {
		*out = (long long)v;
		return true;
	}
	strbuf_addf(&range, "a whole number from %lld to %lld", min, max);
	refuse(why, name, text, range.s);
	strbuf_free(&range);
	return false;
}

bool
query_choice(const struct query *q, const char *name, const char *words, const char **out, struct strbuf *why)
{
	const char *text = *out = query_text(q, name), *p;
	struct strbuf what = {0};
	size_t n, len;

	if (!text)
		return true;
	len = strlen(text);
	for (p = words; *p; p += n + (p[n] != '\0')) {
		n = strcspn(p, "|");
		if (n == len && !memcmp(p, text, n))
			return true;
	}
	strbuf_adds(&what, "one of ");
	for (p = words; *p; p++) {
		strbuf_addc(&what, *p == '|' ? ',' : *p);
		if (*p == '|')
			strbuf_addc(&what, ' ');
	}
	refuse(why, name, text, what.s);
	strbuf_free(&what);
	return false;
}

bool
query_clamped(const struct query *q, const char *name, long long min, long long max, long long otherwise, long long *out,
    struct strbuf *why)
{
	const char *text = query_text(q, name), *digits = text && *text == '-' ? text + 1 : text;
	unsigned long long v;

	*out = otherwise;
	if (!text)
		return true;
	if (!*digits || digits[strspn(digits, "0123456789")])
		return refuse(why, name, text, "a whole number");
	if (digits > text)
		*out = min;	/* ranges begin at 0 or above */
	else if (!whole_number(text, (unsigned long long)max, &v))
		*out = max;
	else
		*out = (long long)v < min ? min : (long long)v;
	return true;
}

bool
query_flag(const struct query *q, const char *name, bool *out, struct strbuf *why)
{
	static const char *const words[] = {"true", "false", "1", "0", "yes", "no", "on", "off", "y", "n", "t", "f"};
	const char *text = query_text(q, name);

	*out = false;
	for (size_t i = 0; text && i < sizeof words / sizeof words[0]; i++)
		if (!strcasecmp(text, words[i])) {
			*out = i % 2 == 0;
			return true;
		}
	return !text || refuse(why, name, text, "true or false");
}

bool
query_name(const struct query *q, const char *name, const char **out, struct strbuf *why)
{
	const char *text = *out = query_text(q, name);
	size_t n = text ? strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") : 0;

	if (!text || (!text[n] && n <= QUERY_NAME_MAX))
		return true;
	return refuse(why, name, text, "a name of at most 64 letters, digits, dots, dashes and underscores");
}

/* Could this be the name of an epoch, of ours or another? */
static bool
is_epoch(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!((s[i] >= '0' && s[i] <= '9') || (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z')))
			return false;
	return n > 0;
}

bool
query_since(const struct query *q, const char *epoch, struct query_since *out, struct strbuf *why)
{
	const char *text = query_text(q, "since"), *colon;
	unsigned long long v;

	*out = (struct query_since){0, INT64_MIN};
	if (!text || stamp_parse(text, strlen(text), &out->ms))
		return true;
	colon = strrchr(text, ':');
	if (!whole_number(colon ? colon + 1 : text, UINT64_MAX, &v) || (colon && !is_epoch(text, (size_t)(colon - text))))
		return refuse(why, "since", text, "an offset, EPOCH:OFFSET or a time such as 2026-11-20T22:04:45.000Z");
	if (!colon || (strlen(epoch) == (size_t)(colon - text) && !memcmp(epoch, text, strlen(epoch))))
		out->offset = v;
	return true;
}
