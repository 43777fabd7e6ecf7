#include "broadcaster/request.h"

#include "check.h"

/* names joined by a blank, as the request holds them */
static void
names_of(const struct request *r, struct strbuf *out)
{
	const char *p = r->names.s;

	strbuf_adds(out, "");
	for (size_t i = 0; i < r->nnames; i++, p += strlen(p) + 1)
		strbuf_addf(out, "%s%s", i ? " " : "", p);
}

static void
messages(void)
{
	static const struct {
		const char *text;
		enum verb verb;
		const char *names, *code;	/* code NULL: nothing wrong */
	} t[] = {
		{"ping", VERB_PING, "", NULL},
		{"{\"type\":\"ping\"}", VERB_PING, "", NULL},
		{" {\"type\":\"get_snapshot\"}\n", VERB_SNAPSHOT, "", NULL},
		{"{\"type\":\"subscribe\",\"subscriptions\":[\"metrics\",\"containers.x\"]}", VERB_SUBSCRIBE, "metrics containers.x", NULL},
		{"{\"type\":\"subscribe\",\"subscriptions\":[]}", VERB_SUBSCRIBE, "", NULL},
		{"{\"type\":\"subscribe\",\"subscriptions\":[\"a b\",\"metrics\",7,null,[\"x\"]]}", VERB_SUBSCRIBE, "metrics", "bad_topic"},
		{"{\"type\":\"subscribe\",\"subscriptions\":[\"a\\u0000b\"]}", VERB_SUBSCRIBE, "", "bad_topic"},
		{"{\"type\":\"subscribe\",\"subscriptions\":\"metrics\"}", VERB_NONE, "", "bad_message"},
		{"{\"type\":\"subscribe\",\"subscriptions\":null}", VERB_NONE, "", "bad_message"},
		{"{\"type\":\"subscribe\"}", VERB_NONE, "", "bad_message"},
		{"{\"type\":\"unsubscribe\",\"subscriptions\":[\"metrics\"]}", VERB_UNSUBSCRIBE, "metrics", NULL},
		{"{\"type\":\"subscribe\",\"subscriptions\":[],\"mode\":\"other\"}", VERB_SUBSCRIBE, "", "bad_mode"},
		{"{\"type\":\"dance\"}", VERB_NONE, "", "unknown_type"},
		{"{\"type\":7}", VERB_NONE, "", "bad_message"},
		{"{}", VERB_NONE, "", "bad_message"},
		{"[]", VERB_NONE, "", "bad_message"},
		{"\"ping\"", VERB_NONE, "", "bad_message"},
		{"7", VERB_NONE, "", "bad_message"},
		{"hello", VERB_NONE, "", "bad_json"},
		{"{\"type\":\"ping\"} x", VERB_NONE, "", "bad_json"},
		{"", VERB_NONE, "", "bad_json"},
		{" ping", VERB_NONE, "", "bad_json"},
		{"{\"type\":\"subscribe\",\"subscriptions\":[\"x\"],\"every\":0}", VERB_SUBSCRIBE, "x", "bad_every"},
		{"{\"type\":\"subscribe\",\"subscriptions\":[\"x\"],\"every\":\"5\"}", VERB_SUBSCRIBE, "x", "bad_every"},
		{"{\"type\":\"subscribe\",\"subscriptions\":[\"x\"],\"every\":3600.5}", VERB_SUBSCRIBE, "x", "bad_every"},
		{"{\"type\":\"subscribe\",\"subscriptions\":[\"x\"],\"since\":5}", VERB_SUBSCRIBE, "x", "bad_since"},
		{"{\"type\":\"subscribe\",\"subscriptions\":[\"x\"],\"since\":{\"epoch\":\"e\",\"offset\":-1}}", VERB_SUBSCRIBE, "x", "bad_since"},
		{"{\"type\":\"subscribe\",\"subscriptions\":[\"x\"],\"since\":{\"epoch\":\"e\",\"offset\":1.5}}", VERB_SUBSCRIBE, "x", "bad_since"},
		{"{\"type\":\"subscribe\",\"subscriptions\":[\"x\"],\"since\":{\"epoch\":\"e\"}}", VERB_SUBSCRIBE, "x", "bad_since"},
		{"{\"type\":\"subscribe\",\"subscriptions\":[\"x\"],\"since\":{\"epoch\":\"e\",\"offset\":99999999999999999999}}", VERB_SUBSCRIBE, "x", "bad_since"},
	};

	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		struct request r;
		struct strbuf names = {0};

		request_parse(dialects[0], t[i].text, strlen(t[i].text), &r);
		names_of(&r, &names);
		CHECK(r.verb == t[i].verb);
		CHECK_STR(names.s ? names.s : "", t[i].names);
		CHECK_STR(r.code ? r.code : "", t[i].code ? t[i].code : "");
		CHECK(!r.code == !r.message.len);
		CHECK(!r.has_since && !r.has_every);
		strbuf_free(&names);
		request_free(&r);
	}
}

static void
members(void)
{
	static const char text[] = "{\"type\":\"subscribe\",\"subscriptions\":[\"x\"],\"mode\":\"replace\",\"every\":2.51,"
	    "\"since\":{\"epoch\":\"aZ9\",\"offset\":18446744073}}";
	static const char bad[] = "{\"type\":\"subscribe\",\"subscriptions\":[\"no good\",\"x\",{\"a\":1}]}";
	static const char foreign[] = "{\"type\":\"subscribe\",\"subscriptions\":[],\"since\":{\"epoch\":\"\",\"offset\":0}}";
	struct request r;

	request_parse(dialects[0], text, sizeof text - 1, &r);
	CHECK(!r.code && r.replace && r.named && r.has_every && r.every_ms == 2600 && r.has_since && r.offset == 18446744073u);
	CHECK_STR(r.epoch, "aZ9");
	request_free(&r);
	request_parse(dialects[0], bad, sizeof bad - 1, &r);
	CHECK_STR(r.message.s, "not a topic: no good");
	CHECK_STR(r.detail.s, "[\"no good\",\"{\\\"a\\\":1}\"]");
	request_free(&r);
	request_parse(dialects[0], foreign, sizeof foreign - 1, &r);
	CHECK(r.has_since && !r.epoch[0]);
	request_free(&r);
}

static void
query(struct request *r, const char *text)
{
	char buf[256], *at, *word, *equals;

	*r = (struct request){0};
	snprintf(buf, sizeof buf, "%s", text);
	for (word = strtok_r(buf, "&", &at); word; word = strtok_r(NULL, "&", &at)) {
		equals = strchr(word, '=');
		*equals = '\0';
		request_query(dialects[0], r, word, equals + 1, strlen(equals + 1));
	}
	request_query_end(r);
}

static void
queries(void)
{
	static const struct {
		const char *query;
		enum verb verb;
		const char *names, *code;
		int64_t every_ms;
		bool since;
	} t[] = {
		{"", VERB_NONE, "", NULL, 0, false},
		{"token=abc", VERB_NONE, "", NULL, 0, false},
		{"subscribe=a,b", VERB_SUBSCRIBE, "a b", NULL, 0, false},
		{"subscribe=a,,b,", VERB_SUBSCRIBE, "a b", NULL, 0, false},
		{"subscribe=", VERB_SUBSCRIBE, "", NULL, 0, false},
		{"subscribe=a,B", VERB_SUBSCRIBE, "a", "bad_topic", 0, false},
		{"every=5", VERB_SUBSCRIBE, "", NULL, 5000, false},
		{"every=0.05", VERB_NONE, "", "bad_every", 0, false},
		{"every=1e3", VERB_NONE, "", "bad_every", 0, false},
		{"every=", VERB_NONE, "", "bad_every", 0, false},
		{"epoch=e&offset=4", VERB_SUBSCRIBE, "", NULL, 0, true},
		{"epoch=&offset=4", VERB_SUBSCRIBE, "", NULL, 0, true},
		{"last_event_id=aB3:17", VERB_SUBSCRIBE, "", NULL, 0, true},
		{"last_event_id=", VERB_NONE, "", NULL, 0, false},
		{"last_event_id=nonsense", VERB_SUBSCRIBE, "", NULL, 0, true},
		{"offset=4&last_event_id=aB3:17", VERB_SUBSCRIBE, "", NULL, 0, true},
		{"offset=4", VERB_NONE, "", "bad_since", 0, false},
		{"epoch=e", VERB_NONE, "", "bad_since", 0, false},
		{"epoch=e&offset=-4", VERB_NONE, "", "bad_since", 0, false},
	};

	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		struct strbuf names = {0};
		struct request r;

		query(&r, t[i].query);
		names_of(&r, &names);
		CHECK(r.verb == t[i].verb && r.every_ms == t[i].every_ms && r.has_since == t[i].since);
		CHECK_STR(names.s ? names.s : "", t[i].names);
		CHECK_STR(r.code ? r.code : "", t[i].code ? t[i].code : "");
		strbuf_free(&names);
		request_free(&r);
	}
}

int
main(void)
{
	messages();
	members();
	queries();
	return check_done();
}
