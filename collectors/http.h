#ifndef COLLECTORS_HTTP_H
#define COLLECTORS_HTTP_H

/*
 * HTTP GETs, and forms posted, many side by side on one thread, connections kept alive and reused. The only room that
 * knows libcurl; it knows nothing of what the bytes mean. http and https, TCP and unix sockets;
 * proxies of the environment are not used, redirects not followed.
 */

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/settings.h"

struct http;
struct http_transfer;

struct http_reply {
	long status;		/* HTTP status; 0: no answer came, see error */
	const char *body;	/* NUL behind it; valid inside on_done only; empty for a stream */
	size_t len;
	const char *error;	/* NULL, or one line: "connection refused", "timed out after 2 s", "answer over 4194304 bytes" */
	bool reused;		/* went over a connection that had served before */
	bool lost;		/* the connection ended before the answer did */
	double seconds;		/* from start to end */
	const char *etag, *modified;	/* the headers ETag and Last-Modified; NULL: none; valid inside on_done only */
};

struct http_get {
	const char *url;	/* copied */
	const char *unix_socket;	/* path, copied; NULL: TCP */
	const char *accept;	/* Accept header; NULL: application/json, unless headers have one */
	const char *form;	/* application/x-www-form-urlencoded, copied: a POST; NULL: a GET */
	const struct strlist *headers;	/* "Name: value", copied; NULL: no more */
	const char *ca_file;	/* certificates that an https server's is checked against, copied; NULL: the system's */
	bool compressed;	/* the answer may come compressed; max_bytes is of what it unpacks to */
	long timeout_ms;	/* for the whole of it; 0: none, for a stream that stays open */
	size_t max_bytes;	/* of the body; over it: an error. 0: no ceiling (a stream) */
	bool fresh;		/* on a new connection */
	void (*on_bytes)(void *arg, const char *p, size_t n);	/* parts as they come; NULL: collected into reply.body */
	void (*on_done)(void *arg, const struct http_reply *);	/* once, never from inside http_start; not after http_cancel */
	void *arg;
};

struct http *http_new(void);
void http_del(struct http *);	/* cancels what runs */
struct http_transfer *http_start(struct http *, const struct http_get *);
void http_cancel(struct http *, struct http_transfer *);
size_t http_running(const struct http *);
/*
 * Waits until the network, one of the extra descriptors (poll(2)'s events, revents filled), or
 * timeout_ms (-1: for ever), then runs what is due: callbacks come from here.
 */
void http_wait(struct http *, struct pollfd *extra, size_t n, int timeout_ms);

#endif
