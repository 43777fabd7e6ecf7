#ifndef BROADCASTER_SERVERPORTS_H
#define BROADCASTER_SERVERPORTS_H

/*
 * Which sockets are listened on. Those that whoever started us has opened (sd_listen_fds(3)) come in place of --host
 * and --port. Those that we open ourselves are given to him to keep, by --store-fd or NOTIFY_SOCKET, and our successor
 * gets them back: so a restart, and a death, refuse no connection. One that fits no setting any more is closed.
 */

#include "broadcaster/server.h"

/* Takes what was handed down; exits with 2 where that is nothing to listen on. store_fd -1: none. */
void serverports_take(int store_fd);
/* Opens the others, says where, and fills s->listen_fd; exits with 2 where a port is taken or an address not ours. */
void serverports_open(struct server *);
/* NAME=value lines for whoever keeps our sockets. */
void serverports_say(const char *lines);

#endif
