#include "lib/near.h"
#include "check.h"

static const char *const words[] = {"run", "check", "status", "tap", "merge", "record", "replay", "tail"};
enum { N = sizeof words / sizeof words[0] };

static const struct {
	const char *typed, *want;	/* want: "" for none */
} t[] = {
	{"status", "status"}, {"staus", "status"}, {"statsu", "status"}, {"sttus", "status"}, {"statuss", "status"},
	{"rnu", "run"}, {"tial", "tail"}, {"chekc", "check"}, {"recrod", "record"},
	{"", ""}, {"x", ""}, {"serve", ""}, {"go", ""}, {"dashboard", ""},
	{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ""},
};

int
main(void)
{
	static const char *const one[] = {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};

	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		const char *got = near_word(t[i].typed, words, N);

		CHECK_STR(got ? got : "", t[i].want);
	}
	CHECK(near_word("aaaaaaaaaaaa", one, 1) == NULL);
	CHECK(near_word("a", NULL, 0) == NULL);
	return check_done();
}
