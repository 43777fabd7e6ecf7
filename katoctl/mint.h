#ifndef KATOCTL_MINT_H
#define KATOCTL_MINT_H

/* Signs JSON Web Tokens (RFC 7519): HS256 with a secret, RS256 or ES256 with a private key in PEM. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/settings.h"

struct mint {
	const struct strlist *topics;	/* none: the claim is left out */
	const char *audience;		/* NULL: likewise */
	int64_t now, until;		/* seconds; until 0: it never runs out */
};

/* Appends the token. key as its file holds it; of a secret a newline at the end is no part. False: why. */
bool mint(const struct mint *, const char *key, size_t len, struct strbuf *out, struct strbuf *why);

#endif
