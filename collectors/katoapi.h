#ifndef COLLECTORS_KATOAPI_H
#define COLLECTORS_KATOAPI_H

/* KATO's HTTP API: where it is, how to ask, and what went wrong in words that hold no password. */

#include <stdbool.h>
#include <stddef.h>

#include "collectors/http.h"
#include "lib/strbuf.h"

#define KATOAPI_URL_DEFAULT "http://localhost:8000"

enum { KATOAPI_MAX_BYTES = 4 << 20 };	/* of an answer's body */

struct katoapi {
	struct http *http;
	char *base;	/* "http://user:secret@kato:8000/api", no slash at its end */
	char *shown;	/* the same for messages, without user and secret */
	bool tls;	/* the same once more in parts, for who opens a WebSocket beside it */
	char *host;	/* "kato", "::1" */
	int port;
	char *path;	/* "/api"; "": none */
	char *userinfo;	/* "user:secret" as it stood, percent signs included; NULL: none */
	long timeout_ms;	/* of one question, its retry included */
};

struct katoapi_call;
typedef void katoapi_done(void *arg, const struct http_reply *);

/* url: http or https, with a path or a slash at its end if need be. False: *err says what is wrong, without secrets. */
bool katoapi_init(struct katoapi *, struct http *, const char *url, long timeout_ms, struct strbuf *err);
void katoapi_free(struct katoapi *);

/*
 * GET base + path, over the connection that served last. KATO closes one that was idle for 5 s: a question
 * that finds it closing is asked once more on a new one, and nobody hears of it. done is called once, never
 * from in here, and may ask anew; the call is over then.
 */
struct katoapi_call *katoapi_get(struct katoapi *, const char *path, long timeout_ms, katoapi_done *done, void *arg);
void katoapi_cancel(struct katoapi_call *);

/* Appends one line: what was asked of whom and what came instead: "http://kato:8000/metrics: HTTP status 500: reason". */
void katoapi_describe(const struct katoapi *, const char *path, const struct http_reply *, struct strbuf *out);

#endif
