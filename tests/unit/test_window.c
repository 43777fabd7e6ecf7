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
	CHECK(w.n == 60 && w.v[0].minute == 140 && window_max(&w) == 199);
	window_add(&w, 60000LL * 400, -5, 60);	/* a gap: all of it is too old */
	CHECK(w.n == 1 && window_max(&w) == -5 && window_mean(&w) == -5);
	window_add(&w, 60000LL * 401, 1, 1);
	CHECK(w.n == 1 && window_mean(&w) == 1);
	window_free(&w);
	window_add(&w, -1, 1, 60);
	window_add(&w, 0, 1, 60);
	CHECK(w.n == 2 && w.v[0].minute == -1);
	window_free(&w);
	return check_done();
}
