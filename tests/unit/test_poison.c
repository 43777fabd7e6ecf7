#include "katoctl/poison.h"
#include "check.h"

static void
third_death_at_one_place(void)
{
	struct poison p = {0};

	CHECK(!poison_died(&p, 7, 100));
	CHECK(!poison_careful(&p, 7));
	CHECK(!poison_died(&p, 7, 100));
	CHECK(poison_careful(&p, 7) && poison_careful(&p, 99) && !poison_careful(&p, 100));
	CHECK(poison_died(&p, 7, 8));
	CHECK(poison_careful(&p, 8));	/* until all that were given then are through */
	CHECK(!poison_died(&p, 8, 9));
}

static void
elsewhere_counts_anew(void)
{
	struct poison p = {0};

	for (uint64_t place = 0; place < 20; place++) {
		CHECK(!poison_died(&p, place, place + 5));
		CHECK(!poison_careful(&p, place));
	}
	CHECK(!poison_died(&p, 19, 24));
	CHECK(!poison_died(&p, 20, 24));
	CHECK(!poison_died(&p, 20, 24));
	poison_relax(&p);
	CHECK(!poison_careful(&p, 20));
	CHECK(poison_died(&p, 20, 24));
}

int
main(void)
{
	third_death_at_one_place();
	elsewhere_counts_anew();
	return check_done();
}
