#ifndef BROADCASTER_REPLY_H
#define BROADCASTER_REPLY_H

/* An HTTP request as a route sees it, and what a route answers. Bodies are shared by reference count. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broadcaster/grant.h"
#include "broadcaster/query.h"
#include "lib/strbuf.h"

#define REPLY_JSON "application/json; charset=utf-8"
#define REPLY_PROBLEM "application/problem+json"

struct body {
	size_t refs, len;
	char data[];	/* and a NUL behind it */
};

enum method { METHOD_GET, METHOD_HEAD, METHOD_OPTIONS, METHOD_OTHER };

struct http_request {
	enum method method;
	const char *path;		/* decoded */
	struct query query;
	const char *if_none_match;	/* NULL: none */
	bool gzip;			/* a gzipped body will do */
	bool loopback;			/* comes from this machine */
	const struct grant *grant;	/* what its token allows; NULL: everything */
};

struct reply {
	int status;
	const char *type;		/* of the body */
	struct body *body;		/* one reference, the reply's; NULL: none */
	struct strbuf headers;		/* more of them, "Name: value\r\n" each */
	int64_t modified_ms;		/* when what is told was read: Last-Modified; 0: not said */
};

/* Copies; one reference, the caller's. */
struct body *body_new(const char *data, size_t len);
struct body *body_ref(struct body *);	/* returns its argument */
void body_unref(struct body *);		/* NULL is fine */
size_t body_bytes(void);		/* of all bodies there are */

void reply_free(struct reply *);	/* and leaves it {0} */
/* A body of this type, status 200 unless there is one already. */
void reply_text(struct reply *, const char *type, const char *data, size_t len);
void reply_json(struct reply *, const struct strbuf *);
void reply_header(struct reply *, const char *name, const char *value);
/* RFC 9457, in place of whatever the reply held. detail says what was wrong with what. */
void reply_problem(struct reply *, int status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
const char *reply_reason(int status);	/* "Not Found" */

#endif
