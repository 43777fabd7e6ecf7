#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "broadcaster/journal.h"
#include "broadcaster/sse.h"
#include "broadcaster/httpout.h"
#include "broadcaster/wsconn.h"
#include "lib/log.h"
#include "lib/stamp.h"

enum { FRESH_MS = 60000, SLOW_BROADCAST_MS = 100, SAY_MS = 10000, STOP_LOOK_MS = 20 };

struct hub_now
ws_now(void)
{
	return (struct hub_now){stamp_mono(), stamp_now()};
}

void
wsturn_clock(struct server *s)
{
	struct ws *w = s->ws;
	int64_t at = hub_deadline(s->hub), wait = wswait_due(w), left;
	struct itimerspec t = {0};
	struct timespec now;

	if (at < 0 || w->tick_ms < at)
		at = w->tick_ms;
	if (wait >= 0 && wait < at)
		at = wait;
	if (at == w->clock_ms)
		return;
	w->clock_ms = at;
	clock_gettime(CLOCK_MONOTONIC, &now);
	left = (at - (int64_t)now.tv_sec * 1000) * 1000000 - now.tv_nsec + 1;
	if (left < 1)
		left = 1;
	t.it_value.tv_sec = left / 1000000000;
	t.it_value.tv_nsec = left % 1000000000;
	timerfd_settime(w->clock, 0, &t, NULL);
}

static void
report(struct server *s, const struct hub_turn *turn, const struct timespec *began)
{
	struct timespec ended;
	double seconds;
	int64_t now = stamp_now();

	clock_gettime(CLOCK_MONOTONIC, &ended);
	seconds = (double)(ended.tv_sec - began->tv_sec) + (double)(ended.tv_nsec - began->tv_nsec) / 1e9;
	histogram_add(&s->stats.broadcast_seconds, seconds);
	s->stats.last_broadcast_ms = now;
	if (turn->oldest_ms && now >= turn->oldest_ms)
		histogram_add(&s->stats.latency_seconds, (double)(now - turn->oldest_ms) / 1000);
	if (turn->oldest_ms && now >= turn->oldest_ms && now - turn->oldest_ms < FRESH_MS) {
		s->stats.fresh++;
		s->stats.fresh_seconds += (double)(now - turn->oldest_ms) / 1000;
	}
	log_debug("broadcast completed in %.2f ms for %llu clients (%llu messages)", seconds * 1000,
	    (unsigned long long)turn->clients, (unsigned long long)turn->messages);
	if (seconds * 1000 > SLOW_BROADCAST_MS) {
		static struct log_gate gate;
		uint64_t skipped;

		if (log_gate_open(&gate, stamp_mono(), SAY_MS, &skipped))
			log_warn("slow broadcast: %.0f ms for %llu clients (%llu messages; %llu slow ones so far)", seconds * 1000,
			    (unsigned long long)turn->clients, (unsigned long long)turn->messages, (unsigned long long)gate.count);
	}
}

void
ws_turn(struct server *s)
{
	struct timespec began;
	struct hub_turn turn;

	clock_gettime(CLOCK_MONOTONIC, &began);
	turn = hub_turn(s->hub, ws_now());
	if (turn.clients)
		report(s, &turn, &began);
	wsturn_clock(s);
}

static void
tick(struct server *s)
{
	wsping_tick(s, stamp_mono());
	journal_tick(s->journal, stamp_mono());
	if (!s->stopping)
		sse_tick(s);
}

int
ws_clock_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct server *s = lws_context_user(lws_get_context(wsi));
	uint64_t times;

	(void)user;
	(void)in;
	(void)len;
	if (reason != LWS_CALLBACK_RAW_RX_FILE)
		return 0;
	if (read(s->ws->clock, &times, sizeof times) < 0)
		return 0;
	s->ws->clock_ms = -1;
	wswait_tick(s, stamp_mono());
	if (stamp_mono() >= s->ws->tick_ms && !s->stopping)
		wsroll_tick(s, stamp_mono());
	if (stamp_mono() >= s->ws->tick_ms)
		tick(s);
	if (s->ws->stop_ms >= 0 && ((!s->stats.clients && !httpout_busy()) || stamp_mono() >= s->ws->stop_ms)) {
		journal_close(s->journal);
		exit(0);
	}
	ws_turn(s);
	return 0;
}

void
ws_stop(struct server *s, int code, const char *reason)
{
	if (s->stopping)
		return;
	s->stopping = true;
	hub_close_all(s->hub, code, reason);
	s->ws->stop_ms = stamp_mono() + WS_STOP_MS;
	s->ws->tick_ms = stamp_mono() + STOP_LOOK_MS;	/* from now on to see whether all have gone */
	wsturn_clock(s);
}
