#include "broadcaster/rollback.h"

#include "check.h"

static struct rollback r;
static struct rollback_sample s;
static int64_t now;

static void
fresh(void)
{
	r = (struct rollback){0};
	s = (struct rollback_sample){.sends = 5, .cpu = 3, .latency = 9};	/* what was before does not count */
	now = 1000000;
	rollback_feed(&r, &s, now, 3);
}

/* Seconds in each of which that much more happens; the first cause told, and after how many seconds. */
static struct rollback_verdict
pass(int seconds, const struct rollback_sample *each, int *after)
{
	struct rollback_verdict first = {0};

	*after = 0;
	for (int i = 1; i <= seconds; i++) {
		struct rollback_verdict v;

		s.sends += each->sends;
		s.send_errors += each->send_errors;
		s.messages += each->messages;
		s.latency += each->latency;
		s.abnormal += each->abnormal;
		s.cpu += each->cpu;
		now += 1000;
		v = rollback_feed(&r, &s, now, 3);
		if (v.cause && !first.cause) {
			first = v;
			*after = i;
		} else if (v.cause) {
			*after = -1;	/* told twice */
		}
	}
	return first;
}

static enum rollback_cause
cause(int seconds, struct rollback_sample each, int *after)
{
	fresh();
	return pass(seconds, &each, after).cause;
}

static void
limits(void)
{
	int after;

	CHECK(cause(200, (struct rollback_sample){.sends = 95, .send_errors = 5}, &after) == ROLLBACK_NONE);
	CHECK(cause(200, (struct rollback_sample){.sends = 94, .send_errors = 6}, &after) == ROLLBACK_ERRORS && after == 60);
	CHECK(cause(200, (struct rollback_sample){.messages = 1, .latency = 1}, &after) == ROLLBACK_NONE);
	CHECK(cause(200, (struct rollback_sample){.messages = 1, .latency = 1.01}, &after) == ROLLBACK_LATENCY && after == 60);
	CHECK(cause(200, (struct rollback_sample){.cpu = 0.79}, &after) == ROLLBACK_NONE);
	CHECK(cause(200, (struct rollback_sample){.cpu = 0.81}, &after) == ROLLBACK_CPU && after == 60);
	CHECK(cause(200, (struct rollback_sample){.abnormal = 1}, &after) == ROLLBACK_DISCONNECTS && after == 4);
	CHECK(cause(200, (struct rollback_sample){0}, &after) == ROLLBACK_NONE);
	CHECK(cause(59, (struct rollback_sample){.cpu = 1, .send_errors = 100}, &after) == ROLLBACK_NONE);
}

static void
few_samples(void)
{
	struct rollback_sample one = {.sends = 1, .send_errors = 1}, none = {0}, late = {.messages = 1, .latency = 60};
	int after;

	CHECK(cause(100, (struct rollback_sample){.send_errors = 1}, &after) == ROLLBACK_NONE);	/* 60 a minute are not 100 */
	fresh();
	pass(1, &one, &after);
	CHECK(pass(100, &none, &after).cause == ROLLBACK_NONE);
	fresh();
	for (int i = 0; i < 9; i++)
		pass(1, &late, &after);
	CHECK(pass(100, &none, &after).cause == ROLLBACK_NONE);
	fresh();
	pass(10, &late, &after);
	CHECK(pass(100, &none, &after).cause == ROLLBACK_LATENCY);
}

/* Three a minute are fine for ever; a fourth within the minute is not; when it has passed, it is told anew. */
static void
disconnects(void)
{
	struct rollback_sample one = {.abnormal = 1}, three = {.abnormal = 3}, five = {.abnormal = 5}, none = {0};
	int after;

	fresh();
	for (int i = 0; i < 10; i++) {
		CHECK(pass(1, &three, &after).cause == ROLLBACK_NONE);
		CHECK(pass(60, &none, &after).cause == ROLLBACK_NONE);
	}
	CHECK(pass(1, &three, &after).cause == ROLLBACK_NONE);
	CHECK(pass(58, &none, &after).cause == ROLLBACK_NONE);
	CHECK(pass(1, &one, &after).cause == ROLLBACK_DISCONNECTS);
	CHECK(pass(100, &none, &after).cause == ROLLBACK_NONE && !r.tripped);
	CHECK(pass(1, &five, &after).cause == ROLLBACK_DISCONNECTS);
	CHECK(r.tripped && pass(30, &one, &after).cause == ROLLBACK_NONE);	/* told already */
}

/* A clock that jumps and counters that fall begin anew: nothing is judged across that. */
static void
jumps(void)
{
	struct rollback_sample busy = {.cpu = 1}, three = {.abnormal = 3};
	int after;

	fresh();
	pass(59, &busy, &after);
	now += 3600000;
	CHECK(pass(59, &busy, &after).cause == ROLLBACK_NONE);
	CHECK(pass(2, &busy, &after).cause == ROLLBACK_CPU);
	fresh();
	pass(59, &busy, &after);
	now -= 500000;
	CHECK(pass(59, &busy, &after).cause == ROLLBACK_NONE);
	fresh();
	pass(1, &three, &after);
	s = (struct rollback_sample){0};
	CHECK(pass(1, &three, &after).cause == ROLLBACK_NONE);
	fresh();	/* late ticks: each counts for as long as it took */
	s.cpu += 5;
	now += 9000;
	for (int i = 0; i < 20; i++) {
		s.cpu += 5;
		now += 9000;
		CHECK(rollback_feed(&r, &s, now, 3).cause == ROLLBACK_NONE);
	}
}

static void
texts(void)
{
	char text[100];

	rollback_text(&(struct rollback_verdict){ROLLBACK_ERRORS, 0.0625, 0.05}, text, sizeof text);
	CHECK(!strcmp(text, "send errors 6.2 %, the limit is 5 %"));
	rollback_text(&(struct rollback_verdict){ROLLBACK_DISCONNECTS, 4, 3}, text, sizeof text);
	CHECK(!strcmp(text, "4 abnormal disconnects in a minute, the limit is 3"));
	CHECK(!strcmp(rollback_name(ROLLBACK_CPU), "cpu") && !strcmp(rollback_name(ROLLBACK_NONE), ""));
}

int
main(void)
{
	limits();
	few_samples();
	disconnects();
	jumps();
	texts();
	return check_done();
}
