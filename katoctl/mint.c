#include <jwt.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "katoctl/mint.h"

/* An encrypted key is refused, not asked about at the terminal. */
static int
no_password(char *buf, int size, int writing, void *user)
{
	(void)buf, (void)size, (void)writing, (void)user;
	return -1;
}

static jwt_alg_t
algorithm_of(EVP_PKEY *key, struct strbuf *why)
{
	char curve[64] = "";

	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_RSA:
		return JWT_ALG_RS256;
	case EVP_PKEY_EC:
		EVP_PKEY_get_group_name(key, curve, sizeof curve, NULL);
		if (!strcmp(curve, "prime256v1"))
			return JWT_ALG_ES256;
		strbuf_adds(why, "a key of another curve than P-256 (prime256v1)");
		return JWT_ALG_INVAL;
	default:
		strbuf_adds(why, "neither an RSA key nor one of the curve P-256");
		return JWT_ALG_INVAL;
	}
}

static jwt_alg_t
read_pem(const char *key, size_t len, struct strbuf *why)
{
	BIO *bio = BIO_new_mem_buf(key, (int)len);
	EVP_PKEY *private = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;
	jwt_alg_t algorithm = JWT_ALG_INVAL;

	if (private)
		algorithm = algorithm_of(private, why);
	else
		strbuf_adds(why, memmem(key, len, "PUBLIC KEY-----", 15) ? "a public key: only the private one signs" :
		    "not a private key in PEM, or an encrypted one");
	EVP_PKEY_free(private);
	BIO_free(bio);
	ERR_clear_error();
	return algorithm;
}

/* Each may be several, with commas between. */
static void
put_topics(const struct strlist *topics, struct strbuf *out)
{
	const char *comma = "";
	size_t n;

	strbuf_adds(out, ",\"topics\":[");
	for (size_t i = 0; i < topics->n; i++)
		for (const char *p = topics->v[i]; *p; p += n + (p[n] == ',')) {
			n = strcspn(p, ",");
			if (!n)
				continue;
			strbuf_adds(out, comma);
			strbuf_addjson(out, p, n);
			comma = ",";
		}
	strbuf_addc(out, ']');
}

static void
put_claims(const struct mint *m, struct strbuf *out)
{
	strbuf_addf(out, "{\"iat\":%lld", (long long)m->now);
	if (m->until)
		strbuf_addf(out, ",\"exp\":%lld", (long long)m->until);
	if (m->audience) {
		strbuf_adds(out, ",\"aud\":");
		strbuf_addjsons(out, m->audience);
	}
	if (m->topics->n)
		put_topics(m->topics, out);
	strbuf_addc(out, '}');
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

bool
mint(const struct mint *m, const char *key, size_t len, struct strbuf *out, struct strbuf *why)
{
	jwt_alg_t algorithm = JWT_ALG_HS256;
	struct strbuf claims = {0};
	jwt_t *jwt = NULL;
	char *token = NULL;

	if (len && memmem(key, len, "-----BEGIN", 10))
		algorithm = read_pem(key, len, why);
	else if (!(len = without_newline(key, len)))
		strbuf_adds(why, "empty");
	if (why->len)
		return false;
	put_claims(m, &claims);
	if (jwt_new(&jwt) == 0 && jwt_set_alg(jwt, algorithm, (const unsigned char *)key, (int)len) == 0 &&
	    jwt_add_grants_json(jwt, claims.s) == 0)
		token = jwt_encode_str(jwt);
	if (token)
		strbuf_adds(out, token);
	else
		strbuf_adds(why, "does not sign");
	free(token);
	jwt_free(jwt);
	ERR_clear_error();
	strbuf_free(&claims);
	return !why->len;
}
