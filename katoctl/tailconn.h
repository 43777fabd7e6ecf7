#ifndef KATOCTL_TAILCONN_H
#define KATOCTL_TAILCONN_H

/* A WebSocket client that comes back. With cmd_tail.c the only room of katoctl that knows libwebsockets. */

#include <stdbool.h>
#include <stddef.h>

#include "katoctl/tailurl.h"

enum { TAILCONN_MESSAGE_MAX = 16 << 20, TAILCONN_LOOK_MS = 250, TAILCONN_ODD_CODE = 1002 };

/* How a connection, or a try to get one, ended. */
struct tailconn_end {
	bool opened;		/* it was one */
	unsigned http;		/* status of a refused upgrade; 0: none came */
	int code;		/* of the server's close frame; 0: none came, TAILCONN_ODD_CODE: 1012, 1013 or another that libwebsockets hides */
	const char *why;	/* words of the server or of the library, maybe empty */
	bool untrusted;		/* its certificate is not to be trusted, why says for what */
};

struct tailconn_calls {
	/* Path and query of the next try; valid until the next call. */
	const char *(*path)(void *arg);
	/* The token to show, as a header; NULL: none. Valid until the next call. */
	const char *(*token)(void *arg);
	void (*opened)(void *arg);
	/* A text message; false: that was all, go. */
	bool (*message)(void *arg, const char *text, size_t n);
	/* How many ms to wait before the next try; -1: go. */
	int (*ended)(void *arg, const struct tailconn_end *);
	/* Every TAILCONN_LOOK_MS and whenever sigs_fd is readable; false: go. */
	bool (*look)(void *arg);
	void *arg;
	const char *cacert;	/* a file of authorities to trust beside the system's; NULL: none */
};

/*
 * Connects, reconnects and calls, until one of the calls says go; then closes properly. A server from which
 * nothing was heard for silence_s, asked in between, is given up. False: it could not even begin.
 */
bool tailconn_run(const struct tailurl *, int silence_s, const struct tailconn_calls *);

#endif
