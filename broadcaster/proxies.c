#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "broadcaster/proxies.h"
#include "lib/xalloc.h"

enum { TEXT_MAX = 64 };	/* an address, its brackets and port */

const unsigned char proxies_unix[16];

bool
proxies_is_unix(const unsigned char addr[16])
{
	return !memcmp(addr, proxies_unix, sizeof proxies_unix);
}

/* An address alone, NUL-terminated. */
static bool
parse(const char *text, unsigned char out[16])
{
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

	memcpy(out, mapped, sizeof mapped);
	return inet_pton(AF_INET, text, out + 12) == 1 || inet_pton(AF_INET6, text, out) == 1;
}

/* Digits only, at most max; -1: it is not that. */
static int
number(const char *p, int max)
{
	int v = 0;

	if (!*p || strlen(p) > 5)
		return -1;
	for (; *p; p++) {
		if (*p < '0' || *p > '9')
			return -1;
		v = 10 * v + (*p - '0');
	}
	return v <= max ? v : -1;
}

bool
proxies_add(struct proxies *l, const char *text)
{
	struct proxies_net net = {.bits = 128};
	char copy[TEXT_MAX], *slash;
	int bits;

	if (strlen(text) >= sizeof copy)
		return false;
	strncpy(copy, text, sizeof copy);
	slash = strchr(copy, '/');
	if (slash)
		*slash = '\0';
	if (strcmp(text, "unix") != 0) {
		bool v6 = strchr(copy, ':') != NULL;

		if (!parse(copy, net.addr) || proxies_is_unix(net.addr))
			return false;
		bits = slash ? number(slash + 1, v6 ? 128 : 32) : v6 ? 128 : 32;
		if (bits < 0)
			return false;
		net.bits = (unsigned)bits + (v6 ? 0 : 96);
	}
	l->v = xreallocarray(l->v, l->n + 1, sizeof *l->v);
	l->v[l->n++] = net;
	return true;
}

void
proxies_free(struct proxies *l)
{
	free(l->v);
	*l = (struct proxies){0};
}

static bool
is_in(const struct proxies_net *net, const unsigned char addr[16])
{
	unsigned whole = net->bits / 8, rest = net->bits % 8;
	unsigned mask = 0xffu << (8 - rest) & 0xffu;

	return !memcmp(net->addr, addr, whole) && (!rest || (net->addr[whole] & mask) == (addr[whole] & mask));
}

bool
proxies_trusts(const struct proxies *l, const unsigned char addr[16])
{
	bool is_unix = proxies_is_unix(addr);

	for (size_t i = 0; i < l->n; i++)
		if (is_in(&l->v[i], addr) && (!is_unix || l->v[i].bits == 128))
			return true;
	return false;
}

bool
proxies_address(const char *text, size_t len, unsigned char out[16])
{
	char copy[TEXT_MAX], *colon, *end;

	if (!len || len >= sizeof copy || memchr(text, '\0', len))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (*copy == '[') {
		end = strchr(copy, ']');
		if (!end || (end[1] && (end[1] != ':' || number(end + 2, 65535) < 0)))
			return false;
		*end = '\0';
		return strchr(copy + 1, ':') && parse(copy + 1, out);
	}
	colon = strchr(copy, ':');
	if (colon && !strchr(colon + 1, ':')) {	/* IPv4 with a port: IPv6 has two colons at least */
		if (number(colon + 1, 65535) < 0)
			return false;
		*colon = '\0';
	}
	return parse(copy, out);
}

/* The last element of the list text[0, *len), which is cut off it; false: it was empty. */
static bool
cut_last(const char *text, size_t *len, const char **element, size_t *n)
{
	size_t end = *len, begin;

	if (!end)
		return false;
	for (begin = end; begin && text[begin - 1] != ','; begin--)
		;
	*len = begin ? begin - 1 : 0;
	while (begin < end && (text[begin] == ' ' || text[begin] == '\t'))
		begin++;
	while (end > begin && (text[end - 1] == ' ' || text[end - 1] == '\t'))
		end--;
	*element = text + begin;
	*n = end - begin;
	return true;
}

bool
proxies_client(const struct proxies *l, const unsigned char peer[16], const char *forwarded_for, unsigned char out[16])
{
	size_t left = forwarded_for ? strlen(forwarded_for) : 0, n;
	unsigned char addr[16];
	bool forwarded = false;
	const char *element;

	memcpy(out, peer, 16);
	while (proxies_trusts(l, out) && cut_last(forwarded_for, &left, &element, &n)) {
		if (!n)
			continue;	/* RFC 9110 5.6.1: empty elements do not count */
		if (!proxies_address(element, n, addr) || proxies_is_unix(addr))
			return forwarded;
		memcpy(out, addr, 16);
		forwarded = true;
	}
	return forwarded;
}

const char *
proxies_text(const unsigned char addr[16], char out[PROXIES_TEXT])
{
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

	if (proxies_is_unix(addr))
		memcpy(out, "unix", sizeof "unix");
	else if (!memcmp(addr, mapped, sizeof mapped))
		inet_ntop(AF_INET, addr + 12, out, PROXIES_TEXT);
	else
		inet_ntop(AF_INET6, addr, out, PROXIES_TEXT);
	return out;
}
