#include <math.h>

#include "broadcaster/stats.h"
#include "check.h"

static uint64_t
sent(const struct stats *s, const char *type)
{
	for (int i = 0; i < STATS_MESSAGES; i++)
		if (!strcmp(s->messages[i].type, type))
			return s->messages[i].sent;
	return UINT64_MAX;
}

int
main(void)
{
	struct stats s;
	struct histogram h = {0};
	uint64_t all = 0;

	stats_init(&s, 42, 7);
	CHECK(s.started_ms == 42 && s.started_mono == 7 && s.lines == 0 && !strcmp(s.messages[STATS_MESSAGES - 1].type, "other"));
	stats_sent(&s, "realtime_update", 100);
	stats_sent(&s, "realtime_update", 1);
	stats_sent(&s, "deploy_finished", 3);
	stats_sent(&s, "somebody_else", 4);
	CHECK(sent(&s, "realtime_update") == 101 && sent(&s, "other") == 7 && sent(&s, "pong") == 0);

	s.lines = 5;
	s.lines_bad = 2;
	s.lines_toolong = s.lines_empty = 1;
	CHECK(stats_lines(&s) == 9);
	CHECK(histogram_quantile(&h, 0.5) == 0);
	histogram_add(&h, -5);
	histogram_add(&h, NAN);
	CHECK(h.count == 2 && h.sum == 0 && h.bucket[0] == 2);
	h = (struct histogram){0};
	for (int i = 1; i < STATS_BUCKETS; i++)
		CHECK(histogram_bound(i) > histogram_bound(i - 1));
	CHECK(isinf(histogram_bound(STATS_BUCKETS)));
	for (int i = 1; i <= 1000; i++)
		histogram_add(&h, i / 1000.0);
	CHECK(h.count == 1000 && fabs(h.sum - 500.5) < 1e-9);
	for (int i = 0; i <= STATS_BUCKETS; i++)
		all += h.bucket[i];
	CHECK(all == 1000 && h.bucket[STATS_BUCKETS] == 0);
	CHECK(fabs(histogram_quantile(&h, 0.5) - 0.5) < 0.01 && fabs(histogram_quantile(&h, 0.99) - 0.99) < 0.01);
	histogram_add(&h, 0.25);	/* a bound belongs to its bucket */
	CHECK(h.bucket[10] == 151 && histogram_bound(10) == 0.25);
	histogram_add(&h, 1000);
	CHECK(h.bucket[STATS_BUCKETS] == 1 && histogram_quantile(&h, 1) == histogram_bound(STATS_BUCKETS - 1));
	return check_done();
}
