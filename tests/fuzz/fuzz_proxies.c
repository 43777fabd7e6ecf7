/* A line of trusted proxies, a peer, an X-Forwarded-For: whoever is found stands in the header and nothing untrusted behind. */

#include <stdlib.h>
#include <string.h>

#include "broadcaster/proxies.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static char *
line(char **rest)
{
	char *end, *p = *rest;

	if (!p)
		return NULL;
	end = strchr(p, '\n');
	if (end)
		*end++ = '\0';
	*rest = end;
	return p;
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	char *text = malloc(len + 1), *rest = text, *list, *peer_text, *header, *at, *one;
	unsigned char peer[16], client[16], a[16];
	struct proxies p = {0};
	bool told, found = false;

	if (len)
		memcpy(text, data, len);
	text[len] = '\0';
	list = line(&rest);
	peer_text = line(&rest);
	header = line(&rest);
	for (one = strtok_r(list, " ", &at); one; one = strtok_r(NULL, " ", &at))
		proxies_add(&p, one);
	if (!peer_text || !proxies_address(peer_text, strlen(peer_text), peer))
		memcpy(peer, proxies_unix, 16);
	told = proxies_client(&p, peer, header, client);
	if (told && !proxies_trusts(&p, peer))
		abort();
	if (!told && memcmp(peer, client, 16) != 0)
		abort();
	for (one = told ? strtok_r(header, ", \t", &at) : NULL; one; one = strtok_r(NULL, ", \t", &at)) {
		if (!proxies_address(one, strlen(one), a))
			continue;
		found = found || !memcmp(a, client, 16);
	}
	if (told && !found)
		abort();
	proxies_free(&p);
	free(text);
	return 0;
}
