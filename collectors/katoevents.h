#ifndef COLLECTORS_KATOEVENTS_H
#define COLLECTORS_KATOEVENTS_H

/*
 * WebSocket connections to KATO's /ws/events. The only room here that knows libwebsockets; it knows
 * nothing of what the messages mean. It never waits: the caller polls its descriptors.
 *
 * A connection may first ask GET /health over the same TCP connection: "last_collection" in the answer is
 * the time its worker process began, and so tells the workers apart.
 */

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	KATOEVENTS_MESSAGE_MAX = 64 << 10,	/* a longer one closes its connection; KATO's have 300 bytes */
	KATOEVENTS_CONNECT_S = 5,		/* to connect, and again to be answered */
	KATOEVENTS_ASK_MS = 1000,		/* for the question; events matter more than who tells them */
	KATOEVENTS_PING_MS = 20000,		/* of silence, then "ping" is said */
	KATOEVENTS_SILENT_MS = 30000,		/* of silence: closed */
};

struct katoevents;

struct katoevents_to {
	const char *host;	/* all copied */
	int port;
	const char *path;	/* in front of /ws/events: "" or "/api" */
	const char *userinfo;	/* "user:secret" as in a URL; NULL: none */
	bool tls;
};

struct katoevents_calls {
	/* KATO's worker said who it is: a hash, 0 if it would not. False: hang up. */
	bool (*landed)(void *arg, int slot, uint64_t worker);
	void (*up)(void *arg, int slot);
	void (*message)(void *arg, int slot, const char *text, size_t len);	/* text is not NUL-terminated */
	void (*lost)(void *arg, int slot, const char *why);	/* a line; not after katoevents_hang_up, nor after landed said false */
	void *arg;
};

struct katoevents *katoevents_new(const struct katoevents_to *, unsigned slots, const struct katoevents_calls *);
void katoevents_del(struct katoevents *);	/* calls nothing */
/* The slot must be free. ask: for the worker. What becomes of it comes by the calls above, from here or from katoevents_run. */
void katoevents_dial(struct katoevents *, int slot, bool ask);
void katoevents_hang_up(struct katoevents *, int slot);
/* What to poll for, at most one a slot. */
size_t katoevents_fds(const struct katoevents *, struct pollfd *out);
int katoevents_wait(const struct katoevents *);	/* ms until katoevents_run has something to do without a descriptor's event */
/* Runs what is due: the calls come from here. */
void katoevents_run(struct katoevents *, int64_t mono);

#endif
