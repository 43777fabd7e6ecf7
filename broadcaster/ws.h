#ifndef BROADCASTER_WS_H
#define BROADCASTER_WS_H

/* WebSocket clients, as libwebsockets sees them: everything between a socket and the hub. */

#include <libwebsockets.h>
#include <stdbool.h>

#include "broadcaster/server.h"

#define WS_SUBPROTOCOL "kato.v1+json"

struct conn;

void ws_open(struct server *);
/* The settings were read again: if they have WebSocket on, an automatic rollback is over. */
void ws_rollback_over(struct server *);
/* For a connection just accepted; libwebsockets' opaque pointer. It is freed with it. */
struct conn *ws_conn_new(struct server *, const unsigned char peer[16]);
void ws_conn_accepted(struct server *, struct lws *);	/* it has its struct lws */
void ws_conn_asked(struct lws *);	/* its first request is whole */
/* Who has kept us waiting longest for its request goes; false: nobody for as long as a second. */
bool ws_make_room(struct server *);
const unsigned char *ws_peer(struct lws *);	/* 16 bytes as IPv6 has them */
/* What a virtual host for clients is to offer. */
const struct lws_extension *wsdeflate_extensions(void);
bool ws_takes(enum lws_callback_reasons);
int ws_callback(struct server *, struct lws *, enum lws_callback_reasons, void *in, size_t len);
int ws_clock_callback(struct lws *, enum lws_callback_reasons, void *user, void *in, size_t len);
/* The end of a turn in which the hub was told something: sends what is due, sets the clock for the rest. */
void ws_turn(struct server *);
struct hub_now ws_now(void);
/* Closes all with this code; when they have gone, or after two seconds, exits with 0. */
void ws_stop(struct server *, int code, const char *reason);

#endif
