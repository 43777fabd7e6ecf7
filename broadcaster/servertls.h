#ifndef BROADCASTER_SERVERTLS_H
#define BROADCASTER_SERVERTLS_H

/*
 * TLS of the clients' ports (RFC 8446, RFC 5246): 1.2 and later, http/1.1. libwebsockets makes the connections;
 * which certificate they show is ours to say, at each handshake, so that a new one needs no new port.
 */

#include <libwebsockets.h>
#include <stdbool.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "broadcaster/server.h"

/* Loads what --tls-cert and --tls-key name, where they do; exits with 2, saying why, if that cannot be. */
void servertls_open(struct server *);
/* The same again on HUP, with other files maybe. What cannot be used is said, and the old certificate stays. */
void servertls_reload(struct server *);
bool servertls_is_on(void);
/* What the context and the clients' vhost need. */
uint64_t servertls_context_options(void);
void servertls_vhost(struct lws_context_creation_info *);
/* LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS brings it; what lws_create_vhost then returns. */
int servertls_take(void *ssl_ctx);
bool servertls_is_shaking(struct lws *);	/* its handshake is under way */
/* A request that came without TLS to a port that speaks it: answered, and no more. */
bool servertls_is_missing(struct lws *);

/*
 * To a client's socket, with TLS or without, and past libwebsockets, which must hold nothing for it. How many bytes
 * went; 0: the socket is full, then the same bytes have to come first the next time; -1: it is broken.
 */
ssize_t servertls_send(struct lws *, const struct iovec *, size_t n);
/* The client is told that nothing more comes; it may still send. */
void servertls_end(struct lws *);

#endif
