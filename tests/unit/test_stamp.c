#include "check.h"
#include "lib/stamp.h"

static const struct {
	const char *text;
	int64_t ms;
} good[] = {
	{"1970-01-01T00:00:00Z", 0},
	{"2026-11-20T22:04:45.219Z", 1795212285219},
	{"2026-11-20t22:04:45.219z", 1795212285219},
	{"2026-11-20T22:04:45.2199999999999999999999Z", 1795212285219},	/* cut, not rounded */
	{"2026-11-20T22:04:45.2Z", 1795212285200},
	{"2026-11-21T00:04:45.219+02:00", 1795212285219},
	{"2026-11-20T16:34:45.219-05:30", 1795212285219},
	{"2026-11-20T22:04:45.219-00:00", 1795212285219},
	{"2024-02-29T00:00:00Z", 1709164800000},
	{"2000-02-29T00:00:00Z", 951782400000},
	{"1969-12-31T23:59:59.999Z", -1},
	{"2016-12-31T23:59:60Z", 1483228799000},	/* a leap second is the second before */
	{"2016-12-31T23:59:60.5Z", 1483228799500},
	{"0000-01-01T00:00:00Z", -62167219200000},
	{"9999-12-31T23:59:59.999Z", 253402300799999},
};

static const char *const bad[] = {
	"", "Z", "2026-11-20", "2026-11-20T22:04:45", "2026-11-20 22:04:45Z", "2026-11-20T22:04:45.Z", "2026-11-20T22:04:45.",
	"2026-11-20T22:04:45,219Z", "2026-11-20T22:04Z00000000", "2026-13-20T22:04:45Z", "2026-00-20T22:04:45Z", "2026-11-31T22:04:45Z",
	"2026-11-00T22:04:45Z", "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-11-20T24:00:00Z", "2026-11-20T22:60:00Z",
	"2026-11-20T22:04:61Z", "2026-11-20T22:04:45Z ", "2026-11-20T22:04:45ZZ", "2026-11-20T22:04:45+0200", "2026-11-20T22:04:45+24:00",
	"2026-11-20T22:04:45+02:60", "2026-11-20T22:04:45+02", "2026-11-20T22:04:45*02:00", "+026-11-20T22:04:45Z", "2026-1a-20T22:04:45Z",
	"2026-11-20T22:04:4:Z", "x026-11-20T22:04:45Z", "2026-11-20T-1:04:45Z",
};

static const struct {
	int64_t ms;
	const char *text;
} formats[] = {
	{0, "1970-01-01T00:00:00.000Z"},
	{1795212285219, "2026-11-20T22:04:45.219Z"},
	{-1, "1969-12-31T23:59:59.999Z"},
	{-62167219200000, "0000-01-01T00:00:00.000Z"},
	{-62167219200001, "0000-01-01T00:00:00.000Z"},
	{INT64_MIN, "0000-01-01T00:00:00.000Z"},
	{253402300799999, "9999-12-31T23:59:59.999Z"},
	{253402300800000, "9999-12-31T23:59:59.999Z"},
	{INT64_MAX, "9999-12-31T23:59:59.999Z"},
};

/* Every day of 800 years there and back, at a time of day that moves. */
static int
round_trips(void)
{
	char t[STAMP_LEN + 1];
	int64_t ms, back;
	int wrong = 0;

	for (int64_t day = -719528; day < -719528 + 800 * 366; day++) {
		ms = day * 86400000 + (day & 0xffff) * 1317;
		back = 0;
		wrong += !stamp_parse(stamp_format(ms, t), STAMP_LEN, &back) || back != ms;
	}
	return wrong;
}

int
main(void)
{
	char t[STAMP_LEN + 1];
	int64_t ms, then;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		ms = 12345;
		CHECK(stamp_parse(good[i].text, strlen(good[i].text), &ms));
		CHECK(ms == good[i].ms);
		if (ms != good[i].ms)
			fprintf(stderr, "  %s: %lld\n", good[i].text, (long long)ms);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		ms = 12345;
		CHECK(!stamp_parse(bad[i], strlen(bad[i]), &ms));
		CHECK(ms == 12345);
		if (ms != 12345)
			fprintf(stderr, "  taken: %s\n", bad[i]);
	}
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
		CHECK(stamp_format(formats[i].ms, t) == t);
		CHECK_STR(t, formats[i].text);
	}
	CHECK(round_trips() == 0);
	CHECK(!stamp_parse("2026-11-20T22:04:45Z", 19, &ms));	/* its length counts, not a NUL */
	CHECK(stamp_parse("2026-11-20T22:04:45Zmore", 20, &ms));
	then = stamp_mono();
	CHECK(stamp_mono() >= then && stamp_now() > 1700000000000);
	return check_done();
}
