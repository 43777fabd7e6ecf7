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
bool serverlisten_is_loopback(int fd);	/* reachable from this machine only */
/* Appends SCHEME://ADDR:PORT. */
void serverlisten_url(const char *scheme, const char *addr, int port, struct strbuf *);

#endif
