#include <string.h>
#include <strings.h>

#include "broadcaster/access.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Dotted decimal, as browsers write it: four numbers up to 255. */
static bool
is_ipv4(const char *p, size_t n)
{
	int parts = 0, value = -1;

	for (size_t i = 0; i <= n; i++) {
		if (i < n && is_digit(p[i])) {
			value = (value < 0 ? 0 : value) * 10 + p[i] - '0';
			if (value > 255)
				return false;
			continue;
		}
		if (value < 0 || (i < n && p[i] != '.'))
			return false;
		parts++;
		value = -1;
	}
	return parts == 4;
}

static bool
is_ipv6(const char *p, size_t n)	/* in brackets; a loose look is enough: only an address can stand there */
{
	size_t colons = 0;

	if (n < 4 || *p != '[' || p[n - 1] != ']')
		return false;
	for (size_t i = 1; i < n - 1; i++) {
		colons += p[i] == ':';
		if (!strchr("0123456789abcdefABCDEF:.", p[i]) || !p[i])
			return false;
	}
	return colons >= 2;
}

static bool
is_name(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char c = p[i];

		if (!is_digit(c) && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c != '-' && c != '_' && c != '.')
			return false;
		if (c == '.' && (!i || p[i - 1] == '.'))
			return false;
	}
	return n > 0 && n <= 253;
}

bool
access_authority(const char *text, size_t len, struct access_authority *out)
{
	const char *end = text + len, *colon = NULL;
	int port = -1;

	for (const char *p = text; p < end && *p != ']'; p++)
		if (*p == ':' && *text != '[')
			colon = p;
	if (*text == '[' && len) {
		const char *close = memchr(text, ']', len);

		if (close && close + 1 < end) {
			if (close[1] != ':')
				return false;
			colon = close + 1;
		}
	}
	if (colon) {
		if (end - colon < 2 || end - colon > 6)
			return false;
		port = 0;
		for (const char *p = colon + 1; p < end; p++) {
			if (!is_digit(*p))
				return false;
			port = port * 10 + *p - '0';
		}
		if (port < 1 || port > 65535)
			return false;
		len = (size_t)(colon - text);
	}
	*out = (struct access_authority){text, len, port, is_ipv4(text, len) || is_ipv6(text, len)};
	if (out->literal)
		return true;
	if (!is_name(text, len))
		return false;
	if (text[len - 1] == '.')
		out->len--;
	return out->len > 0;
}

static bool
same_name(const struct access_authority *a, const char *name)
{
	return strlen(name) == a->len && !strncasecmp(a->host, name, a->len);
}

static bool
in_list(const struct access_authority *a, const struct strlist *names)
{
	for (size_t i = 0; names && i < names->n; i++)
		if (same_name(a, names->v[i]))
			return true;
	return false;
}

bool
access_host(const struct access_rules *rules, const char *host)
{
	struct access_authority a;

	if (!host || !access_authority(host, strlen(host), &a))
		return false;
	return a.literal || same_name(&a, "localhost") || in_list(&a, rules->server_names) || in_list(&a, &rules->host_names);
}

static bool
is_https(const char *origin)
{
	return !strncasecmp(origin, "https:", 6);
}

/* Takes "http://host:port" apart; the port is the scheme's where none is said. */
static bool
parse_origin(const char *text, size_t len, struct access_authority *out)
{
	size_t skip;

	if (len > 7 && !strncasecmp(text, "http://", 7))
		skip = 7;
	else if (len > 8 && !strncasecmp(text, "https://", 8))
		skip = 8;
	else
		return false;
	if (!access_authority(text + skip, len - skip, out))
		return false;
	if (out->port < 0)
		out->port = skip == 7 ? 80 : 443;
	return true;
}

static bool
is_listed(const char *cors, const char *origin)
{
	size_t n, len = strlen(origin);

	for (; cors && *cors; cors += n) {
		cors += strspn(cors, " \t,");
		n = strcspn(cors, " \t,");
		if (n == 1 && *cors == '*')
			return true;
		if (n > 0 && (n == len || (n == len + 1 && cors[len] == '/')) && !strncasecmp(cors, origin, len))
			return true;
	}
	return false;
}

enum access_origin
access_origin(const struct access_rules *rules, const char *origin, const char *host, bool https)
{
	struct access_authority from, us;

	if (!origin)
		return ORIGIN_NONE;
	if (!parse_origin(origin, strlen(origin), &from))
		return ORIGIN_MALFORMED;
	if (host && (!https || is_https(origin)) && access_authority(host, strlen(host), &us) && us.len == from.len &&
	    !strncasecmp(us.host, from.host, us.len) &&
	    (us.port == from.port || (us.port < 0 && (from.port == 80 || from.port == 443))))
		return ORIGIN_OWN;
	return is_listed(rules->cors, origin) ? ORIGIN_LISTED : ORIGIN_FOREIGN;
}

bool
access_origin_ok(enum access_origin o)
{
	return o == ORIGIN_NONE || o == ORIGIN_OWN || o == ORIGIN_LISTED;
}
