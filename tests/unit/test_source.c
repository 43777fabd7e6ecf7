#include "check.h"
#include "collectors/source.h"
#include "lib/record.h"

#define AT(ms) (1795212000000 + (ms))

static struct strbuf out;

/* The record that is due now; NULL: none. */
static const char *
due(struct source *s, int64_t now)
{
	strbuf_reset(&out);
	if (!source_due(s, AT(now)))
		return NULL;
	source_record(s, AT(now), &out);
	return out.s;
}

static void
life(void)
{
	struct source s;

	source_init(&s, "kato-metrics", 3000);
	CHECK(!due(&s, 0));	/* nothing is known */

	source_ok(&s, AT(0), 12);
	CHECK_STR(due(&s, 5), "{\"type\":\"source_status\",\"id\":\"kato-metrics\",\"timestamp\":\"2026-11-20T22:00:00.005Z\","
	    "\"source\":\"kato-metrics\",\"data\":{\"source\":\"kato-metrics\",\"status\":\"up\",\"since\":\"2026-11-20T22:00:00.000Z\","
	    "\"last_success\":\"2026-11-20T22:00:00.000Z\",\"duration_ms\":12,\"interval_ms\":3000}}\n");
	CHECK(!due(&s, 2629));
	CHECK(due(&s, 2630));	/* an interval without a record, less an eighth: a tick may be early */

	source_wrote(&s, AT(6000));
	CHECK(!due(&s, 8624));
	source_wrote(&s, AT(9000));

	source_failed(&s, SOURCE_DOWN, "http://kato:8000/metrics: connection refused", AT(9100), 1);
	CHECK_STR(due(&s, 9101), "{\"type\":\"source_status\",\"id\":\"kato-metrics\",\"timestamp\":\"2026-11-20T22:00:09.101Z\","
	    "\"source\":\"kato-metrics\",\"data\":{\"source\":\"kato-metrics\",\"status\":\"down\","
	    "\"error\":\"http://kato:8000/metrics: connection refused\",\"since\":\"2026-11-20T22:00:09.100Z\","
	    "\"last_success\":\"2026-11-20T22:00:00.000Z\",\"duration_ms\":1,\"interval_ms\":3000}}\n");
	source_failed(&s, SOURCE_DOWN, "http://kato:8000/metrics: connection refused", AT(9200), 1);
	CHECK(!due(&s, 9201));	/* nothing new */
	source_failed(&s, SOURCE_DOWN, "http://kato:8000/metrics: timed out after 2 s", AT(9300), 2000);
	CHECK(due(&s, 9301));	/* another reason */
	CHECK(s.since_ms == AT(9100));
	source_failed(&s, SOURCE_DEGRADED, "zeros", AT(9400), 3);
	CHECK(due(&s, 9401) && strstr(out.s, "\"degraded\""));
	source_ok(&s, AT(9500), 4);
	CHECK(due(&s, 9501) && strstr(out.s, "\"up\"") && !strstr(out.s, "error"));
	source_free(&s);
}

/* It is repeated every 30 s even beside data, and at once when the clock was stepped back. */
static void
repeats(void)
{
	struct source s;

	source_init(&s, "a", 3000);
	source_ok(&s, AT(0), 0);
	CHECK(due(&s, 0));
	for (int64_t t = 2600; t < 30000; t += 2600) {
		source_wrote(&s, AT(t));
		CHECK(!due(&s, t));
	}
	source_wrote(&s, AT(30000));
	CHECK(due(&s, 30000));
	CHECK(!due(&s, 30001));
	CHECK(due(&s, -3600000));
	source_free(&s);
}

/* Any error text makes one valid record. */
static void
texts(void)
{
	static const char *const errors[] = {"quote \" and \\", "two\nlines", "\xff\xfe", "\x01", "{}"};
	struct source s;
	struct record r;

	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		source_init(&s, "a", 1);
		source_failed(&s, SOURCE_DOWN, errors[i], AT(0), 0);
		CHECK(due(&s, 0) && strchr(out.s, '\n') == out.s + out.len - 1);
		CHECK(record_parse(out.s, out.len - 1, &r) == RECORD_OK && r.stamped && record_is(&r, "source_status"));
		source_free(&s);
	}
}

int
main(void)
{
	life();
	repeats();
	texts();
	strbuf_free(&out);
	return check_done();
}
