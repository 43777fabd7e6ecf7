#include "broadcaster/replycache.h"
#include "check.h"

static struct replycache c;

static struct body *
keep(const char *key, uint64_t stamp, const char *text)
{
	struct reply r = {0};
	struct body *b;

	reply_text(&r, REPLY_JSON, text, strlen(text));
	b = r.body;
	replycache_put(&c, key, stamp, &r);
	reply_free(&r);
	return b;
}

static bool
has(const char *key, uint64_t stamp, const char *text)
{
	struct reply r = {0};
	bool ok = replycache_get(&c, key, stamp, &r) && r.status == 200 && !strcmp(r.type, REPLY_JSON) &&
	    r.body->len == strlen(text) && !memcmp(r.body->data, text, r.body->len);

	reply_free(&r);
	return ok;
}

static void
shared_while_nothing_changed(void)
{
	struct body *b = keep("/a", 1, "one");

	CHECK(b->refs == 1 && has("/a", 1, "one") && !has("/a", 2, "one") && !has("/b", 1, "one"));
	keep("/a", 2, "two");
	CHECK(has("/a", 2, "two") && !has("/a", 1, "one") && body_bytes() == 3);
}

static void
bounded(void)
{
	char key[300];

	for (int i = 0; i < 100; i++) {
		snprintf(key, sizeof key, "/k%d", i);
		keep(key, 1, "xxxxxxxxxx");
	}
	CHECK(body_bytes() == REPLYCACHE_SLOTS * 10 && has("/k99", 1, "xxxxxxxxxx") && !has("/k1", 1, "xxxxxxxxxx"));
	memset(key, 'k', sizeof key - 1);
	key[sizeof key - 1] = '\0';
	keep(key, 1, "long key");
	CHECK(!has(key, 1, "long key") && body_bytes() == REPLYCACHE_SLOTS * 10);
}

static void
only_plain_answers(void)
{
	struct reply r = {0};

	reply_problem(&r, 404, "no %s", "\"thing\"\n");
	CHECK(r.status == 404 && strstr(r.body->data, "\"detail\":\"no \\\"thing\\\"\\n\"}"));
	replycache_put(&c, "/p", 1, &r);
	CHECK(!has("/p", 1, ""));
	reply_free(&r);
	reply_text(&r, REPLY_JSON, "x", 1);
	reply_header(&r, "ETag", "\"1\"");
	replycache_put(&c, "/p", 1, &r);
	CHECK(!has("/p", 1, "x"));
	reply_free(&r);
}

int
main(void)
{
	shared_while_nothing_changed();
	bounded();
	only_plain_answers();
	replycache_free(&c);
	CHECK(body_bytes() == 0);
	return check_done();
}
