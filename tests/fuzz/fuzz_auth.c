#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broadcaster/auth.h"
#include "broadcaster/bearer.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/*
 * The first byte says what the rest is: a header, a list of subprotocols, a token, claims, a key's file. A secret
 * nobody has signed with lets nothing in.
 */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct auth *secret;
	const char *text = (const char *)data + 1;
	struct bearer b = {0};
	struct strbuf why = {0};
	struct auth *a;
	struct grant g;

	if (!size--)
		return 0;
	if (!secret)
		secret = auth_new("nobody has signed with this, and none will", 42, "kato-live", &why);
	switch (*data % 5) {
	case 0:
		bearer_authorization(&b, text, size);
		break;
	case 1:
		bearer_protocols(&b, text, size);
		bearer_offer(text, size, "kato.v1+json");
		break;
	case 2:
		bearer_text(&b, text, size);
		break;
	case 3:
		auth_claims(text, size, "kato-live", 1700000000000, &g);
		grant_free(&g);
		break;
	case 4:
		a = auth_new(text, size, "kato-live", &why);
		if (!a == !why.len)
			abort();
		auth_del(a);
		break;
	}
	if (b.len && auth_verify(secret, 1700000000000, b.token, b.len, &g) == AUTH_OK)
		abort();
	strbuf_free(&why);
	return 0;
}
