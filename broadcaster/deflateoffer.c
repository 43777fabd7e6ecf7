#include <string.h>

#include "broadcaster/deflate.h"
#include "broadcaster/deflateoffer.h"
#include "lib/strbuf.h"

enum { BITS_LEAST = 8, BITS_MOST = 15, WORD_MAX = 32, NO_BITS = -1 };

/* The client's own two are taken whatever they say: it is answered not to keep its window, and ours takes any. */
enum parameter { SERVER_NO_TAKEOVER, CLIENT_NO_TAKEOVER, SERVER_BITS, CLIENT_BITS, PARAMETERS };

static const struct {
	const char *name;
	bool value, valueless;	/* may have one; may have none */
} parameters[PARAMETERS] = {
	[SERVER_NO_TAKEOVER] = {"server_no_context_takeover", false, true},
	[CLIENT_NO_TAKEOVER] = {"client_no_context_takeover", false, true},
	[SERVER_BITS] = {"server_max_window_bits", true, false},
	[CLIENT_BITS] = {"client_max_window_bits", true, true},
};

static void
skip_space(const char **p)
{
	*p += strspn(*p, " \t");
}

/* A token (RFC 7230 3.2.6). False: there is none, or it is too long to be known. */
static bool
token(const char **p, char out[WORD_MAX])
{
	size_t n = strspn(*p, "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

	if (!n || n >= WORD_MAX)
		return false;
	memcpy(out, *p, n);
	out[n] = '\0';
	*p += n;
	return true;
}

/* A token, or one in quotes, in which any character may have a backslash in front. */
static bool
value(const char **p, char out[WORD_MAX])
{
	char bare[WORD_MAX];
	const char *at = bare;
	size_t n = 0;

	if (**p != '"')
		return token(p, out);
	for (++*p; **p && **p != '"'; ++*p) {
		if (**p == '\\' && !*++*p)
			return false;
		if (n == WORD_MAX - 1)
			return false;
		bare[n++] = **p;
	}
	bare[n] = '\0';
	if (**p != '"' || !token(&at, out) || *at)
		return false;
	++*p;
	return true;
}

/* 8 to 15 without a leading zero; else 0. */
static int
window_bits(const char *s)
{
	int bits = 0;

	if (strspn(s, "0123456789") != strlen(s) || strlen(s) > 2 || *s == '0')
		return 0;
	while (*s)
		bits = 10 * bits + (*s++ - '0');
	return bits >= BITS_LEAST && bits <= BITS_MOST ? bits : 0;
}

/* One parameter, from behind its semicolon. */
static bool
parameter(const char **p, bool seen[PARAMETERS], int *server_bits)
{
	char name[WORD_MAX], text[WORD_MAX];
	int i, bits = NO_BITS;

	skip_space(p);
	if (!token(p, name))
		return false;
	skip_space(p);
	if (**p == '=') {
		++*p;
		skip_space(p);
		if (!value(p, text))
			return false;
		bits = window_bits(text);
		skip_space(p);
	}
	for (i = 0; i < PARAMETERS && strcmp(parameters[i].name, name) != 0; i++)
		;
	if (i == PARAMETERS || seen[i])
		return false;
	seen[i] = true;
	if (i == SERVER_BITS)
		*server_bits = bits;
	return bits == NO_BITS ? parameters[i].valueless : parameters[i].value && bits;
}

/* One offer; p need not reach its end. */
static enum frame_form
take(const char **p)
{
	char name[WORD_MAX];
	bool seen[PARAMETERS] = {false};
	int bits = BITS_MOST;

	skip_space(p);
	if (!token(p, name) || strcmp(name, "permessage-deflate") != 0)
		return FRAME_PLAIN;
	skip_space(p);
	while (**p == ';') {
		++*p;
		if (!parameter(p, seen, &bits))
			return FRAME_PLAIN;
	}
	if ((**p && **p != ',') || bits < DEFLATE_NARROW_BITS)
		return FRAME_PLAIN;
	return bits < BITS_MOST ? FRAME_NARROW : FRAME_WIDE;
}

/* The comma behind an offer, which may have others in quotes; or the end. */
static const char *
end_of_offer(const char *p)
{
	bool quoted = false;

	for (; *p && (quoted || *p != ','); p++) {
		if (quoted && *p == '\\' && p[1])
			p++;
		else if (*p == '"')
			quoted = !quoted;
	}
	return p;
}

enum frame_form
deflateoffer_take(const char *header)
{
	for (;;) {
		const char *end = end_of_offer(header);
		enum frame_form form = take(&header);

		if (form != FRAME_PLAIN || !*end)
			return form;
		header = end + 1;
	}
}

const char *
deflateoffer_answer(enum frame_form form)
{
	if (form == FRAME_NARROW)
		return "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12";
	return "; server_no_context_takeover; client_no_context_takeover";
}
