#include "check.h"
#include "healthd/window.h"

int
main(void)
{
	struct window w = {0};
	double older, newer;

	CHECK(window_mean(&w) == 0 && window_max(&w) == 0);
	window_add(&w, 30000, 2, 60);
	window_add(&w, 59999, 4, 60);
	CHECK(w.n == 1 && window_mean(&w) == 3 && window_max(&w) == 4);
	window_halves(&w, &older, &newer);
	CHECK(older == 3 && newer == 3);
	window_add(&w, 60000, 9, 60);
	window_halves(&w, &older, &newer);
	CHECK(w.n == 2 && older == 3 && newer == 9 && window_mean(&w) == 5);
	window_add(&w, 1000, 1, 60);	/* late: counts to the newest minute */
	CHECK(w.n == 2 && w.v[1].n == 2);
	for (int i = 2; i < 200; i++)
		window_add(&w, 60000LL * i, i, 60);
	CHECK(w.n == 60 && window_minute(&w, 0) == 140 && window_max(&w) == 199);
	window_add(&w, 60000LL * 400, -5, 60);	/* a gap: all of it is too old */
	CHECK(w.n == 1 && window_max(&w) == -5 && window_mean(&w) == -5);
	window_add(&w, 60000LL * 401, 1, 1);
	CHECK(w.n == 1 && window_mean(&w) == 1);
	window_free(&w);
	window_add(&w, -1, 1, 60);
	window_add(&w, 0, 1, 60);
	CHECK(w.n == 2 && window_minute(&w, 0) == -1);
	window_free(&w);
	/* a time that was wrong by years spoils an hour at most, and then the clock of the last counts */
	window_add(&w, 60000LL * 100000000, 7, 60);
	window_add(&w, 60000LL * 5, 1, 60);
	CHECK(w.n == 1 && window_minute(&w, 0) == 5 && window_max(&w) == 7);
	for (int i = 6; i < 70; i++)
		window_add(&w, 60000LL * i, 1, 60);
	CHECK(w.n == 60 && window_max(&w) == 1 && window_minute(&w, 59) == 69);
	window_pass(&w, 60000LL * 100, 60);
	CHECK(w.n == 29 && window_minute(&w, 0) == 41);
	window_pass(&w, 60000LL * 200, 60);
	CHECK(w.n == 0 && window_max(&w) == 0);
	for (int i = 0; i < 70000; i++)
		window_add(&w, 60000LL * 300, 2, 60);
	CHECK(w.n == 1 && w.v[0].n == 65535 && window_mean(&w) == 2);
	CHECK(!window_put(&w, 300, 1, 1, 1) && !window_put(&w, 360, 1, 1, 1) && !window_put(&w, 310, 1, 1, 0) && window_put(&w, 310, 9, 9, 1));
	CHECK(w.n == 2 && window_minute(&w, 1) == 310 && window_max(&w) == 9);
	window_free(&w);
	return check_done();
}
