#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

/*
 * Thousands of WebSocket clients (RFC 6455) in one epoll, few bytes each. Each checks that the messages that hold
 * "n":NUMBER come in order, none missing, none twice; what comes compressed (RFC 7692) is inflated by the first few clients
 * and counted by the others. Pings are answered.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/bench/ledger.h"

enum { CROWD_SETS_MAX = 16, CROWD_CLOSES_MAX = 8 };

struct crowd_options {
	int port;
	const char *path;	/* %n in it is the client's number, modulo sets if that is not 0 */
	size_t clients, sets;
	size_t at_once;		/* handshakes under way at a time */
	bool deflate;		/* offer permessage-deflate */
	bool resume;		/* the clients there were come back, each with the epoch and offset it saw last */
	bool offsets;		/* keep the offset of each message, for that */
	uint8_t set;		/* under which they are counted, below CROWD_SETS_MAX */
	unsigned source;	/* they come from 127.0.0.SOURCE; 0: from several addresses in turn */
	double per_second;	/* churn: connects begun; 0: as fast as others have ended */
};

struct crowd_count {
	uint64_t messages, bytes;	/* data messages; wire bytes, handshakes left out */
	uint64_t missing, doubled, wrong;	/* numbered messages; frames that break the protocol */
	uint64_t answers;	/* messages without a number */
	uint64_t opened, refused, too_many, ended, pings, recovered, not_recovered;	/* too_many: of refused, with 429 */
	uint64_t compressed, inflated;	/* messages; of them checked */
	int close[CROWD_CLOSES_MAX];	/* the first few close codes */
	size_t closes;
	uint64_t set_messages[CROWD_SETS_MAX], set_bytes[CROWD_SETS_MAX];
};

extern struct crowd_count crowd_count;

uint64_t crowd_now(void);	/* monotonic us */
int crowd_epoll(void);
void crowd_watch(int fd, void (*ready)(void));	/* one more descriptor, for reading */
void crowd_unwatch(int fd);
/* Opens all; false: not all were open after so many seconds. */
bool crowd_open(const struct crowd_options *, double seconds);
/* What is to come next, at each client (0: whatever it awaits now); ledger is told of each numbered message. */
void crowd_expect(uint64_t number, struct ledger *);
/* After a phase: counts what has not come up to this number as missing. */
void crowd_settle(uint64_t number);
size_t crowd_readers(void);	/* clients that are to get the numbered messages, and read */
size_t crowd_clients(void);	/* that are open */
/* Sees to what has come, waiting at most so long for it. */
void crowd_turn(int wait_ms);
/* Until nothing has come for so long; false: something still came after 30 s. */
bool crowd_quiet(int quiet_ms);
void crowd_stop_reading(size_t clients);	/* the first so many */
/* A text frame from one client. */
bool crowd_say(size_t client, const char *text, size_t len);
/* So many connections, each opened, shaken hands with and closed. Returns how many were welcomed. */
size_t crowd_churn(const struct crowd_options *, size_t times, bool reset);
void crowd_drop(void);		/* all connections, at once; the clients are kept */
void crowd_close(void);		/* the same, and the clients are forgotten */

#endif
