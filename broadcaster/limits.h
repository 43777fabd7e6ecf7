#ifndef BROADCASTER_LIMITS_H
#define BROADCASTER_LIMITS_H

/* How much one client may ask, and one address may connect. Times are monotonic ms. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A leaky bucket: holds what was spent and not yet forgiven. {0} is one that nothing was spent from.
 * A message costs LIMITS_MESSAGE, one that changes nothing only LIMITS_IDLE: a page that subscribes
 * again on each render is not punished, a flood of it still is.
 */
struct limits_bucket {
	int64_t spent, ms;
};

enum { LIMITS_MESSAGE = 50, LIMITS_IDLE = 1, LIMITS_IGNORED_MAX = 60, LIMITS_SAY_MS = 1000 };

struct limits_talk {	/* of a client; {0} is a new one */
	struct limits_bucket bucket;
	int64_t say_ms;		/* not before: the next word about it */
	uint32_t ignored;	/* in this row of too many */
};

enum limits_verdict {
	LIMITS_OK,
	LIMITS_IGNORE,		/* over the rate: drop the message */
	LIMITS_SAY,		/* the same, and tell the client: once a second */
	LIMITS_CLOSE,		/* LIMITS_IGNORED_MAX more came all the same */
};

/* One more message, before it is looked at; per_second and burst are in messages. LIMITS_OK has cost LIMITS_MESSAGE. */
enum limits_verdict limits_message(struct limits_talk *, int64_t per_second, int64_t burst, int64_t now);
/* That message changed nothing: gives back all but LIMITS_IDLE. */
void limits_forgive(struct limits_talk *);

/*
 * Those who come and go: a stay shorter than LIMITS_SHORT_MS is remembered when it ends. So a crowd that stays is never
 * in its own way; who connects again and again is. What was too many is owed, up to LIMITS_OWED_SECONDS of the rate.
 */
enum { LIMITS_SHORT_MS = 10000, LIMITS_OWED_SECONDS = 10, LIMITS_SAY_ADDRESS_MS = 60000 };

/* Addresses, in 16 bytes as IPv6 has them (IPv4 mapped); of an IPv6 address the first 64 bits count. */
struct limits_addresses;

enum { LIMITS_ADDRESSES_MAX = 65536 };

struct limits_addresses *limits_addresses_new(void);
void limits_addresses_del(struct limits_addresses *);
/* One more attempt to connect; per_second 0: as many as it likes. False: too many (a burst of twice the rate is fine). */
bool limits_connect(struct limits_addresses *, const unsigned char addr[16], int64_t per_second, int64_t now);
size_t limits_clients(const struct limits_addresses *, const unsigned char addr[16]);
void limits_join(struct limits_addresses *, const unsigned char addr[16], int64_t now);
void limits_leave(struct limits_addresses *, const unsigned char addr[16]);
/* A short stay of this address has ended. */
void limits_short(struct limits_addresses *, const unsigned char addr[16], int64_t per_second, int64_t now);
/* May it come once more, as far as its short stays go (twice as many at once are fine)? per_second 0: always. */
bool limits_rested(const struct limits_addresses *, const unsigned char addr[16], int64_t per_second, int64_t now);
/* One more refusal; true: it is to be said, once in LIMITS_SAY_ADDRESS_MS of an address. *refused: how many since the last. */
bool limits_say(struct limits_addresses *, const unsigned char addr[16], int64_t now, uint64_t *refused);
bool limits_is_loopback(const unsigned char addr[16]);

#endif
