#ifndef COLLECTORS_WATCH_H
#define COLLECTORS_WATCH_H

/*
 * The engine's events, followed live: connected again whenever the stream ends, from where it ended, so
 * that none is missed (of those the engine still has: Docker the last 256, podman none), and none is
 * handed on twice. Times are of the monotonic clock, ms.
 */

#include <stdint.h>

#include "collectors/container.h"
#include "collectors/docker.h"
#include "lib/linebuf.h"
#include "lib/log.h"

enum { WATCH_REMEMBERED = 512 };

struct watch {
	struct docker *docker;
	void (*on_event)(void *arg, const struct container_event *);
	void *arg;
	struct http_transfer *stream;	/* NULL: none */
	struct linebuf lines;
	struct container_event event;
	uint64_t seen[WATCH_REMEMBERED];	/* hashes of the ids of the newest events, a ring */
	size_t nseen;
	int64_t newest_ns;	/* time of the newest event, or of the first connect; 0: none */
	int64_t next_try, backoff;
	bool again;	/* the stream is to be given up */
	struct log_gate lost, garbled;
};

void watch_init(struct watch *, struct docker *, void (*on_event)(void *, const struct container_event *), void *arg);
void watch_free(struct watch *);
/* Events before this moment are not wanted; for an engine whose clock is ours. */
void watch_since(struct watch *, int64_t wall_ms);
/* The stream has missed something: connect anew. */
void watch_restart(struct watch *);
/* Connects if there is no stream, and it is time to. Needs the docker's version. */
void watch_run(struct watch *, int64_t mono);
/* ms until watch_run has something to do; -1: nothing. */
int watch_wait(const struct watch *, int64_t mono);

#endif
