#ifndef BENCH_CROWDIN_H
#define BENCH_CROWDIN_H

/* What crowd.c and crowdopen.c share. */

#include <zlib.h>

#include "tests/bench/crowd.h"

enum { CROWD_MESSAGE_MAX = 1 << 21 };

enum crowd_phase { CROWD_GONE, CROWD_CONNECTING, CROWD_ASKED, CROWD_OPEN };

struct crowd_client {
	int fd;
	uint8_t phase, set;
	bool deaf, in_pieces;	/* deaf: reads nothing any more */
	uint32_t rest_len;
	char *rest;		/* an unfinished frame */
	uint64_t next;		/* number of the message to come */
	uint64_t offset;	/* of the newest event */
	z_stream *inflate;
};

struct crowd {
	struct crowd_client *v;
	size_t n, open;
	size_t asking;		/* handshakes under way */
	int epoll;
	bool offsets;
	char epoch[80];
	struct ledger *ledger;
	char *in;		/* what is read, of whoever is read */
	uint64_t now;		/* of the turn at hand */
	uint64_t said;		/* bytes came so far, to see when it is quiet */
};

extern struct crowd crowd;

/* crowd.c */
void crowd_lose(struct crowd_client *);
void crowd_keep(struct crowd_client *, const char *p, size_t n);	/* an unfinished frame */

/* crowdframes.c */
/* Frames at p; returns how many bytes were whole frames. */
size_t crowd_take(struct crowd_client *, char *p, size_t n);

/* crowdopen.c */
void crowd_ask(struct crowd_client *);		/* it is connected */
void crowd_answered(struct crowd_client *, char *p, size_t n);	/* what came before it was open */

#endif
