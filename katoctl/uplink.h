#ifndef KATOCTL_UPLINK_H
#define KATOCTL_UPLINK_H

/*
 * The way to a hub's feed socket (feed.h), for as long as it takes: lines go in, and stay until the hub says that its
 * pipeline has dealt with them. When the hub goes, it is connected to again, and given what it had not. A peer that
 * tells nothing, a plain server, is given each line once.
 */

#include <stdint.h>

#include "katoctl/hop.h"
#include "katoctl/loop.h"
#include "lib/log.h"

enum uplink_state {
	UPLINK_AWAY,		/* the next try is due */
	UPLINK_THERE,
	UPLINK_PARTING,		/* the connection is over; the hub may still say what it has dealt with */
};

enum uplink_acks { UPLINK_UNKNOWN, UPLINK_TELLS, UPLINK_TELLS_NOT };

struct uplink {
	const char *path;
	struct hop lines;
	enum uplink_state state;
	int fd, ack;		/* -1: none; ack: we read what is dealt with */
	int hand;		/* the other end, for the hub, until it is on its way; -1: it is */
	enum uplink_acks acks;
	char ack_text[24];
	size_t ack_len;
	uint64_t sent, dealt;	/* whole lines, of this connection */
	int64_t due_ms;		/* monotonic: of the next try; of the end of parting; since when the acks have ended; else -1 */
	int64_t since_ms;	/* connected */
	int wait_ms;		/* the last pause */
	bool said_away;
	struct log_gate gate;
};

/* path must live on; the bounds are those of what waits beside one line that the hub is at. */
void uplink_init(struct uplink *, const char *path, size_t max_bytes, size_t max_lines);
void uplink_free(struct uplink *);
bool uplink_full(const struct uplink *);
void uplink_put(struct uplink *, const char *p, size_t n);	/* whole lines; not while full */
/* This turn's descriptors; uplink_due says when to call uplink_step without an event of these. */
void uplink_watch(struct uplink *, struct loop *);
void uplink_step(struct uplink *, int64_t now_ms);
int64_t uplink_due(const struct uplink *);	/* INT64_MAX: never */
/* The hub has taken everything; *confirmed: and said that it is dealt with, or it tells nothing. */
bool uplink_taken(const struct uplink *, bool *confirmed);

#endif
