#include "broadcaster/limits.h"

#include "check.h"

static int
allowed(struct limits_talk *t, int n, int64_t now, bool idle)
{
	int ok = 0;

	for (int i = 0; i < n; i++)
		if (limits_message(t, 20, 60, now) == LIMITS_OK) {
			ok++;
			if (idle)
				limits_forgive(t);
		}
	return ok;
}

static void
messages(void)
{
	struct limits_talk t = {0};

	CHECK(allowed(&t, 60, 1000, false) == 60);
	CHECK(limits_message(&t, 20, 60, 1000) == LIMITS_SAY);
	CHECK(limits_message(&t, 20, 60, 1500) == LIMITS_OK);	/* ten came back in half a second */
	CHECK(allowed(&t, 20, 1500, false) == 9);
	CHECK(limits_message(&t, 20, 60, 1999) == LIMITS_OK);
	t = (struct limits_talk){0};
	allowed(&t, 60, 1000, false);
	CHECK(limits_message(&t, 20, 60, 1000) == LIMITS_SAY);
	for (int i = 1; i < LIMITS_IGNORED_MAX; i++)
		CHECK(limits_message(&t, 20, 60, 1001) == LIMITS_IGNORE);
	CHECK(limits_message(&t, 20, 60, 1002) == LIMITS_CLOSE);
}

static void
quiet_forgets(void)
{
	struct limits_talk t = {0};

	allowed(&t, 90, 1000, false);
	CHECK(t.ignored == 30);
	CHECK(limits_message(&t, 20, 60, 10000) == LIMITS_OK && t.ignored == 0);
	CHECK(allowed(&t, 59, 10000, false) == 59);
}

/* At exactly the rate nothing is ever refused, however the messages fall; at a little more, something is. */
static void
steady(void)
{
	struct limits_talk t = {0};
	int refused = 0;

	for (int64_t ms = 0; ms < 60000; ms += 50)
		refused += limits_message(&t, 20, 60, 5 + ms) != LIMITS_OK;
	CHECK(refused == 0);
	for (int64_t ms = 0; ms < 60000; ms += 40)
		refused += limits_message(&t, 20, 60, 100000 + ms) != LIMITS_OK;
	CHECK(refused > 200 && refused < 300);
}

/* One that says the same again and again is not punished; a flood of it is bounded all the same. */
static void
idle_ones(void)
{
	struct limits_talk t = {0};

	CHECK(allowed(&t, 1000, 1000, true) == 1000);
	t = (struct limits_talk){0};
	CHECK(allowed(&t, 10000, 1000, true) < 3000);
	/* every millisecond one: a thousand a second */
	t = (struct limits_talk){0};
	for (int64_t ms = 0; ms < 5000; ms++)
		CHECK(allowed(&t, 1, 1000 + ms, true) == 1);
}

static const unsigned char home[16] = {[10] = 0xff, [11] = 0xff, 127, 0, 0, 1};
static const unsigned char v4[16] = {[10] = 0xff, [11] = 0xff, 10, 0, 0, 1};
static const unsigned char v6a[16] = {0x20, 1, 0x0d, 0xb8, 0, 0, 0, 1, 1}, v6b[16] = {0x20, 1, 0x0d, 0xb8, 0, 0, 0, 1, 2},
	v6c[16] = {0x20, 1, 0x0d, 0xb8, 0, 0, 0, 2, 1}, one[16] = {[15] = 1};

static void
addresses(void)
{
	struct limits_addresses *t = limits_addresses_new();

	CHECK(limits_is_loopback(home) && limits_is_loopback(one) && !limits_is_loopback(v4) && !limits_is_loopback(v6a));
	CHECK(limits_clients(t, v4) == 0);
	limits_join(t, v4, 1);
	limits_join(t, v4, 1);
	limits_join(t, v6a, 1);
	limits_join(t, v6b, 1);
	CHECK(limits_clients(t, v4) == 2 && limits_clients(t, home) == 0);
	CHECK(limits_clients(t, v6a) == 2 && limits_clients(t, v6c) == 0);	/* a /64 is one */
	limits_leave(t, v4);
	limits_leave(t, v6c);	/* never joined: nothing */
	CHECK(limits_clients(t, v4) == 1);
	CHECK(limits_connect(t, v4, 0, 5));
	for (int i = 0; i < 10; i++)
		CHECK(limits_connect(t, v4, 5, 1000));
	CHECK(!limits_connect(t, v4, 5, 1000) && limits_connect(t, v6a, 5, 1000));
	CHECK(limits_connect(t, v4, 5, 1200) && !limits_connect(t, v4, 5, 1200));
	limits_addresses_del(t);
	limits_addresses_del(NULL);
}

/* A scan over many addresses does not fill memory, and those connected are not forgotten. */
static void
bounded(void)
{
	struct limits_addresses *t = limits_addresses_new();

	limits_join(t, v4, 1);
	for (unsigned i = 0; i < 300000; i++) {
		unsigned char a[16] = {[10] = 0xff, [11] = 0xff, (unsigned char)(11 + (i >> 24)), (unsigned char)(i >> 16),
		    (unsigned char)(i >> 8), (unsigned char)i};

		CHECK(limits_connect(t, a, 5, 1000 + i / 1000));
	}
	CHECK(limits_clients(t, v4) == 1);
	limits_addresses_del(t);
}

/* Who came and went too often is held back until enough of it is forgiven; nobody else is. */
static void
short_stays(void)
{
	struct limits_addresses *t = limits_addresses_new();

	CHECK(limits_rested(t, home, 10, 1000));
	for (int i = 0; i < 19; i++)
		limits_short(t, home, 10, 1000);
	CHECK(limits_rested(t, home, 10, 1000));
	limits_short(t, home, 10, 1000);
	CHECK(!limits_rested(t, home, 10, 1000) && limits_rested(t, v4, 10, 1000) && limits_rested(t, home, 0, 1000));
	for (int i = 0; i < 100000; i++)	/* more of it makes it longer, up to ten seconds in all */
		limits_short(t, home, 10, 1000);
	CHECK(!limits_rested(t, home, 10, 9099) && limits_rested(t, home, 10, 9100));
	limits_short(t, home, 10, 9100);
	CHECK(!limits_rested(t, home, 10, 9100) && limits_rested(t, home, 10, 9200));
	limits_addresses_del(t);
}

static void
words(void)
{
	struct limits_addresses *t = limits_addresses_new();
	uint64_t n;

	CHECK(limits_say(t, home, 1000, &n) && n == 1);
	for (int i = 0; i < 700; i++)
		CHECK(!limits_say(t, home, 1000 + i, &n));
	CHECK(limits_say(t, v4, 1500, &n) && n == 1);
	CHECK(limits_say(t, home, 1000 + LIMITS_SAY_ADDRESS_MS, &n) && n == 701);
	CHECK(!limits_say(t, home, 1001 + LIMITS_SAY_ADDRESS_MS, &n) && n == 1);
	limits_addresses_del(t);
}

int
main(void)
{
	messages();
	quiet_forgets();
	steady();
	idle_ones();
	addresses();
	bounded();
	short_stays();
	words();
	return check_done();
}
