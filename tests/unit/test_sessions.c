#include <stdlib.h>

#include "check.h"
#include "collectors/sessions.h"
#include "lib/json.h"
#include "lib/record.h"

enum { WALL = 1000000000 };	/* added to the monotonic clock: the wall's */

static struct sessions s;
static struct strbuf out, got;

static struct sessions_now
at(int64_t ms)
{
	return (struct sessions_now){.mono = ms, .wall = WALL + ms};
}

static double
number(struct span data, const char *name)
{
	double d = -999;

	CHECK(json_number(json_member(data, name), &d));
	return d;
}

/*
 * What came out, in short: "+6" created and then 6, "-5" destroyed, "+6:a" with its session, "+40*9" by 9.
 * Behind each event there must be a sessions record that agrees, and counts must chain.
 */
static const char *
events(void)
{
	static long long chain = -1;
	char *line = out.s, *end;
	struct record r;
	bool after = false;
	double current = 0;

	strbuf_reset(&got);
	for (; line && (end = strchr(line, '\n')); line = end + 1) {
		CHECK(record_parse(line, (size_t)(end - line), &r) == RECORD_OK && r.stamped && r.source.p);
		if (record_is(&r, "sessions")) {
			CHECK(after && number(r.data, "active_count") == current);
			CHECK(number(r.data, "total_count") >= current);
			after = false;
			continue;
		}
		CHECK(record_is(&r, "session_event") && !after && r.id.p);
		double delta = number(r.data, "delta"), before = number(r.data, "previous_count");
		struct span id = json_member(r.data, "session_id");
		bool created = json_equals(json_member(r.line, "event_type"), "session_created");

		current = number(r.data, "current_count");
		CHECK(before + delta == current && created == (delta > 0) && number(r.data, "time_since_last_event") >= 0);
		CHECK(chain < 0 || got.len == 0 || before == (double)chain);
		chain = (long long)current;
		strbuf_addf(&got, "%s%c%.0f", got.len ? " " : "", delta > 0 ? '+' : '-', current);
		if (id.p)
			strbuf_addf(&got, ":%.*s", (int)id.len - 2, id.p + 1);
		if (delta > 1 || delta < -1)
			strbuf_addf(&got, "*%.0f", delta < 0 ? -delta : delta);
		after = true;
	}
	CHECK(!after);
	strbuf_reset(&out);
	return got.len ? got.s : "";
}

static void
start(long long n)
{
	sessions_init(&s, "session-watch", 6000);
	strbuf_reset(&out);
	sessions_count(&s, &(struct sessions_count){.n = n, .asked = 0}, at(0), &out);
	CHECK_STR(events(), "");
}

/* A hint of session id at that time, made by KATO late ms before. */
static bool
hint_late(int64_t ms, const char *id, bool created, int64_t late)
{
	char text[300];
	struct hint h;

	snprintf(text, sizeof text, "{\"event_type\":\"session.%s\",\"n\":%lld,\"data\":{\"session_id\":\"%s\",\"node_id\":\"n\"}}",
	    created ? "created" : "destroyed", (long long)(ms - late), id);
	hint_read(text, strlen(text), &h);
	h.ms = WALL + ms - late;
	return sessions_hint(&s, &h, at(ms), &out);
}

static bool
hint(int64_t ms, const char *id, bool created)
{
	return hint_late(ms, id, created, 0);
}

enum { HELD = 1, HINTED = 2, BLIND = 4 };

static void
count(int64_t ms, long long n, int flags)
{
	sessions_count(&s, &(struct sessions_count){.n = n, .asked = ms, .same = flags & HELD, .hinted = flags & HINTED,
	    .blind = flags & BLIND}, at(ms), &out);
}

static void
settle(int64_t ms)
{
	sessions_settle(&s, at(ms), &out);
}

static void
counts_alone(void)
{
	start(3);
	count(1000, 4, HELD);
	CHECK_STR(events(), "+4");
	count(2000, 4, HELD);
	CHECK_STR(events(), "");
	count(3000, 3, HELD);		/* the same worker: it can't be older */
	CHECK_STR(events(), "-3");
	count(4000, 6, HELD);
	CHECK_STR(events(), "+4 +5 +6");
	count(5000, 0, HELD);
	CHECK_STR(events(), "-5 -4 -3 -2 -1 -0");
	CHECK(s.total == 7 && s.missed == 0);
}

static void
other_workers_are_older(void)
{
	start(3);
	count(1000, 4, HELD);
	CHECK_STR(events(), "+4");
	count(2000, 3, 0);		/* another worker, which does not know yet */
	count(3000, 4, 0);
	count(4000, 3, 0);
	count(5000, 4, 0);
	CHECK_STR(events(), "");
	count(6900, 3, 0);
	CHECK_STR(events(), "");
	count(7100, 3, 0);		/* for longer than any cache holds: it is true */
	CHECK_STR(events(), "-3");
	count(8000, 5, 0);		/* never seen before: new, but perhaps of the time when there were 4 */
	CHECK_STR(events(), "+4");
	count(9000, 5, 0);
	CHECK_STR(events(), "+5");
}

static void
hints_are_not_counted_again(void)
{
	start(1);
	CHECK(hint(1000, "a", true));
	CHECK_STR(events(), "+2:a");
	CHECK(!hint(1010, "a", true));
	for (int64_t t = 1100; t < 6000; t += 1000)
		count(t, 1, HELD | HINTED);
	count(6000, 2, HELD | HINTED);
	count(7000, 1, HINTED);		/* an older cache */
	settle(7500);
	CHECK_STR(events(), "");
	CHECK(hint(8000, "a", false) && !hint(8001, "a", false) && !hint_late(8002, "a", true, 7002));
	CHECK_STR(events(), "-1:a");
	CHECK(s.missed == 0 && s.total == 2);
}

static void
a_hint_that_lied_is_put_right(void)
{
	start(1);
	hint(1000, "a", true);
	events();
	for (int64_t t = 2000; t <= 8000; t += 1000) {
		count(t, 1, HELD | HINTED);
		settle(t + 500);
	}
	CHECK_STR(events(), "-1");	/* after six seconds */
	CHECK(s.missed == 1);
}

static void
what_no_hint_names(void)
{
	start(1);
	count(1000, 2, HELD | HINTED);
	CHECK_STR(events(), "");	/* wait a moment: the hint may be on its way */
	CHECK(sessions_wait(&s, 1000) == SESSIONS_GRACE_MS);
	CHECK(hint(1200, "a", true));
	settle(1400);
	CHECK_STR(events(), "+2:a");
	CHECK(s.missed == 0 && sessions_wait(&s, 1400) < 0);
	count(6000, 3, HELD | HINTED);
	settle(6399);
	CHECK_STR(events(), "");
	settle(6400);
	CHECK_STR(events(), "+3");
	CHECK(s.missed == 1);
	CHECK(!hint_late(7000, "b", true, 1500));	/* that was it: late */
	CHECK(hint_late(7100, "c", true, 10));		/* that was not */
	CHECK_STR(events(), "+4:c");
	CHECK(s.total == 4);
}

static void
a_clock_that_differs(void)
{
	start(0);
	for (int i = 0; i < 20; i++) {		/* KATO's clock is an hour ahead */
		char id[8];

		snprintf(id, sizeof id, "s%d", i);
		CHECK(hint_late(1000 + i * 10, id, true, 5 - 3600000));
	}
	events();
	count(3000, 21, HELD | HINTED);
	settle(3400);
	CHECK_STR(events(), "+21");
	CHECK(!hint_late(3500, "late", true, 700 - 3600000));
	CHECK(hint_late(3600, "new", true, 5 - 3600000));
	CHECK_STR(events(), "+22:new");
}

static void
bursts_keep_their_names(void)
{
	struct strbuf want = {0};

	start(0);
	for (int i = 0; i < 500; i++) {
		char id[8];

		snprintf(id, sizeof id, "s%d", i);
		CHECK(hint(1000 + i / 10, id, true));
		CHECK(!hint(1000 + i / 10, id, true));
		strbuf_addf(&want, "%s+%d:s%d", i ? " " : "", i + 1, i);
	}
	CHECK_STR(events(), want.s);
	count(1100, 130, HELD | HINTED);	/* taken in the middle of it */
	settle(1600);
	CHECK_STR(events(), "");
	strbuf_free(&want);
}

static void
after_a_gap(void)
{
	start(40);
	count(20000, 37, BLIND);
	CHECK_STR(events(), "-37*3");
	count(40000, 37, BLIND);
	CHECK_STR(events(), "");
	count(60000, 0, 0);
	settle(60000);
	CHECK(s.active == 0 && s.total == 40);
	events();
	count(61000, 5000, HELD);
	CHECK_STR(events(), "+5000*5000");
}

static void
gone_before_it_was_counted(void)
{
	start(0);
	CHECK(hint(1000, "old", false));	/* it had come before us; our count was an old one */
	CHECK_STR(events(), "-0:old");
	CHECK(s.active == 0 && s.total == 1);
	for (int64_t t = 2000; t < 9000; t += 1000)
		count(t, 0, HELD | HINTED);
	settle(9500);
	CHECK_STR(events(), "");
}

static void
gone_before_it_came(void)
{
	start(0);
	CHECK(hint(20000, "x", false));		/* the worker it came over is slower to tell */
	CHECK_STR(events(), "+1:x -0:x");
	CHECK(!hint(20005, "x", true));
	CHECK_STR(events(), "");
	CHECK(s.active == 0 && s.total == 1);
	CHECK(hint(20010, "x", true) && hint(20020, "x", false));
	CHECK_STR(events(), "+1:x -0:x");
	CHECK(hint(20030, "y", true) && hint(20040, "z", false) && hint(20050, "z", true));
	CHECK_STR(events(), "+1:y -0:z +1:z");
}

static void
a_name_that_comes_back(void)
{
	start(0);
	CHECK(hint(1000, "x", true) && hint(1100, "x", false) && hint(1200, "x", true) && hint(1300, "x", false));
	CHECK_STR(events(), "+1:x -0:x +1:x -0:x");
	CHECK(!hint(1200, "x", true) && !hint(1000, "x", false));	/* echoes of a slow connection */
}

/* Four workers with caches of 5 s and events of their own, of which we hear some, through a count on a changing connection. */
static struct {
	long long n;
	int64_t at;
} cache[4];
static long long truth, made, ended;

static long long
cached(int worker, int64_t now)
{
	if (!cache[worker].at || now - cache[worker].at >= 5000) {
		cache[worker].n = truth;
		cache[worker].at = now;
	}
	return cache[worker].n;
}

static void
tally(long long *created, long long *destroyed)
{
	const char *p = events();

	for (; *p; p++)
		if (*p == '+' || *p == '-') {
			const char *by = p + strcspn(p, " *");

			*(*p == '+' ? created : destroyed) += *by == '*' ? strtoll(by + 1, NULL, 10) : 1;
		}
}

static void
churn(int heard_percent, int per_second, int64_t ms)
{
	long long created = 0, destroyed = 0;
	int64_t now = 10000, stop = now + ms;
	int worker = 0, serial = 0;
	char id[16];

	memset(cache, 0, sizeof cache);
	truth = 20;
	made = ended = 0;
	sessions_init(&s, "session-watch", 6000);
	count(now, truth, 0);
	for (; now < stop + 20000; now += 10) {
		if (now < stop && random() % 1000 < per_second * 10) {
			bool up = truth < 5 || (random() % 2 && truth < 60);

			truth += up ? 1 : -1;
			*(up ? &made : &ended) += 1;
			snprintf(id, sizeof id, "s%d", serial++);
			if (random() % 100 < heard_percent)
				hint_late(now, id, up, 2);
		}
		if (now % 1000 == 0) {
			bool same = random() % 50 != 0;

			worker = same ? worker : (int)(random() % 4);
			count(now, cached(worker, now), (same ? HELD : 0) | (heard_percent ? HINTED : 0));
		}
		settle(now);
		tally(&created, &destroyed);
	}
	CHECK(s.active == truth);
	if (heard_percent == 100) {
		CHECK(created == made && destroyed == ended);
	} else {	/* those that came and went between two counts nobody can know */
		CHECK(created - destroyed == made - ended);
		CHECK(created <= made + made / 50 && destroyed <= ended + ended / 50);
	}
}

int
main(void)
{
	srandom(7);
	counts_alone();
	other_workers_are_older();
	hints_are_not_counted_again();
	a_hint_that_lied_is_put_right();
	what_no_hint_names();
	a_clock_that_differs();
	bursts_keep_their_names();
	after_a_gap();
	gone_before_it_was_counted();
	gone_before_it_came();
	a_name_that_comes_back();
	for (int i = 0; i < 20; i++) {
		churn(100, 1, 120000);
		churn(100, 20, 60000);
		churn(95, 3, 120000);
		churn(75, 1, 120000);
		churn(0, 1, 120000);
	}
	strbuf_free(&out);
	strbuf_free(&got);
	return check_done();
}
