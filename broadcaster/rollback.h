#ifndef BROADCASTER_ROLLBACK_H
#define BROADCASTER_ROLLBACK_H

/*
 * Does pushing do more harm than good? Fed once a second with what was counted so far, it judges the last
 * minute: too many writes that failed, messages that come late, connections that break off, too much CPU.
 * Pure: whoever feeds it switches WebSocket off. Times are monotonic.
 *
 * A disconnect is abnormal when the connection broke off: an end of file, a reset or a failed write without a
 * close frame, no pong, a client that did not keep up (4108), or a close frame of the peer's with another code
 * than 1000, 1001 or none. What we close ourselves for a fault of the client's (1002, 1003, 1007 to 1009,
 * 4000 to 4099) or in stopping (1001, 1012) is not.
 */

#include <stdbool.h>
#include <stdint.h>

enum {
	ROLLBACK_SECONDS = 60,		/* what is judged */
	ROLLBACK_GAP_MS = 10000,	/* between two samples: more (a machine that slept), and it begins anew */
	ROLLBACK_SENDS_MIN = 100,	/* fewer tell nothing about errors… */
	ROLLBACK_LATE_MIN = 10,		/* …and fewer nothing about the mean */
};

struct rollback_sample {	/* since the start */
	uint64_t sends, send_errors;		/* writes that went well, that failed */
	uint64_t messages;			/* whose latency is known… */
	double latency;				/* …and their sum, in seconds */
	uint64_t abnormal;			/* disconnects */
	double cpu;				/* seconds */
};

enum rollback_cause { ROLLBACK_NONE, ROLLBACK_ERRORS, ROLLBACK_LATENCY, ROLLBACK_DISCONNECTS, ROLLBACK_CPU, ROLLBACK_CAUSES };

struct rollback {	/* {0} is a fresh one */
	struct rollback_sample sample[ROLLBACK_SECONDS + 1];
	int64_t ms[ROLLBACK_SECONDS + 1];
	int n, at;		/* samples; where the newest is */
	bool tripped;		/* and not well again */
};

struct rollback_verdict {
	enum rollback_cause cause;
	double value, limit;	/* a share, seconds, disconnects, a share of one core */
};

/*
 * One more sample. A cause is told once: then not again until the last minute is within all limits.
 * Disconnects (more than disconnects_max of them) are told at once, the others when there is a whole minute.
 */
struct rollback_verdict rollback_feed(struct rollback *, const struct rollback_sample *, int64_t now, int64_t disconnects_max);
/* "mean latency 1.52 s, the limit is 1.00 s"; at most size bytes. */
void rollback_text(const struct rollback_verdict *, char *out, int size);
const char *rollback_name(enum rollback_cause);	/* send_errors latency disconnects cpu; "" for none */

#endif
