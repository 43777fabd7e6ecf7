#include "check.h"
#include "katoctl/backoff.h"

int
main(void)
{
	static const int ceilings[] = {500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000};
	struct backoff b = {0}, least = {0}, half = {0};

	for (size_t i = 0; i < sizeof ceilings / sizeof ceilings[0]; i++) {
		int ms = backoff_next(&b, 0.999999);

		CHECK(ms < ceilings[i] && ms >= ceilings[i] - 1);
		CHECK(backoff_next(&least, 0) == 0);
		CHECK(backoff_next(&half, 0.5) == ceilings[i] / 2);
	}
	backoff_forget(&half);
	CHECK(backoff_next(&half, 0.5) == 250);
	for (int i = 0; i < 100; i++)
		CHECK(backoff_next(&b, 0.5) == BACKOFF_MAX_MS / 2);
	return check_done();
}
