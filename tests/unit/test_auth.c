#include <stdlib.h>

#include "broadcaster/auth.h"
#include "broadcaster/bearer.h"

#include "check.h"

/* Of RFC 7515 A.1: its key in base64url, its token, and the moment it runs out. */
static const unsigned char secret[] = {
	3, 35, 53, 75, 43, 15, 165, 188, 131, 126, 6, 101, 119, 123, 166, 143, 90, 179, 40, 230, 240, 84, 201, 40, 169, 15, 132, 178, 210,
	80, 46, 191, 211, 251, 90, 146, 210, 6, 71, 239, 150, 138, 180, 195, 119, 98, 61, 34, 61, 46, 33, 114, 5, 46, 79, 8, 192, 205,
	154, 245, 103, 208, 128, 163,
};
static const char token[] = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
    "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
enum { EXP = 1300819380 };

static const char public_key[] = "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV7\n"
    "6e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==\n"
    "-----END PUBLIC KEY-----\n";
static const char es256[] = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290"
    "Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

static enum auth_fault
verify(const struct auth *a, const char *text, int64_t ms)
{
	struct grant g;
	enum auth_fault f = auth_verify(a, ms, text, strlen(text), &g);

	CHECK(f == AUTH_OK || (!g.n && !g.keys.s && g.until_ms == GRANT_FOREVER));
	if (f == AUTH_OK)
		CHECK(g.until_ms == EXP * INT64_C(1000) && !g.limited);
	grant_free(&g);
	return f;
}

static struct auth *
open_key(const void *key, size_t len, const char *problem)
{
	struct strbuf why = {0};
	struct auth *a = auth_new(key, len, "kato-live", &why);

	if (problem)
		CHECK(!a && strstr(why.s, problem));
	else
		CHECK(a && !why.len);
	strbuf_free(&why);
	return a;
}

static void
tokens(const struct auth *a, const char *good)
{
	size_t len = strlen(good);
	char *bad = malloc(len + 2);
	const char *dot = strrchr(good, '.');

	CHECK(verify(a, good, EXP * INT64_C(1000) - 1) == AUTH_OK);
	CHECK(verify(a, good, EXP * INT64_C(1000)) == AUTH_EXPIRED);
	CHECK(verify(a, "", 0) == AUTH_MISSING);
	for (size_t i = 0; i < len; i++) {	/* no character of it may be another */
		memcpy(bad, good, len + 1);
		bad[i] = bad[i] == 'A' ? 'B' : 'A';
		CHECK(verify(a, bad, 0) != AUTH_OK);
		bad[i] = '\0';
		CHECK(verify(a, bad, 0) != AUTH_OK);
	}
	for (const char *p = "A=.- \n"; *p; p++) {
		memcpy(bad, good, len + 1);
		bad[len] = *p;
		bad[len + 1] = '\0';
		CHECK(verify(a, bad, 0) == AUTH_MALFORMED || verify(a, bad, 0) == AUTH_SIGNATURE);
	}
	memcpy(bad, good, (size_t)(dot - good) + 1);
	bad[dot - good + 1] = '\0';
	CHECK(verify(a, bad, 0) == AUTH_MALFORMED);
	free(bad);
}

static void
keys(void)
{
	struct auth *a = open_key(secret, sizeof secret, NULL), *b = open_key(public_key, strlen(public_key), NULL);
	struct auth *newline = open_key("x\r\n", 3, NULL), *bare = open_key("x", 1, NULL);

	CHECK_STR(auth_algorithm(a), "HS256");
	CHECK_STR(auth_algorithm(b), "ES256");
	CHECK(!auth_weak(a) && !auth_weak(b) && auth_weak(bare));
	CHECK(auth_same(newline, bare) && auth_same(NULL, NULL) && !auth_same(a, NULL) && !auth_same(NULL, a) && !auth_same(a, b));
	tokens(a, token);
	tokens(b, es256);
	CHECK(verify(b, token, 0) == AUTH_ALGORITHM && verify(a, es256, 0) == AUTH_ALGORITHM);
	CHECK(verify(bare, token, 0) == AUTH_SIGNATURE);
	auth_del(a);
	auth_del(b);
	auth_del(newline);
	auth_del(bare);
	auth_del(NULL);
	open_key("", 0, "empty");
	open_key("\n", 1, "empty");
	open_key(public_key, 60, "not a public key");
	open_key("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", 60, "private");
	open_key("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", 60, "certificate");
	open_key("ssh-rsa AAAAB3Nza", 17, "not in PEM");
	open_key("{\"kty\":\"RSA\"}", 13, "not in PEM");
}

static enum auth_fault
claims(const char *json, struct grant *g)
{
	return auth_claims(json, strlen(json), "kato-live", 1000000, g);
}

static void
topics(void)
{
	static const struct {
		const char *json;
		const char *keys;	/* NULL: without a limit */
	} good[] = {
		{"{}", NULL}, {"{\"topics\":[\"*\"]}", NULL}, {"{\"topics\":\"a,*\"}", NULL}, {"{\"topics\":[]}", ""}, {"{\"topics\":\"\"}", ""},
		{"{\"topics\":[\"metrics\",\"session_events\"]}", "metrics session_event "}, {"{\"topics\":\"a,b\"}", "a b "},
		{"{\"topics\":\" a , b,,c \"}", "a b c "}, {"{\"topics\":[\"containers.x y\"]}", "!"},
		{"{\"topics\":[\"a,b\"]}", "!"}, {"{\"topics\":\"a,B\"}", "!"}, {"{\"topics\":[[\"a\"]]}", "!"},
	};

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct grant g;
		struct strbuf got = {0};
		enum auth_fault f = claims(good[i].json, &g);
		const char *key = g.keys.s;

		if (f != AUTH_OK) {
			CHECK(f == AUTH_CLAIM && good[i].keys && *good[i].keys == '!');
			continue;
		}
		strbuf_adds(&got, "");
		for (size_t k = 0; k < g.n; k++, key += strlen(key) + 1) {
			strbuf_adds(&got, key);
			strbuf_addc(&got, ' ');
		}
		CHECK(g.limited == (good[i].keys != NULL));
		if (g.limited)
			CHECK_STR(got.s ? got.s : "", good[i].keys);
		strbuf_free(&got);
		grant_free(&g);
	}
}

static void
times(void)
{
	struct grant g;

	CHECK(claims("{\"exp\":1000.001}", &g) == AUTH_OK && g.until_ms == 1000001);
	CHECK(claims("{\"exp\":1000}", &g) == AUTH_EXPIRED);
	CHECK(claims("{\"exp\":1e300}", &g) == AUTH_OK && g.until_ms == GRANT_FOREVER);
	CHECK(claims("{\"exp\":-1e300}", &g) == AUTH_EXPIRED);
	CHECK(claims("{\"nbf\":1000}", &g) == AUTH_OK);
	CHECK(claims("{\"nbf\":1000.5}", &g) == AUTH_EARLY);
	CHECK(claims("{\"exp\":1e999}", &g) == AUTH_CLAIM);
	for (int f = AUTH_OK; f <= AUTH_CLAIM; f++)
		CHECK(strlen(auth_reason((enum auth_fault)f)) > 10 && !strpbrk(auth_reason((enum auth_fault)f), "\"\\"));
}

static void
carried(const char *header, const char *protocols, const char *query, const char *want)
{
	struct bearer b = {0};

	bearer_authorization(&b, header, strlen(header));
	bearer_protocols(&b, protocols, strlen(protocols));
	bearer_text(&b, query, strlen(query));
	CHECK(b.several == !want);
	if (want)
		CHECK(b.len == strlen(want) && !memcmp(b.token, want, b.len));
}

static void
places(void)
{
	carried("", "", "", "");
	carried("Bearer a.b", "", "", "a.b");
	carried("bEARER \t a.b ", "", "a.b", "a.b");
	carried("Basic YTpi", "kato.v1+json", "", "");
	carried("Basic YTpi, Bearer x", "kato.v1+json , bearer.x,", "x", "x");
	carried("Bearer", "bearer.", "", "");
	carried("Bearer a,Bearer b", "", "", NULL);
	carried("Bearer a", "bearer.b", "", NULL);
	carried("", "bearer.a", "b", NULL);
	CHECK(bearer_offer("", 0, "k") == OFFER_NONE && bearer_offer("bearer.x, bearer.y", 18, "k") == OFFER_NONE);
	CHECK(bearer_offer("bearer.x,K", 10, "k") == OFFER_OURS && bearer_offer("x,k", 3, "k") == OFFER_OURS);
	CHECK(bearer_offer("bearer.x,y", 10, "k") == OFFER_OTHER);
}

int
main(void)
{
	keys();
	topics();
	times();
	places();
	return check_done();
}
