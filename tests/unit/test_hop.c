#include <stdlib.h>

#include "katoctl/hop.h"
#include "check.h"

static void
put(struct hop *h, const char *s)
{
	uint64_t lines = 0;

	for (const char *p = s; *p; p++)
		lines += *p == '\n';
	hop_put(h, s, strlen(s), lines);
}

static const char *
unsent(const struct hop *h)
{
	static char text[256];
	const char *p;
	size_t n;

	if (!hop_unsent(h, &p, &n))
		return "";
	memcpy(text, p, n);
	text[n] = '\0';
	return text;
}

static void
given_and_dealt(void)
{
	struct hop h;

	hop_init(&h, 100, 100);
	CHECK_STR(unsent(&h), "");
	put(&h, "one\ntwo\n");
	put(&h, "three\n");
	CHECK(h.lines == 3 && hop_bytes(&h) == 14);
	CHECK(hop_wrote(&h, 5) == 1);	/* "one", and the t of "two" */
	CHECK_STR(unsent(&h), "wo\nthree\n");
	CHECK(hop_deal(&h, 2) == 4);	/* only one was given whole */
	CHECK(h.lines == 2 && hop_bytes(&h) == 10);
	CHECK(hop_wrote(&h, 9) == 2);
	CHECK_STR(unsent(&h), "");
	CHECK(hop_deal(&h, 1) == 4);
	CHECK(h.lines == 1 && hop_bytes(&h) == 6);
	CHECK(hop_deal(&h, 7) == 6);
	CHECK(h.lines == 0 && hop_bytes(&h) == 0);
	CHECK(hop_deal(&h, 1) == 0);
	hop_free(&h);
}

static void
given_again(void)
{
	struct hop h;

	hop_init(&h, 100, 100);
	put(&h, "a\nb\nc\nd\n");
	hop_wrote(&h, 5);
	hop_deal(&h, 1);
	hop_again(&h);
	CHECK_STR(unsent(&h), "b\nc\nd\n");
	CHECK(h.lines == 3 && h.given == 0);
	CHECK(hop_deal(&h, 3) == 0);	/* the new process got none of them yet */
	CHECK(hop_wrote(&h, 6) == 3);
	CHECK(hop_deal(&h, 3) == 6);
	hop_again(&h);
	CHECK_STR(unsent(&h), "");
	hop_free(&h);
	hop_again(&h);
	CHECK_STR(unsent(&h), "");
}

static void
bounds(void)
{
	struct hop h;

	hop_init(&h, 10, 3);
	put(&h, "12345678\n");
	CHECK(!hop_full(&h));
	put(&h, "\n");
	CHECK(hop_full(&h));	/* 10 bytes */
	hop_wrote(&h, 10);
	CHECK(hop_full(&h));	/* given, but not dealt with */
	hop_deal(&h, 2);
	CHECK(!hop_full(&h));
	put(&h, "\n\n\n");
	CHECK(hop_full(&h));	/* 3 lines */
	hop_free(&h);
	CHECK(!hop_full(&h));
}

/* Random steps against a plain copy of what must come out; memory stays near what is held. */
static void
long_run(void)
{
	static char all[1 << 21];
	size_t put_at = 0, got = 0, most = 0;
	struct hop h;

	hop_init(&h, 5000, 1000);
	srand(7);
	while (put_at < sizeof all - 1000) {
		const char *p;
		size_t n;

		if (!hop_full(&h)) {
			size_t len = (size_t)rand() % 900 + 1;

			for (size_t i = 0; i + 1 < len; i++)
				all[put_at + i] = (char)('a' + rand() % 26);
			all[put_at + len - 1] = '\n';
			hop_put(&h, all + put_at, len, 1);
			put_at += len;
		}
		if (rand() % 3 && hop_unsent(&h, &p, &n)) {
			size_t k = (size_t)rand() % n + 1;

			if (memcmp(p, all + got, k) != 0) {
				CHECK(!"what was put comes out");
				break;
			}
			got += k;
			hop_deal(&h, hop_wrote(&h, k));
		}
		if (h.cap > most)
			most = h.cap;
	}
	CHECK(got > sizeof all / 2);
	CHECK(most <= 64 << 10);
	hop_free(&h);
}

int
main(void)
{
	given_and_dealt();
	given_again();
	bounds();
	long_run();
	return check_done();
}
