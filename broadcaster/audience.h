#ifndef BROADCASTER_AUDIENCE_H
#define BROADCASTER_AUDIENCE_H

/* What the hub's rooms share: the hub from inside. */

#include "broadcaster/hub.h"
#include "broadcaster/outq.h"
#include "broadcaster/topics.h"
#include "broadcaster/update.h"

struct audience;

/* What a client's token grants it, for as long as it is connected. */
struct pass {
	struct topicset *limit;		/* NULL: all topics */
	int64_t until_ms;		/* wall clock; GRANT_FOREVER */
	uint64_t key;
	size_t at;			/* in hub->passes */
	struct hub_client *client;
};

struct hub_client {
	void *conn;
	struct audience *audience;
	struct topicset *want;		/* what it asked for; NULL: it never did */
	struct pass *pass;		/* NULL: it came without a token */
	struct hub_client *next, **prev;	/* of the hub */
	uint32_t index;			/* in audience->clients */
	uint8_t form;			/* enum frame_form */
	bool closed;			/* gets nothing more */
	bool waiting;			/* for its socket to drain */
	bool owed;			/* state was left out: it has that of version seen */
	uint64_t seen;			/* state version it has all of */
	uint64_t replay;		/* next offset to draw from the history; 0: it gets events live */
	int64_t hold_ms;		/* with every: no state before (monotonic) */
	int64_t joined_ms;
	uint64_t messages, bytes;
	struct outq queue;
};

/* Clients that are to get the same bytes. */
struct audience {
	struct audience *next_hash;
	const struct dialect *dialect;
	struct topicset *set;
	int64_t every_ms, phase_ms;	/* 0: as it comes; beats are this much behind multiples of their distance */
	struct hub_client **clients;
	size_t n, cap;
	struct frames pending;		/* of this turn */
	uint64_t seen;			/* state version up to which it was served */
	uint64_t marked;		/* last publication that found it: once is enough */
	bool stale;			/* there is state to send, at the next flush or beat */
	bool late;			/* some client was to have no state yet at the last beat */
	bool touched;			/* is in hub->touched */
	struct beat *beat;		/* with every, or where state is repeated: its grid */
	struct audience *next_beat, **prev_beat;
};

/* The grid of all audiences of one "every", or of one time of repeating. */
struct beat {
	struct beat *next;
	int64_t every_ms, phase_ms, due_ms;
	struct audience *audiences;
};

enum {
	HUB_EVENT_TYPES = 64,
	HUB_FRESH_MS = 50,	/* a state message this old may be given to one more client */
};

struct hub {
	const struct hub_ops *ops[FRAMINGS];	/* NULL: none of these join */
	const struct history *history;
	struct stats *stats;
	struct hub_options opt;
	struct topics *topics;
	struct update update;
	struct audience **bucket;	/* by hash of what they are */
	size_t nbucket, naudiences;
	struct hub_client *clients;
	size_t nclients, nbehind;	/* behind: with a queue */
	struct beat *beats;
	int64_t beat_due;		/* the earliest; -1: none */
	struct audience **touched;	/* those with something pending, or stale without every */
	size_t ntouched, captouched;
	uint64_t mark;
	bool heavy;			/* some audience has a large batch pending */
	struct frame_cache joints;	/* of this turn: joined frames by what is in them */
	int64_t flush_ms;		/* when the state window closes; -1: it is not open */
	int64_t flushed_ms;		/* when it last closed */
	uint32_t waiting;		/* sections still expected in this window, a bit each */
	int64_t section_ms[UPDATE_SECTIONS_MAX];	/* when each last came */
	int64_t started_ms;
	struct hub_turn turn;		/* being counted */
	bool input_ended;
	struct pass **passes;		/* those that run out: a heap, the next to go first */
	size_t npasses, cappasses;
	int64_t pass_due;		/* monotonic ms of when the first runs out; -1: none does */
	struct topicset *standard[DIALECTS_MAX];	/* of each dialect: what who never subscribed gets */
	char *event_type[HUB_EVENT_TYPES];	/* seen so far */
	size_t nevent_types;
};

/* audience.c */
/* Moves the client to the audience of (its dialect, what it wants under the present flags, every). */
void audience_enter(struct hub *, struct hub_client *, const struct dialect *, int64_t every_ms, struct hub_now);
void audience_exit(struct hub *, struct hub_client *);
struct topicset *audience_standard(struct hub *, const struct dialect *);	/* borrowed */
/* Hands the pending frames, and with state what changed, to each client. */
void audience_serve(struct hub *, struct audience *, bool state, struct hub_now);
void audience_touch(struct hub *, struct audience *);
int64_t audience_beat(const struct beat *, struct hub_now);	/* monotonic ms of the next */
void audience_free_all(struct hub *);

/* news.c */
void news_remember(struct hub *, const char *event_type);	/* it is known from now on */

/* client.c */
/* How this one is reached. */
static inline const struct hub_ops *
client_ops(const struct hub *h, const struct hub_client *c)
{
	return h->ops[c->audience->dialect->framing];
}
/* Gives it whole, now or queued. False: the client cannot take more and is being closed, or is. */
bool client_give(struct hub *, struct hub_client *, struct frame *);
/* The same for all of a list in one write; counts them; empties the list. */
void client_give_all(struct hub *, struct hub_client *, struct frames *);
/* Tries to write, never queues. */
enum hub_sent client_write(struct hub *, struct hub_client *, struct frame *);
/* All state newer than it has; what cannot be written now stays owed. */
void client_catch_up(struct hub *, struct hub_client *, struct hub_now);
/* Begins a replay behind offset if the history reaches back; appends the outcome as JSON members, a comma in front. */
void client_resume(struct hub *, struct hub_client *, const char *epoch, uint64_t offset, struct strbuf *);
/* The socket has drained: what is queued, then what is replayed, then the state owed. */
void client_drain(struct hub *, struct hub_client *, struct hub_now);
void client_forget(struct hub *, struct hub_client *);	/* what is queued */
void client_close(struct hub *, struct hub_client *, int code, const char *reason);

#endif
