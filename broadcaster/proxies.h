#ifndef BROADCASTER_PROXIES_H
#define BROADCASTER_PROXIES_H

/*
 * Whom to believe about where a request came from: proxies that stand before us, by address, and the
 * X-Forwarded-For that they write. Pure. Addresses are in 16 bytes as IPv6 has them (IPv4 mapped).
 */

#include <stdbool.h>
#include <stddef.h>

struct proxies {	/* {0}: nobody is believed */
	struct proxies_net {
		unsigned char addr[16];
		unsigned bits;
	} *v;
	size_t n;
};

/* ADDR or ADDR/LEN, of IPv4 or IPv6; or "unix", whoever comes through a Unix socket. False: it is not that. */
bool proxies_add(struct proxies *, const char *text);
void proxies_free(struct proxies *);
bool proxies_trusts(const struct proxies *, const unsigned char addr[16]);

/* One element of X-Forwarded-For: ADDR, ADDR:PORT, [V6], [V6]:PORT. False: no address. */
bool proxies_address(const char *text, size_t len, unsigned char out[16]);
/*
 * The client of a request that came from peer with this X-Forwarded-For (NULL: none; several of them are joined by
 * commas): the last address in it that is no trusted proxy's, since whatever stands before that its sender made up.
 * Where the last known is followed by something that is no address, or all are proxies, the last known it is.
 * False: the peer itself is meant, and out is peer.
 */
bool proxies_client(const struct proxies *, const unsigned char peer[16], const char *forwarded_for, unsigned char out[16]);

/* Who comes through a Unix socket has no address: this stands for it, :: */
extern const unsigned char proxies_unix[16];
bool proxies_is_unix(const unsigned char addr[16]);

enum { PROXIES_TEXT = 46 };	/* bytes, the NUL included */

/* An address as people write it, or "unix"; returns out. */
const char *proxies_text(const unsigned char addr[16], char out[PROXIES_TEXT]);

#endif
