#ifndef BROADCASTER_STATS_H
#define BROADCASTER_STATS_H

/* Everything the broadcaster counts, in one place, for /metrics, /api/v1/ws/stats and the log. Plain numbers: whoever does a thing adds to it. */

#include <stdbool.h>
#include <stdint.h>

enum { STATS_BUCKETS = 14, STATS_MESSAGES = 16 };

/* Each observation in one bucket (/metrics adds them up); the bounds are in stats.c, in seconds; the last bucket is +Inf. */
struct histogram {
	uint64_t bucket[STATS_BUCKETS + 1];
	uint64_t count;
	double sum;
};

enum stats_leave {	/* why a client left */
	LEAVE_NORMAL,		/* its close frame: 1000, 1001 or no code */
	LEAVE_CODE,		/* its close frame: another code */
	LEAVE_BROKEN,		/* end of file, or a reset, without a word */
	LEAVE_SEND_ERROR,	/* a write failed */
	LEAVE_NO_PONG,
	LEAVE_SLOW,		/* 4108 */
	LEAVE_FAULT,		/* we closed it: it broke the protocol, a limit or what its token allows */
	LEAVE_SERVER,		/* we closed it: stopping */
	LEAVE_RESTLESS,		/* soon, in whatever way, where clients are known to (dialect.h) */
	STATS_LEAVES
};

struct stats {
	int64_t started_ms;	/* wall clock */
	int64_t started_mono;	/* what uptime counts from: no step of the clock makes it negative */
	/* input; lines counts those that are records */
	uint64_t lines, lines_bad, lines_toolong, lines_empty, records_bad_state, records_unstamped, events_repeated, bytes_in;
	int64_t last_line_ms, last_broadcast_ms;	/* wall clock; 0: none yet */
	int input_ended;
	uint64_t journal_errors, journal_bytes;	/* failed attempts; written */
	/* clients */
	uint64_t clients, clients_peak, connects, disconnects;	/* of both kinds */
	uint64_t streams;	/* of the clients, those with a stream of events */
	uint64_t leaves[STATS_LEAVES];
	uint64_t refused_full, refused_origin, refused_host, refused_address, refused_rate, refused_disabled;
	uint64_t refused_token, refused_scope;
	uint64_t left_out;	/* things and events not fit for the dialect of who would get them */
	uint64_t slow_closes, ping_timeouts, rate_limited, bad_requests, protocol_closes;
	/* output */
	uint64_t frames_sent, bytes_sent, broadcasts, conflated, queue_bytes, partial_writes, send_errors;
	uint64_t kept_bytes;	/* of queue_bytes' kind: copies of what sockets took only in part, at most */
	struct { const char *type; uint64_t sent; } messages[STATS_MESSAGES];	/* per message type to clients, names fixed in stats.c; the last is "other" */
	uint64_t http_requests, http_errors;
	struct histogram broadcast_seconds;	/* building and handing one turn's frames to all clients */
	uint64_t sends;		/* writes that went well */
	uint64_t rollbacks[5];	/* by enum rollback_cause */
	int rolled_back;	/* WebSocket is off for it */
	uint64_t fresh;		/* messages not older than a minute, which is no replay… */
	double fresh_seconds;	/* …and the sum of their latencies */
	struct histogram latency_seconds;	/* from a record's time stamp to the last socket write of its message */
};

void stats_init(struct stats *, int64_t now_ms, int64_t mono_ms);
uint64_t stats_lines(const struct stats *);	/* all lines read */
void stats_sent(struct stats *, const char *message_type, uint64_t n);
void histogram_add(struct histogram *, double seconds);	/* below 0 (a clock that is ahead) counts as 0 */
const char *stats_leave_name(enum stats_leave);
/* Is it one that rollback.h calls abnormal? */
bool stats_leave_abnormal(enum stats_leave);
double histogram_bound(int bucket);	/* upper bound in seconds; the last is infinite */
/* An estimate from the buckets, linear inside one, at most the greatest finite bound; 0 when empty. */
double histogram_quantile(const struct histogram *, double q);

#endif
