#include <errno.h>
#include <jwt.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "broadcaster/auth.h"
#include "lib/json.h"
#include "lib/xalloc.h"

struct auth {
	jwt_alg_t algorithm;
	char *audience;
	size_t len;
	char key[];
};

/* An encrypted file is refused, not asked about at the terminal. */
static int
no_password(char *buf, int size, int writing, void *user)
{
	(void)buf, (void)size, (void)writing, (void)user;
	return -1;
}

/* JWT_ALG_INVAL: why says what is wrong. */
static jwt_alg_t
algorithm_of(EVP_PKEY *key, struct strbuf *why)
{
	char curve[64] = "";

	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_RSA:
		if (EVP_PKEY_get_bits(key) >= AUTH_RSA_BITS)
			return JWT_ALG_RS256;
		strbuf_addf(why, "an RSA key of %d bits: %d are the least", EVP_PKEY_get_bits(key), AUTH_RSA_BITS);
		break;
	case EVP_PKEY_EC:
		EVP_PKEY_get_group_name(key, curve, sizeof curve, NULL);
		if (!strcmp(curve, "prime256v1"))
			return JWT_ALG_ES256;
		strbuf_addf(why, "a key of the curve %s: ES256 is of P-256 (prime256v1)", *curve ? curve : "?");
		break;
	default:
		strbuf_adds(why, "neither an RSA key nor one of the curve P-256");
	}
	return JWT_ALG_INVAL;
}

static jwt_alg_t
read_pem(const char *key, size_t len, struct strbuf *why)
{
	BIO *bio = BIO_new_mem_buf(key, (int)len);
	EVP_PKEY *public = bio ? PEM_read_bio_PUBKEY(bio, NULL, no_password, NULL) : NULL;
	jwt_alg_t algorithm = JWT_ALG_INVAL;

	if (public)
		algorithm = algorithm_of(public, why);
	else if (memmem(key, len, "PRIVATE KEY-----", 16))
		strbuf_adds(why, "a private key: who only checks tokens has the public one (openssl pkey -pubout)");
	else if (memmem(key, len, "BEGIN CERTIFICATE-----", 22))
		strbuf_adds(why, "a certificate: its public key is wanted (openssl x509 -noout -pubkey)");
	else
		strbuf_adds(why, "not a public key in PEM (BEGIN PUBLIC KEY)");
	EVP_PKEY_free(public);
	BIO_free(bio);
	ERR_clear_error();
	return algorithm;
}

/* A public key is known to all: one in a form we do not read must not pass for a secret. */
static bool
is_foreign_key(const char *key, size_t len)
{
	static const char *const begin[] = {"ssh-", "ecdsa-", "---- BEGIN", "{\"k", "{ \"k"};
	const unsigned char *p = (const unsigned char *)key;
	EVP_PKEY *der = d2i_PUBKEY(NULL, &p, (long)len);

	EVP_PKEY_free(der);
	ERR_clear_error();
	for (size_t i = 0; i < sizeof begin / sizeof begin[0]; i++)
		if (len > strlen(begin[i]) && !memcmp(key, begin[i], strlen(begin[i])))
			return true;
	return der != NULL;
}

static size_t
without_newline(const char *key, size_t len)
{
	if (len && key[len - 1] == '\n')
		len--;
	if (len && key[len - 1] == '\r')
		len--;
	return len;
}

struct auth *
auth_new(const char *key, size_t len, const char *audience, struct strbuf *why)
{
	jwt_alg_t algorithm = JWT_ALG_HS256;
	struct auth *a;

	if (len && memmem(key, len, "-----BEGIN", 10))
		algorithm = read_pem(key, len, why);
	else if (!(len = without_newline(key, len)))
		strbuf_adds(why, "empty");
	else if (is_foreign_key(key, len))
		strbuf_adds(why, "a public key, but not in PEM (BEGIN PUBLIC KEY)");
	if (why->len)
		return NULL;
	a = xcalloc(1, sizeof *a + len + 1);
	a->algorithm = algorithm;
	a->audience = xstrdup(audience);
	a->len = len;
	memcpy(a->key, key, len);
	return a;
}

void
auth_del(struct auth *a)
{
	if (!a)
		return;
	explicit_bzero(a->key, a->len);
	free(a->audience);
	free(a);
}

const char *
auth_algorithm(const struct auth *a)
{
	return jwt_alg_str(a->algorithm);
}

bool
auth_weak(const struct auth *a)
{
	return a->algorithm == JWT_ALG_HS256 && a->len < AUTH_SECRET_GOOD;
}

bool
auth_same(const struct auth *a, const struct auth *b)
{
	return a == b || (a && b && a->len == b->len && !memcmp(a->key, b->key, a->len));
}

static int
digit_of(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *p = c ? strchr(digits, c) : NULL;

	return p ? (int)(p - digits) : -1;
}

/* base64url without padding (RFC 7515 2), and nothing in the bits that do not count: libjwt reads past all that. */
static bool
is_base64url(const char *p, size_t len)
{
	static const int spare[] = {0, 0, 15, 3};	/* bits of the last digit */

	for (size_t i = 0; i < len; i++)
		if (digit_of(p[i]) < 0)
			return false;
	return len && len % 4 != 1 && !(digit_of(p[len - 1]) & spare[len % 4]);
}

static bool
is_compact(const char *token, size_t len)
{
	const char *end = token + len, *first = memchr(token, '.', len);
	const char *second = first ? memchr(first + 1, '.', (size_t)(end - first - 1)) : NULL;

	return second && is_base64url(token, (size_t)(first - token)) && is_base64url(first + 1, (size_t)(second - first - 1)) &&
	    is_base64url(second + 1, (size_t)(end - second - 1));
}

static bool
is_jwt(struct span typ)
{
	return typ.len == 5 && !strncasecmp(typ.p, "\"JWT\"", 5);
}

/*
 * The header, before any of the token is acted on: libjwt goes by the algorithm the token names, would
 * take a public key for a secret, and knows nothing of crit.
 */
static enum auth_fault
check_header(const struct auth *a, const char *token)
{
	size_t len = strcspn(token, "."), at, n = 0;
	char text[AUTH_TOKEN_MAX];
	struct span header, algorithm;
	unsigned bits = 0;

	for (size_t i = 0; i < len; i++) {
		bits = bits << 6 | (unsigned)digit_of(token[i]);
		if (i % 4)
			text[n++] = (char)(bits >> (6 - 2 * (i % 4)));
	}
	header = json_trim(text, n);
	if (json_check(text, n, &at) != JSON_OK || !json_is(header, '{'))
		return AUTH_MALFORMED;
	algorithm = json_member(header, "alg");
	if (!json_is(algorithm, '"') || !json_equals(algorithm, jwt_alg_str(a->algorithm)))
		return AUTH_ALGORITHM;
	if (json_member(header, "typ").p && !is_jwt(json_member(header, "typ")))
		return AUTH_TYPE;
	return json_member(header, "crit").p ? AUTH_CRITICAL : AUTH_OK;
}

static enum auth_fault
verify(const struct auth *a, const char *token, int64_t now, struct grant *out)
{
	enum auth_fault f = AUTH_SIGNATURE;
	jwt_t *jwt = NULL;
	char *claims;

	if (jwt_decode(&jwt, token, (const unsigned char *)a->key, (int)a->len) == 0 && jwt_get_alg(jwt) == a->algorithm) {
		claims = jwt_get_grants_json(jwt, NULL);
		f = claims ? auth_claims(claims, strlen(claims), a->audience, now, out) : AUTH_MALFORMED;
		free(claims);
	}
	jwt_free(jwt);
	ERR_clear_error();
	return f;
}

enum auth_fault
auth_verify(const struct auth *a, int64_t now, const char *token, size_t len, struct grant *out)
{
	char text[AUTH_TOKEN_MAX + 1];
	enum auth_fault f;

	*out = (struct grant){.until_ms = GRANT_FOREVER};
	if (!len)
		return AUTH_MISSING;
	if (len > AUTH_TOKEN_MAX)
		return AUTH_TOO_LONG;
	if (!is_compact(token, len))
		return AUTH_MALFORMED;
	memcpy(text, token, len);
	text[len] = '\0';
	f = check_header(a, text);
	if (f == AUTH_OK)
		f = verify(a, text, now, out);
	return f;
}
