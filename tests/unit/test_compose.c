#include <stdlib.h>

#include "broadcaster/compose.h"
#include "lib/record.h"

#include "check.h"

static const char *const words[] = {"high", "low", NULL}, *const topics[] = {"house", NULL};
static const struct dialect_field
	house[] = {{"id", .kind = FIELD_ID}, {.name = NULL}},
	fire[] = {{"house", .kind = FIELD_ID}, {"how", .kind = FIELD_TEXT, .words = words, .otherwise = "low"}, {"since", .kind = FIELD_TIME}, {.name = NULL}},
	road[] = {{"a", .kind = FIELD_ID}, {"b", .kind = FIELD_ID}, {.name = NULL}},
	mood[] = {{"mood", .kind = FIELD_TEXT, .otherwise = "none"}, {.name = NULL}};
static const struct dialect_order worst = {"how", words, "since"};
enum { HOUSES, FIRES, ROADS, MOOD };
static const struct dialect_section sections[] = {
	[HOUSES] = {"houses", "house", .kind = SECTION_LIST, .fields = house, .key = "id", .subject = {"id"}},
	[FIRES] = {"fires", "fire", .kind = SECTION_LIST, .fields = fire, .subject = {"house"}, .order = &worst},
	[ROADS] = {"roads", "road", .kind = SECTION_LIST, .fields = road, .subject = {"a", "b"}, .refers = "houses"},
	[MOOD] = {"mood", "mood", .kind = SECTION_MEMBER, .fields = mood, .refers = "houses"},
	{.name = NULL},
};
static const struct dialect town = {.name = "town", .topics = topics, .sections = sections, .subject = "house", .whole = true};

static struct state *state;
static struct stats stats;
static struct compose compose;

static void
begin(void)
{
	memset(&stats, 0, sizeof stats);
	state = state_new(1000, 1 << 20);
	compose = (struct compose){.state = state, .stats = &stats};
}

static void
end(void)
{
	compose_free(&compose);
	state_del(state);
}

static void
put(const char *line)
{
	struct record r;
	const struct value *v;

	CHECK(record_parse(line, strlen(line), &r) == RECORD_OK);
	state_put(state, &r, 1000, &v);
}
#define HOUSE(id) put("{\"type\":\"house\",\"id\":\"" id "\",\"data\":{\"id\":\"" id "\"}}")
#define ROAD(a, b) put("{\"type\":\"road\",\"id\":\"" a b "\",\"data\":{\"a\":\"" a "\",\"b\":\"" b "\"}}")
#define FIRE(h, how, t) put("{\"type\":\"fire\",\"id\":\"" h t "\",\"data\":{\"house\":\"" h "\",\"how\":\"" how "\",\"since\":\"2026-11-20T22:00:" t "Z\"}}")

/* The letters and digits that stand in quotes and are no names: what is shown, in short. */
static void
check_shown(int section, const struct topicset *set, const char *want, int line)
{
	struct strbuf out = {0}, shown = {0};

	compose_section(&compose, &town, &sections[section], set, &out);
	for (struct json_iter it = json_iter((struct span){out.s, out.len}); sections[section].kind == SECTION_LIST;) {
		struct span e, key, value;
		struct json_iter in;

		if (!json_next_element(&it, &e))
			break;
		if (shown.len)
			strbuf_addc(&shown, ' ');
		for (in = json_iter(e); json_next_member(&in, &key, &value);)
			if (!json_equals(key, "how"))
				strbuf_add(&shown, value.p + (value.len > 20 ? 18 : 1), value.len > 20 ? 2 : value.len - 2);
	}
	if (sections[section].kind != SECTION_LIST)
		strbuf_adds(&shown, out.s);
	strbuf_adds(&shown, "");
	if (strcmp(shown.s, want) != 0)
		fprintf(stderr, "line %d\n", line);
	CHECK_STR(shown.s, want);
	strbuf_free(&out);
	strbuf_free(&shown);
}
#define SHOWN(section, set, want) check_shown(section, set, want, __LINE__)

static void
lists(void)
{
	begin();
	SHOWN(HOUSES, NULL, "");
	SHOWN(MOOD, NULL, "\"none\"");
	put("{\"type\":\"mood\",\"data\":{\"mood\":\"good\"}}");
	SHOWN(MOOD, NULL, "\"none\"");
	HOUSE("b");
	HOUSE("a");
	put("{\"type\":\"house\",\"data\":{\"id\":\"no id of a record\"}}");
	SHOWN(HOUSES, NULL, "b a");
	SHOWN(MOOD, NULL, "\"good\"");
	put("{\"type\":\"mood\",\"data\":{\"mood\":7}}");
	SHOWN(MOOD, NULL, "\"none\"");
	put("{\"type\":\"house\",\"id\":\"b\",\"data\":null}");
	SHOWN(HOUSES, NULL, "a");
	CHECK(stats.left_out == 0);
	end();
}

static void
order(void)
{
	begin();
	FIRE("a", "low", "09");
	FIRE("b", "high", "01");
	FIRE("c", "odd", "09");
	FIRE("d", "high", "05");
	FIRE("e", "low", "09");
	SHOWN(FIRES, NULL, "d05 b01 a09 c09 e09");
	end();
}

static void
left_out(void)
{
	begin();
	HOUSE("a");
	put("{\"type\":\"house\",\"id\":\"x\",\"data\":{\"id\":7}}");
	ROAD("a", "b");
	ROAD("a", "a");
	SHOWN(ROADS, NULL, "aa");
	SHOWN(HOUSES, NULL, "a");
	CHECK(stats.left_out == 2);
	HOUSE("c");
	SHOWN(ROADS, NULL, "aa");
	CHECK(stats.left_out == 2);	/* once a change of what is left out */
	ROAD("a", "b");
	SHOWN(ROADS, NULL, "aa");
	CHECK(stats.left_out == 3);
	HOUSE("b");
	SHOWN(ROADS, NULL, "ab aa");
	put("{\"type\":\"house\",\"id\":\"a\",\"data\":null}");
	SHOWN(ROADS, NULL, "");
	end();
}

static void
twins(void)
{
	begin();
	HOUSE("a");
	put("{\"type\":\"house\",\"id\":\"2\",\"data\":{\"id\":\"a\",\"n\":\"2\"}}");
	SHOWN(HOUSES, NULL, "a2");
	HOUSE("a");
	SHOWN(HOUSES, NULL, "a");
	ROAD("a", "a");
	SHOWN(ROADS, NULL, "aa");
	end();
}

/* A list is put together once for all who ask, and anew when it has changed. */
static void
once(void)
{
	uint64_t serial;

	begin();
	HOUSE("a");
	serial = compose_listing(&compose, &town, &sections[HOUSES])->serial;
	FIRE("a", "low", "01");
	CHECK(compose_listing(&compose, &town, &sections[HOUSES])->serial == serial);
	HOUSE("a");
	CHECK(compose_listing(&compose, &town, &sections[HOUSES])->serial != serial);
	end();
}

static struct topicset *
set_of(struct topics *t, const char *const *names, const char *const *subjects)
{
	struct topic *v[16];
	size_t n = 0;

	for (; *names; names++)
		v[n++] = topics_intern(t, *names, strlen(*names));
	for (; subjects && *subjects; subjects++)
		v[n++] = topics_intern_subject(t, "house", *subjects, strlen(*subjects));
	return topicset_new(t, v, n);
}

static void
check_view(const char *const *names, const char *const *subjects, const char *houses, const char *fires, const char *roads, const char *face)
{
	struct topics *t = topics_new();
	struct topicset *s = set_of(t, names, subjects);

	SHOWN(HOUSES, s, houses);
	SHOWN(FIRES, s, fires);
	SHOWN(ROADS, s, roads);
	SHOWN(MOOD, s, face);
	topicset_unref(t, s);
	topics_del(t);
}
#define LIST(...) (const char *const[]){__VA_ARGS__, NULL}

static void
views(void)
{
	begin();
	HOUSE("a");
	HOUSE("b");
	HOUSE("c");
	HOUSE("d");
	FIRE("a", "low", "01");
	FIRE("b", "low", "02");
	ROAD("a", "b");
	ROAD("c", "d");
	put("{\"type\":\"mood\",\"data\":{\"mood\":\"good\"}}");
	check_view(LIST("*"), NULL, "a b c d", "b02 a01", "ab cd", "\"good\"");
	check_view(LIST("house", "fire", "road", "mood"), LIST("b"), "a b", "b02", "ab", "\"good\"");
	check_view(LIST("house", "fire", "road", "mood"), LIST("b", "c", "nobody"), "a b c d", "b02", "ab cd", "\"good\"");
	check_view(LIST("house", "fire", "road", "mood"), LIST("nobody"), "", "", "", "\"good\"");
	check_view(LIST("fire", "road", "mood"), NULL, "", "b02 a01", "", "\"none\"");
	check_view(LIST("fire", "road", "mood"), LIST("a"), "", "a01", "", "\"none\"");
	check_view(LIST("house.a", "house.b", "road", "mood"), NULL, "a b", "", "ab", "\"good\"");
	check_view(LIST("house.a", "road", "mood"), LIST("a", "b"), "a", "", "", "\"good\"");
	check_view(LIST("house", "road.cd"), LIST("c"), "c d", "", "cd", "\"none\"");
	end();
}

static bool
late(void *arg, struct span e)
{
	(*(int *)arg)++;
	return json_equals(json_member(e, "house"), "b");
}

static void
picks(void)
{
	struct strbuf out = {0};
	int asked = 0;

	begin();
	FIRE("a", "low", "01");
	FIRE("b", "low", "02");
	FIRE("b", "high", "03");
	CHECK(compose_elements(&compose, &town, &sections[FIRES], NULL, &(struct compose_pick){late, &asked, 1}, &out) == 1 && asked == 1);
	CHECK_STR(out.s, "[{\"house\":\"b\",\"how\":\"high\",\"since\":\"2026-11-20T22:00:03Z\"}]");
	strbuf_reset(&out);
	CHECK(compose_elements(&compose, &town, &sections[FIRES], NULL, &(struct compose_pick){.most = 2}, &out) == 2);
	strbuf_reset(&out);
	CHECK(compose_elements(&compose, &town, &sections[ROADS], NULL, NULL, &out) == 0);
	CHECK_STR(out.s, "[]");
	strbuf_free(&out);
	end();
}

int
main(void)
{
	lists();
	order();
	left_out();
	twins();
	once();
	views();
	picks();
	return check_done();
}
