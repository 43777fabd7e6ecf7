#include "alertd/cooldown.h"
#include "check.h"

#define S(sec) ((int64_t)(sec) * 1000)

enum { COOLDOWN = 60000 };

static struct firing *
put(struct cooldown *c, size_t rule, const char *name, int64_t at)
{
	uint32_t seed = cooldown_seed("rule");
	struct firing *f = cooldown_find(c, seed, rule, name, strlen(name));

	return f ? f : cooldown_add(c, seed, rule, name, strlen(name), at);
}

/* What happens to one thing, second by second: '.' over, w or e a level; upper case: it is told. */
static const struct {
	const char *what;
	struct {
		int at;
		char happens;
	} step[12];
} stories[] = {
	{"repeats after the cooldown", {{0, 'W'}, {59, 'w'}, {60, 'W'}, {61, 'w'}, {120, 'W'}}},
	{"over is told once", {{0, 'W'}, {5, 'O'}, {6, 'o'}, {7, 'o'}}},
	{"new within the cooldown is mute", {{0, 'W'}, {5, 'O'}, {10, 'w'}, {11, 'o'}, {12, 'e'}, {13, 'e'}, {60, 'E'}, {61, 'O'}}},
	{"escalation at once, once, and anew", {{0, 'W'}, {1, 'E'}, {2, 'w'}, {3, 'e'}, {60, 'e'}, {61, 'E'}}},
	{"a fall is mute until its repetition", {{0, 'E'}, {30, 'w'}, {60, 'W'}, {61, 'E'}}},
	{"a mute firing escalates too", {{0, 'W'}, {1, 'O'}, {2, 'w'}, {3, 'E'}, {4, 'O'}}},
	{"slightly out of order is mute", {{100, 'W'}, {99, 'w'}, {41, 'w'}, {40, 'w'}}},
	{"another timeline is not muted", {{1000, 'W'}, {1003, 'O'}, {100, 'W'}, {103, 'w'}, {160, 'W'}}},
	{"a stray future leaves the past alone", {{0, 'W'}, {3, 'w'}, {2000000000, 'W'}, {6, 'W'}, {7, 'w'}, {66, 'W'}}},
};

static void
test_stories(void)
{
	for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++) {
		struct cooldown c;
		struct firing *f;

		cooldown_init(&c, 10);
		f = put(&c, 0, "x", 0);
		for (size_t k = 0; stories[i].step[k].happens; k++) {
			char h = stories[i].step[k].happens;
			int64_t at = S(stories[i].step[k].at);
			bool want = h >= 'A' && h <= 'Z', over = h == 'o' || h == 'O';
			bool got = over ? cooldown_ends(f) : cooldown_fires(f, h == 'e' || h == 'E' ? LEVEL_ERROR : LEVEL_WARNING, at, at, COOLDOWN);

			CHECK(got == want);
			if (got != want)
				fprintf(stderr, "  %s: second %d, %c\n", stories[i].what, stories[i].step[k].at, h);
		}
		cooldown_free(&c);
	}
}

static void
test_since(void)
{
	struct cooldown c;
	struct firing *f;

	cooldown_init(&c, 10);
	f = put(&c, 0, "x", 0);
	cooldown_fires(f, LEVEL_WARNING, S(1), S(11), COOLDOWN);
	cooldown_fires(f, LEVEL_ERROR, S(20), S(20), COOLDOWN);
	CHECK(f->since_ms == S(1) && f->spoke_ms == S(20) && f->level == LEVEL_ERROR);
	cooldown_ends(f);
	cooldown_fires(f, LEVEL_WARNING, S(30), S(30), COOLDOWN);
	CHECK(f->since_ms == S(30) && f->spoke_ms == S(20) && !f->told);
	cooldown_free(&c);
}

static void
test_table(void)
{
	struct cooldown c;
	struct firing *f;
	char name[16];
	size_t n = 0;

	cooldown_init(&c, 1000);
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof name, "c%d", i);
		f = put(&c, (size_t)(i % 3), name, 0);
		cooldown_fires(f, LEVEL_ERROR, 0, 0, COOLDOWN);
	}
	for (f = c.first; f; f = f->next)
		n++;
	CHECK(n == 1000 && c.n == 1000);
	CHECK(put(&c, 1, "c1", 0) && !strcmp(put(&c, 1, "c1", 0)->name, "c1") && c.n == 1000);
	CHECK(!cooldown_find(&c, cooldown_seed("rule"), 2, "c1", 2));
	CHECK(!put(&c, 0, "one more", S(5)) && c.refused == 1);
	CHECK(put(&c, 0, "", S(5)) && c.n == 1001);
	/* over, but in their cooldown: still no room. After it: all the room. */
	for (f = c.first; f; f = f->next)
		cooldown_ends(f);
	CHECK(!put(&c, 0, "one more", S(10)) && c.refused == 2);
	CHECK(put(&c, 0, "one more", S(61)) && c.refused == 2);
	CHECK(c.n == 1);
	cooldown_free(&c);
}

static void
test_remap(void)
{
	const size_t map[] = {1, 7, 0};
	struct cooldown c;
	uint32_t seed = cooldown_seed("rule");

	cooldown_init(&c, 10);
	put(&c, 0, "a", 0);
	put(&c, 1, "b", 0);
	put(&c, 2, "c", 0);
	cooldown_remap(&c, map, 2);
	CHECK(c.n == 2);
	CHECK(cooldown_find(&c, seed, 1, "a", 1) && cooldown_find(&c, seed, 0, "c", 1));
	CHECK(!cooldown_find(&c, seed, 7, "b", 1) && !cooldown_find(&c, seed, 0, "a", 1));
	CHECK(cooldown_seed("a") != cooldown_seed("b"));
	cooldown_free(&c);
}

int
main(void)
{
	test_stories();
	test_since();
	test_table();
	test_remap();
	return check_done();
}
