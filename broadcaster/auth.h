#ifndef BROADCASTER_AUTH_H
#define BROADCASTER_AUTH_H

/*
 * JSON Web Tokens (RFC 7519, signed as RFC 7515 says), checked by libjwt against one key. The kind of
 * key fixes the algorithm, whatever a token's header says (RFC 8725 3.1): a secret is HS256's, an RSA
 * public key RS256's, one of the curve P-256 ES256's. Pure: the bytes of the key and the time are handed in.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broadcaster/grant.h"

enum {
	AUTH_TOKEN_MAX = 3072,		/* bytes */
	AUTH_KEY_MAX = 16384,
	AUTH_SECRET_GOOD = 32,		/* bytes; a shorter secret can be guessed from a token (RFC 7518 3.2) */
	AUTH_RSA_BITS = 2048,		/* and more (RFC 7518 3.3) */
};

struct auth;

/*
 * The key as its file holds it: a public key in PEM ("BEGIN PUBLIC KEY"), or else a secret, a newline behind it
 * not counted. audience: what "aud" must name where a token has it. NULL: why says what is wrong.
 */
struct auth *auth_new(const char *key, size_t len, const char *audience, struct strbuf *why);
void auth_del(struct auth *);
const char *auth_algorithm(const struct auth *);	/* "HS256", "RS256", "ES256" */
bool auth_weak(const struct auth *);			/* a secret shorter than AUTH_SECRET_GOOD */
bool auth_same(const struct auth *, const struct auth *);	/* the same key; NULL is none */

enum auth_fault {
	AUTH_OK,
	AUTH_MISSING,		/* no token */
	AUTH_SEVERAL,		/* different ones in different places */
	AUTH_TOO_LONG,
	AUTH_MALFORMED,		/* not three parts of base64url, header and claims being JSON objects */
	AUTH_ALGORITHM,		/* another than the key's, "none" among them */
	AUTH_TYPE,		/* typ is there and not JWT, which libjwt wants */
	AUTH_CRITICAL,		/* its header says that something we do not know must be understood */
	AUTH_SIGNATURE,
	AUTH_EXPIRED,		/* exp: that second has begun */
	AUTH_EARLY,		/* nbf: not yet; no leeway in either */
	AUTH_AUDIENCE,
	AUTH_CLAIM,		/* exp, nbf, aud or topics is not of the kind it must be */
};

/*
 * Checks a token. With AUTH_OK *out says what it grants: until its exp, limited to its claim "topics", an
 * array of names or one text of names separated by commas; without that claim everything. Else it is empty.
 */
enum auth_fault auth_verify(const struct auth *, int64_t now_ms, const char *token, size_t len, struct grant *out);
/* The claims alone, as JSON, once the signature was good. */
enum auth_fault auth_claims(const char *json, size_t len, const char *audience, int64_t now_ms, struct grant *out);
/* In words, for who sent it; tells nothing of the token or the key. */
const char *auth_reason(enum auth_fault);

#endif
