#include <string.h>
#include <strings.h>

#include "broadcaster/bearer.h"

static const char scheme[] = "Bearer", prefix[] = "bearer.";

void
bearer_text(struct bearer *b, const char *token, size_t len)
{
	size_t n = len > AUTH_TOKEN_MAX ? AUTH_TOKEN_MAX + 1 : len;

	if (!n)
		return;
	if (b->len && (b->len != n || memcmp(b->token, token, n) != 0)) {
		b->several = true;
		return;
	}
	b->len = n;
	memcpy(b->token, token, n);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The next of a list with commas, without the blanks around it. False: there is none. */
static bool
next(const char **p, const char *end, const char **one, size_t *len)
{
	const char *comma;

	while (*p < end && (is_blank(**p) || **p == ','))
		++*p;
	if (*p == end)
		return false;
	comma = memchr(*p, ',', (size_t)(end - *p));
	*one = *p;
	*p = comma ? comma : end;
	*len = (size_t)(*p - *one);
	while (*len && is_blank((*one)[*len - 1]))
		--*len;
	return true;
}

void
bearer_authorization(struct bearer *b, const char *value, size_t len)
{
	const char *end = value + len, *one;
	size_t n, skip;

	while (next(&value, end, &one, &n)) {
		skip = sizeof scheme - 1;
		if (n <= skip || strncasecmp(one, scheme, skip) != 0 || !is_blank(one[skip]))
			continue;
		while (is_blank(one[skip]))
			skip++;
		bearer_text(b, one + skip, n - skip);
	}
}

static bool
is_token(const char *one, size_t n)
{
	return n >= sizeof prefix - 1 && !memcmp(one, prefix, sizeof prefix - 1);
}

void
bearer_protocols(struct bearer *b, const char *list, size_t len)
{
	const char *end = list + len, *one;
	size_t n;

	while (next(&list, end, &one, &n))
		if (is_token(one, n))
			bearer_text(b, one + sizeof prefix - 1, n - (sizeof prefix - 1));
}

enum bearer_offer
bearer_offer(const char *list, size_t len, const char *ours)
{
	const char *end = list + len, *one;
	enum bearer_offer offer = OFFER_NONE;
	size_t n;

	while (next(&list, end, &one, &n)) {
		if (n == strlen(ours) && !strncasecmp(one, ours, n))
			return OFFER_OURS;
		if (!is_token(one, n))
			offer = OFFER_OTHER;
	}
	return offer;
}
