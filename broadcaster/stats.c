#include <math.h>
#include <string.h>

#include "broadcaster/stats.h"

static const double bounds[STATS_BUCKETS] = {
	0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
};

/* Names of other people's types would be a label without end: they are "other". */
static const char *const message_types[STATS_MESSAGES] = {
	"realtime_update", "session_event", "system_alert", "container_event", "source_status", "connected", "subscribed",
	"heartbeat", "pong", "error", "snapshot_update", "dashboard_update", "health_change", "anomaly_detected",
	"traffic_anomaly", "other",
};

void
stats_init(struct stats *s, int64_t now_ms, int64_t mono_ms)
{
	*s = (struct stats){.started_ms = now_ms, .started_mono = mono_ms};
	for (int i = 0; i < STATS_MESSAGES; i++)
		s->messages[i].type = message_types[i];
}

uint64_t
stats_lines(const struct stats *s)
{
	return s->lines + s->lines_bad + s->lines_toolong + s->lines_empty;
}

void
stats_sent(struct stats *s, const char *type, uint64_t n)
{
	int i = 0;

	while (i < STATS_MESSAGES - 1 && strcmp(message_types[i], type) != 0)
		i++;
	s->messages[i].sent += n;
}

void
histogram_add(struct histogram *h, double seconds)
{
	int i = 0;

	if (!(seconds > 0))
		seconds = 0;
	while (i < STATS_BUCKETS && seconds > bounds[i])
		i++;
	h->bucket[i]++;
	h->count++;
	h->sum += seconds;
}

double
histogram_bound(int bucket)
{
	return bucket < STATS_BUCKETS ? bounds[bucket] : HUGE_VAL;
}

double
histogram_quantile(const struct histogram *h, double q)
{
	double rank = q * (double)h->count, below = 0, low;

	if (!h->count)
		return 0;
	for (int i = 0; i < STATS_BUCKETS; i++) {
		double n = (double)h->bucket[i];

		if (n > 0 && below + n >= rank) {
			low = i ? bounds[i - 1] : 0;
			return low + (bounds[i] - low) * (rank > below ? (rank - below) / n : 0);
		}
		below += n;
	}
	return bounds[STATS_BUCKETS - 1];
}

const char *
stats_leave_name(enum stats_leave why)
{
	static const char *const names[STATS_LEAVES] = {
		"normal", "code", "broken", "send_error", "no_pong", "slow", "fault", "server", "restless",
	};

	return names[why];
}

bool
stats_leave_abnormal(enum stats_leave why)
{
	return why == LEAVE_CODE || why == LEAVE_BROKEN || why == LEAVE_SEND_ERROR || why == LEAVE_NO_PONG || why == LEAVE_SLOW;
}
