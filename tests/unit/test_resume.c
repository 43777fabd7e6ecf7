#include "check.h"
#include "katoctl/resume.h"

static const struct {
	const char *text, *epoch;	/* NULL: refused */
	uint64_t offset;
} places[] = {
	{"e1:0", "e1", 0}, {"a-B_c.9:18446744073709551615", "a-B_c.9", UINT64_MAX},
	{"", NULL, 0}, {"e1", NULL, 0}, {":5", NULL, 0}, {"e1:", NULL, 0}, {"e1:-5", NULL, 0}, {"e1: 5", NULL, 0}, {"e1:5x", NULL, 0},
	{"e 1:5", NULL, 0}, {"e&x=1:5", NULL, 0}, {"e1:18446744073709551616", NULL, 0}, {"e:1:5", NULL, 0},
	{"e2345678901234567890123456789012345678901234567890123456789012345:5", NULL, 0},
};

/* One connection after the other: message, whether we had asked, what is known then, whether something is missing. */
static const struct {
	const char *message;
	bool asked;
	const char *query;
	enum resume_news news;
} talk[] = {
	{"{\"type\":\"realtime_update\",\"data\":{}}", false, "", RESUME_NOTHING},
	{"{\"type\":\"connected\",\"epoch\":\"e1\",\"offset\":7}", false, "epoch=e1&offset=7", RESUME_NOTHING},
	{"{\"type\":\"session_event\",\"offset\":8,\"data\":{\"offset\":99}}", false, "epoch=e1&offset=8", RESUME_NOTHING},
	{"{\"type\":\"boo\",\"offset\":3}", false, "epoch=e1&offset=8", RESUME_NOTHING},
	{"{\"type\":\"boo\",\"offset\":-9}", false, "epoch=e1&offset=8", RESUME_NOTHING},
	{"{\"type\":\"boo\",\"offset\":1e3}", false, "epoch=e1&offset=8", RESUME_NOTHING},
	{"{\"type\":\"boo\",\"offset\":\"9\"}", false, "epoch=e1&offset=8", RESUME_NOTHING},
	{"not json", false, "epoch=e1&offset=8", RESUME_NOTHING},
	{"[{\"offset\":9}]", false, "epoch=e1&offset=8", RESUME_NOTHING},
	/* again, all is well: the greeting's offset is ahead of the replay */
	{"{\"type\":\"connected\",\"epoch\":\"e1\",\"offset\":20}", true, "epoch=e1&offset=8", RESUME_NOTHING},
	{"{\"type\":\"subscribed\",\"epoch\":\"e1\",\"offset\":20,\"recovered\":true,\"replayed\":12}", true, "epoch=e1&offset=8", RESUME_NOTHING},
	{"{\"type\":\"boo\",\"offset\":9}", true, "epoch=e1&offset=9", RESUME_NOTHING},
	/* again, too late */
	{"{\"type\":\"connected\",\"epoch\":\"e1\",\"offset\":900}", true, "epoch=e1&offset=9", RESUME_NOTHING},
	{"{\"type\":\"subscribed\",\"epoch\":\"e1\",\"offset\":900,\"recovered\":false}", true, "epoch=e1&offset=900", RESUME_GAP},
	/* a later subscription of ours has no word on that */
	{"{\"type\":\"subscribed\",\"epoch\":\"e1\",\"offset\":900}", false, "epoch=e1&offset=900", RESUME_NOTHING},
	/* another server, or one that began anew: said once */
	{"{\"type\":\"connected\",\"epoch\":\"e2\",\"offset\":2}", true, "epoch=e2&offset=2", RESUME_GAP},
	{"{\"type\":\"subscribed\",\"epoch\":\"e2\",\"offset\":2,\"recovered\":false}", false, "epoch=e2&offset=2", RESUME_NOTHING},
	{"{\"type\":\"connected\",\"epoch\":\"no good&\",\"offset\":5}", false, "epoch=e2&offset=2", RESUME_NOTHING},
};

int
main(void)
{
	struct resume r = {.asked = false};
	struct strbuf b = {0};

	for (size_t i = 0; i < sizeof talk / sizeof talk[0]; i++) {
		r.asked = talk[i].asked;
		CHECK(resume_take(&r, talk[i].message, strlen(talk[i].message)) == talk[i].news);
		strbuf_reset(&b);
		strbuf_adds(&b, "");
		resume_query(&r, &b);
		CHECK_STR(b.s, talk[i].query);
	}
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		bool good = resume_parse(places[i].text, &r);

		CHECK(good == (places[i].epoch != NULL));
		if (good && places[i].epoch) {
			CHECK_STR(r.epoch, places[i].epoch);
			CHECK(r.offset == places[i].offset);
		}
	}
	strbuf_free(&b);
	return check_done();
}
