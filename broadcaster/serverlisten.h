#ifndef BROADCASTER_SERVERLISTEN_H
#define BROADCASTER_SERVERLISTEN_H

/* Listening sockets. */

#include <stdbool.h>
#include <stddef.h>

#include "lib/strbuf.h"

/* "[ADDR:]PORT" apart; brackets around an IPv6 address. False: it is not that. *addr is NULL where there was none; the caller frees it. */
bool serverlisten_split(const char *text, char **addr, int *port);
/*
 * A listening, non-blocking, close-on-exec socket on addr (a name or an address) and port (0: a free
 * one; *port says which). -1 with errno; EADDRINUSE: the port is taken, EADDRNOTAVAIL: not our address.
 */
int serverlisten_open(const char *addr, int *port);
/* Is this socket the one that serverlisten_open would open for addr and port? port 0: any. */
bool serverlisten_is_at(int fd, const char *addr, int port);
/* One that somebody else has opened: NULL if it will do, else why not. What connections inherit from ours, it gets, too. */
const char *serverlisten_adopt(int fd);
int serverlisten_port(int fd);	/* 0: has none */
bool serverlisten_is_loopback(int fd);	/* reachable from this machine only */
/* Appends SCHEME://ADDR:PORT; addr NULL: the socket's own address. Of a Unix socket unix:PATH. */
void serverlisten_url(const char *scheme, const char *addr, int fd, struct strbuf *);

#endif
