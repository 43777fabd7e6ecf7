#include <string.h>

#include "check.h"
#include "healthd/windowtext.h"

static bool
takes(const char *text, struct window *w)
{
	return windowtext_take((struct span){text, strlen(text)}, w);
}

int
main(void)
{
	static const char *const wrong[] = {"", "7", "{}", "[]", "[1]", "[1,2]", "[\"1\",\"\"]", "[1,\"A\"]", "[1,\"AAA*\"]", "[3e9,\"\"]",
	    "[1,\"AAAAAAAAAAAAAAAAAAAAAAAAAAAA\"]"};	/* the last: a minute without a sample */
	struct window w = {0}, again = {0};
	struct strbuf text = {0}, twice = {0};

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		CHECK(!takes(wrong[i], &again) && !again.v && !again.n);
	CHECK(takes("[5,\"\"]", &again) && !again.n);
	for (int i = -70; i < 3; i += 1 + (i & 3)) {
		window_add(&w, 60000LL * i, 0.1 * i, 60);
		window_add(&w, 60000LL * i + 1, 1e-300 / 3, 60);
		strbuf_reset(&text);
		strbuf_reset(&twice);
		windowtext_add(&w, &text);
		CHECK(takes(text.s, &again) && again.n == w.n && again.newest == w.newest && !memcmp(again.v, w.v, w.n * sizeof *w.v));
		windowtext_add(&again, &twice);
		CHECK_STR(twice.s, text.s);
		window_free(&again);
	}
	window_free(&w);
	strbuf_free(&text);
	strbuf_free(&twice);
	return check_done();
}
