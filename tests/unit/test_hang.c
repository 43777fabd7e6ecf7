#include "katoctl/hang.h"
#include "check.h"

static void
said_once_until_it_moves(void)
{
	struct hang h = {0};
	int said = 0;

	for (int64_t now = 0; now < 60000; now += HANG_LOOK_MS) {
		enum hang_word w = hang_look(&h, now, true, 5, 0);

		CHECK(w != HANG_END && h.look_ms == now + HANG_LOOK_MS);
		said += w == HANG_SAY;
		CHECK(said == (now >= HANG_SAY_MS));
	}
	CHECK(hang_look(&h, 60000, true, 6, 0) == HANG_NOT);
	CHECK(hang_look(&h, 60000 + HANG_SAY_MS - 1, true, 6, 0) == HANG_NOT);
	CHECK(hang_look(&h, 60000 + HANG_SAY_MS, true, 6, 0) == HANG_SAY);
}

static void
nothing_waits(void)
{
	struct hang h = {0};

	for (int64_t now = 0; now < 60000; now += HANG_LOOK_MS)
		CHECK(hang_look(&h, now, false, 5, 1000) == HANG_NOT);
	CHECK(hang_look(&h, 60000, true, 5, 3000) == HANG_NOT);	/* from now on */
	CHECK(hang_look(&h, 62000, true, 5, 3000) == HANG_NOT);
	CHECK(hang_look(&h, 63000, true, 5, 3000) == HANG_END);
}

static void
one_that_moves_slowly(void)
{
	struct hang h = {0};

	for (int64_t now = 0; now < 600000; now += HANG_LOOK_MS)
		CHECK(hang_look(&h, now, true, (uint64_t)now / 5000, 6000) == HANG_NOT);
}

int
main(void)
{
	said_once_until_it_moves();
	nothing_waits();
	one_that_moves_slowly();
	return check_done();
}
