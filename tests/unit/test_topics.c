#include "broadcaster/topics.h"

#include "check.h"

static void
names(void)
{
	static const struct {
		const char *name;
		const char *key, *shown;	/* NULL: not well-formed */
	} t[] = {
		{"*", "*", "*"},
		{"metrics", "metrics", "metrics"},
		{"metric", "metrics", "metrics"},
		{"session_events", "session_event", "session_events"},
		{"session_event", "session_event", "session_events"},
		{"system_alert", "system_alert", "system_alerts"},
		{"container_events", "container_event", "container_events"},
		{"sessions", "sessions", "sessions"},
		{"session", "sessions", "sessions"},
		{"container.kato-redis", "containers.kato-redis", "containers.kato-redis"},
		{"session_events.a.b", "session_event.a.b", "session_events.a.b"},
		{"my_type2", "my_type2", "my_type2"},
		{"service_health.api > db", NULL, NULL},
		{"service_health.api>db", "service_health.api>db", "service_health.api>db"},
		{"x.\xc3\xa4", "x.\xc3\xa4", "x.\xc3\xa4"},
		{"x.\xff", NULL, NULL},
		{"", NULL, NULL},
		{".", NULL, NULL},
		{".x", NULL, NULL},
		{"x.", NULL, NULL},
		{"*.x", NULL, NULL},
		{"**", NULL, NULL},
		{"2x", NULL, NULL},
		{"_x", NULL, NULL},
		{"Metrics", NULL, NULL},
		{"a-b", NULL, NULL},
		{"a b", NULL, NULL},
		{"a.b,c", NULL, NULL},
		{"a.b\tc", NULL, NULL},
	};
	struct topics *all = topics_new();

	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		struct topic *p = topics_intern(all, t[i].name, strlen(t[i].name));
		struct strbuf shown = {0};

		CHECK(topics_well_formed(t[i].name, strlen(t[i].name)) == (t[i].key != NULL));
		CHECK(!p == !t[i].key);
		if (!p)
			continue;
		CHECK_STR(p->key, t[i].key);
		topic_name(p, &shown);
		CHECK_STR(shown.s, t[i].shown);
		strbuf_free(&shown);
		topics_release(all, p);
	}
	CHECK(!topics_well_formed("a.\0b", 4));
	topics_del(all);
}

static void
lengths(void)
{
	char name[TOPICS_NAME_MAX + 2];

	memset(name, 'a', sizeof name);
	CHECK(topics_well_formed(name, 64) && !topics_well_formed(name, 65));
	name[3] = '.';
	CHECK(topics_well_formed(name, TOPICS_NAME_MAX) && !topics_well_formed(name, TOPICS_NAME_MAX + 1));
}

static void
table(void)
{
	struct topics *all = topics_new();
	struct topic *a = topics_intern(all, "containers.a", 12), *again = topics_intern(all, "container.a", 11), *whole, *b;

	CHECK(a == again && a->refs == 2);
	whole = topics_find(all, "containers", 10, NULL);
	CHECK(whole && whole == a->whole && whole->parts == a && !whole->id);
	CHECK(topics_find(all, "containers", 10, "a") == a && !topics_find(all, "containers", 10, "b"));
	CHECK(!topics_find(all, "container", 9, NULL) && !topics_all(all));
	b = topics_intern(all, "containers.b", 12);
	CHECK(whole->parts == b && b->next_part == a);
	topics_release(all, b);
	CHECK(whole->parts == a && !a->next_part && !topics_find(all, "containers", 10, "b"));
	CHECK(topic_is_type(a, "containers") && topic_is_type(whole, "containers") && !topic_is_type(a, "container"));
	topics_release(all, a);
	topics_release(all, a);
	CHECK(!topics_find(all, "containers", 10, NULL));
	a = topics_intern(all, "*", 1);
	CHECK(topics_all(all) == a && topic_is_all(a));
	topics_release(all, a);
	topics_del(all);
}

static void
many(void)
{
	struct topics *all = topics_new();
	struct topic *t[3000];
	char name[32];

	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof name, "containers.c%d", i);
		t[i] = topics_intern(all, name, strlen(name));
	}
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof name, "c%d", i);
		CHECK(topics_find(all, "containers", 10, name) == t[i]);
	}
	for (int i = 0; i < 3000; i += 2)
		topics_release(all, t[i]);
	CHECK(!topics_find(all, "containers", 10, "c2") && topics_find(all, "containers", 10, "c3") == t[3]);
	for (int i = 1; i < 3000; i += 2)
		topics_release(all, t[i]);
	CHECK(!topics_find(all, "containers", 10, NULL));
	topics_del(all);
}

static struct topicset *
set(struct topics *all, const char *const *name, size_t n)
{
	struct topic *v[8];

	for (size_t i = 0; i < n; i++)
		v[i] = topics_intern(all, name[i], strlen(name[i]));
	return topicset_new(all, v, n);
}

static void
sets(void)
{
	struct topics *all = topics_new();
	struct topicset *a = set(all, (const char *[]){"sessions", "metrics", "metric", "containers.x"}, 4);
	struct topicset *b = set(all, (const char *[]){"containers.x", "metrics", "sessions"}, 3);
	struct topicset *c = set(all, (const char *[]){"metrics"}, 1), *none = set(all, NULL, 0);
	struct strbuf text = {0};

	CHECK(a->n == 3 && a->hash == b->hash && topicset_equal(a, b) && !topicset_equal(a, c));
	CHECK(topicset_has(a, c->v[0]) && !topicset_has(c, a->v[0]));
	topicset_json(a, &text);
	CHECK_STR(text.s, "[\"containers.x\",\"metrics\",\"sessions\"]");
	strbuf_reset(&text);
	topicset_json(none, &text);
	CHECK_STR(text.s, "[]");
	strbuf_free(&text);
	topicset_unref(all, topicset_ref(a));
	topicset_unref(all, a);
	topicset_unref(all, b);
	topicset_unref(all, c);
	topicset_unref(all, none);
	CHECK(!topics_find(all, "metrics", 7, NULL) && !topics_find(all, "containers", 10, NULL));
	topics_del(all);
}

int
main(void)
{
	names();
	lengths();
	table();
	many();
	sets();
	return check_done();
}
