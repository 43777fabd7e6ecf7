#ifndef BROADCASTER_REQUEST_H
#define BROADCASTER_REQUEST_H

/* A client's message, or the query of its upgrade request, as a struct: parsed whole, not yet applied. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broadcaster/dialect.h"
#include "lib/strbuf.h"

#define REQUEST_EVERY_MIN 0.1
#define REQUEST_EVERY_MAX 3600.0
enum { REQUEST_EPOCH_MAX = 64 };

struct request {
	enum verb verb;
	bool bare;		/* the ping was the bare text */
	bool replace;		/* "mode":"replace" */
	bool named;		/* the list of names was there */
	struct strbuf names;	/* each well-formed name with a NUL behind it */
	struct strbuf echo;	/* that list as it was sent, where names are subjects */
	size_t nnames;
	bool has_every, has_since;
	int64_t every_ms;
	char epoch[REQUEST_EPOCH_MAX + 1];	/* of since; "" where it cannot be one of ours */
	uint64_t offset;
	bool interval;		/* every is what the dialect's clients say as they come, no subscription */
	bool refused;		/* the query: it cannot be served */
	const char *code;	/* what was wrong first; NULL: nothing. verb is VERB_NONE when nothing at all applies */
	struct strbuf message;	/* and in words */
	struct strbuf detail;	/* JSON, empty: none */
};

void request_parse(const struct dialect *, const char *text, size_t len, struct request *out);
/*
 * One parameter of a query, decoded (value NULL: it has no =), or the header Last-Event-ID as last_event_id; call it for each, out being {0} before
 * the first. What the dialect does not know is left alone. Then request_query_end: verb stays VERB_NONE if nothing asked for a subscription.
 */
void request_query(const struct dialect *, struct request *out, const char *name, const char *value, size_t len);
void request_query_end(struct request *out);
void request_free(struct request *);

#endif
