#include <stdlib.h>

#include "broadcaster/journaltext.h"
#include "check.h"

static const struct journaltext who = {.epoch = "Epoch00001", .boot = "b00t-id", .run = "r.1", .first = 5, .lines = 7};

/* A journal of a header, three events, another process's begin, and a close. */
static void
build(struct strbuf *b)
{
	struct journaltext next = who;

	journaltext_header(b, &who);
	journaltext_event(b, "{\"n\":1}", 7, 8);
	journaltext_event(b, "", 0, 9);
	next.lines = 0;
	strcpy(next.boot, "other");
	journaltext_begin(b, &next);
	journaltext_event(b, "{\"n\":3}", 7, 1);
	journaltext_closed(b, 2);
}

/* Records read from the first len bytes; *end says why no more. */
static int
count(const char *text, size_t len, struct journaltext *t, enum journaltext_result *end, size_t *good)
{
	struct span event;
	size_t used;
	int n = 0;

	*t = (struct journaltext){.begun = false};
	*good = 0;
	for (;;) {
		char *exact = malloc(len - *good + 1);	/* its size, so that ASan sees a byte too far */

		memcpy(exact, text + *good, len - *good);
		*end = journaltext_read(t, exact, len - *good, &used, &event);
		free(exact);
		if (*end != JOURNALTEXT_EVENT && *end != JOURNALTEXT_OTHER)
			return n;
		*good += used;
		n++;
	}
}

static void
round_trip(void)
{
	struct strbuf b = {0};
	struct journaltext t;
	enum journaltext_result end;
	struct span event;
	size_t good, used, at;

	build(&b);
	CHECK(count(b.s, b.len, &t, &end, &good) == 6 && end == JOURNALTEXT_MORE && good == b.len);
	CHECK(t.clean && t.first == 5 && t.lines == 2);
	CHECK_STR(t.epoch, "Epoch00001");
	CHECK_STR(t.boot, "other");
	CHECK_STR(t.run, "r.1");
	t = (struct journaltext){.begun = false};
	CHECK(journaltext_read(&t, b.s, b.len, &at, &event) == JOURNALTEXT_OTHER && !t.clean && t.lines == 7);
	CHECK(journaltext_read(&t, b.s + at, b.len - at, &used, &event) == JOURNALTEXT_EVENT);
	CHECK(event.len == 7 && !memcmp(event.p, "{\"n\":1}", 7) && t.lines == 8 && used == JOURNALTEXT_HEAD + 8);
	strbuf_free(&b);
}

/* Cut anywhere: what is whole is read, the rest is no fault. */
static void
cuts(void)
{
	struct strbuf b = {0};
	struct journaltext t;
	enum journaltext_result end;
	size_t good, last = 0;
	int records = 0;

	build(&b);
	for (size_t n = 0; n <= b.len; n++) {
		int got = count(b.s, n, &t, &end, &good);

		CHECK(end == JOURNALTEXT_MORE && good <= n);
		if (got != records) {
			CHECK(got == records + 1 && good == n);
			records = got;
			last = n;
		}
		CHECK(good == last && t.clean == (got == 6));
	}
	strbuf_free(&b);
}

/* Every bit, turned: never taken for good, and never for a record that was cut short, but where bytes are missing. */
static void
flips(void)
{
	struct strbuf b = {0};
	struct journaltext t;
	enum journaltext_result end;
	size_t good;

	build(&b);
	for (size_t bit = 0; bit < b.len * 8; bit++) {
		b.s[bit / 8] ^= (char)(1 << bit % 8);
		CHECK(count(b.s, b.len, &t, &end, &good) < 6 && good <= bit / 8);
		CHECK(end == (bit < 8 ? JOURNALTEXT_FOREIGN : JOURNALTEXT_BAD));
		b.s[bit / 8] ^= (char)(1 << bit % 8);
	}
	strbuf_free(&b);
}

/* An event behind a header, or alone. */
static enum journaltext_result
read_event(bool header_first)
{
	struct strbuf b = {0};
	struct journaltext t;
	enum journaltext_result end;
	size_t good;

	if (header_first)
		journaltext_header(&b, &who);
	journaltext_event(&b, "{}", 2, 1);
	count(b.s, b.len, &t, &end, &good);
	strbuf_free(&b);
	return end;
}

static void
order(void)
{
	struct strbuf b = {0};
	struct journaltext t;
	enum journaltext_result end;
	size_t good;

	CHECK(read_event(false) == JOURNALTEXT_FOREIGN);
	CHECK(read_event(true) == JOURNALTEXT_MORE);
	journaltext_header(&b, &who);
	journaltext_header(&b, &who);
	CHECK(count(b.s, b.len, &t, &end, &good) == 1 && end == JOURNALTEXT_BAD);
	strbuf_free(&b);
}

static void
sync_words(void)
{
	static const struct {
		const char *text;
		bool good;
		int64_t ms;
	} words[] = {
		{"none", true, -1}, {"always", true, 0}, {"1", true, 1000}, {"2.5", true, 2500}, {"3600", true, 3600000}, {"0", false, 0},
		{"0.5", false, 0}, {"3601", false, 0}, {"-1", false, 0}, {"", false, 0}, {"1s", false, 0}, {"Always", false, 0}, {"nan", false, 0},
		{" 1", false, 0}, {"1e9", false, 0},
	};
	int64_t ms;

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		CHECK(journaltext_sync(words[i].text, &ms) == words[i].good);
		CHECK(!words[i].good || ms == words[i].ms);
	}
}

static void
from(void)
{
	char run[JOURNALTEXT_NAME_MAX + 1], text[200] = "";
	uint64_t lines;

	CHECK(journaltext_from("12ab-broadcaster:34", run, &lines) && lines == 34);
	CHECK_STR(run, "12ab-broadcaster");
	CHECK(!journaltext_from(NULL, run, &lines) && !*run && !lines);
	CHECK(!journaltext_from("", run, &lines) && !journaltext_from(":3", run, &lines) && !journaltext_from("a:", run, &lines));
	CHECK(!journaltext_from("a:-1", run, &lines) && !journaltext_from("a b:1", run, &lines) && !journaltext_from("a", run, &lines));
	CHECK(!journaltext_from("a:99999999999999999999", run, &lines) && !*run);
	memset(text, 'r', JOURNALTEXT_NAME_MAX + 1);
	strcat(text, ":1");
	CHECK(!journaltext_from(text, run, &lines) && journaltext_from(text + 1, run, &lines) && strlen(run) == JOURNALTEXT_NAME_MAX);
}

int
main(void)
{
	round_trip();
	cuts();
	flips();
	order();
	sync_words();
	from();
	return check_done();
}
