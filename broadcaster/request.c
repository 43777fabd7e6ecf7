#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "broadcaster/request.h"
#include "broadcaster/topics.h"
#include "lib/json.h"

enum { SHOWN_MAX = 40 };

static void
wrong(struct request *r, const char *code, const char *what, const char *shown, size_t len)
{
	if (r->code)
		return;
	r->code = code;
	strbuf_adds(&r->message, what);
	if (shown)
		strbuf_add(&r->message, shown, len > SHOWN_MAX ? SHOWN_MAX : len);
	if (shown && len > SHOWN_MAX)
		strbuf_adds(&r->message, "...");
}

static void
bad_name(struct request *r, const char *shown, size_t len)
{
	wrong(r, "bad_topic", "not a topic: ", shown, len);
	strbuf_addc(&r->detail, r->detail.len ? ',' : '[');
	strbuf_addjson(&r->detail, shown, len);
}

static void
take_name(struct request *r, const char *name, size_t len)
{
	if (!topics_well_formed(name, len)) {
		bad_name(r, name, len);
		return;
	}
	strbuf_add(&r->names, name, len);
	strbuf_addc(&r->names, '\0');
	r->nnames++;
}

static void
take_names(struct request *r, struct span list)
{
	struct json_iter it;
	struct span e;
	struct strbuf name = {0};

	if (!json_is(list, '[')) {
		wrong(r, "bad_message", list.p ? "\"subscriptions\" is not an array of topics" : "\"subscriptions\" is missing",
		    NULL, 0);
		r->verb = VERB_NONE;
		return;
	}
	r->named = true;
	it = json_iter(list);
	while (json_next_element(&it, &e)) {
		strbuf_reset(&name);
		if (json_string(e, &name))
			take_name(r, name.s ? name.s : "", name.len);
		else
			bad_name(r, e.p, e.len);
	}
	strbuf_free(&name);
	if (r->detail.len)
		strbuf_addc(&r->detail, ']');
}

static bool
every_of(double seconds, struct request *r)
{
	if (!(seconds >= REQUEST_EVERY_MIN && seconds <= REQUEST_EVERY_MAX))
		return false;
	r->has_every = true;
	r->every_ms = (int64_t)ceil(seconds * 10 - 1e-6) * 100;
	return true;
}

static void
take_every(struct request *r, struct span v)
{
	double seconds;

	if (v.p && !(json_number(v, &seconds) && every_of(seconds, r)))
		wrong(r, "bad_every", "\"every\" is not a number of seconds from 0.1 to 3600: ", v.p, v.len);
}

/* Digits only, and no more than fit. */
static bool
offset_of(const char *p, size_t n, uint64_t *out)
{
	uint64_t v = 0;

	if (!n || n > 19)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		v = 10 * v + (uint64_t)(p[i] - '0');
	}
	*out = v;
	return true;
}

static void
epoch_of(struct request *r, const char *p, size_t n)
{
	r->epoch[0] = '\0';
	if (n && n <= REQUEST_EPOCH_MAX && !memchr(p, '\0', n)) {
		memcpy(r->epoch, p, n);
		r->epoch[n] = '\0';
	}
}

static void
take_since(struct request *r, struct span v)
{
	struct span epoch = json_member(v, "epoch"), offset = json_member(v, "offset");
	struct strbuf text = {0};

	if (!v.p || json_is(v, 'n'))
		return;
	if (json_string(epoch, &text) && offset_of(offset.p, offset.len, &r->offset)) {
		epoch_of(r, text.s ? text.s : "", text.len);
		r->has_since = true;
	} else {
		wrong(r, "bad_since", "\"since\" is not {\"epoch\":text,\"offset\":whole number}: ", v.p, v.len);
	}
	strbuf_free(&text);
}

static void
take_subscribe(struct request *r, struct span message)
{
	struct span mode = json_member(message, "mode");

	if (mode.p && json_equals(mode, "replace"))
		r->replace = true;
	else if (mode.p && !json_equals(mode, "add"))
		wrong(r, "bad_mode", "\"mode\" is neither add nor replace: ", mode.p, mode.len);
	take_names(r, json_member(message, "subscriptions"));
	take_every(r, json_member(message, "every"));
	take_since(r, json_member(message, "since"));
}

static void
take_verb(const struct dialect *d, struct request *r, struct span message)
{
	struct span word = json_member(message, d->command);
	struct strbuf text = {0};

	if (!json_string(word, &text)) {
		wrong(r, "bad_message", "no text member ", d->command, strlen(d->command));
		strbuf_free(&text);
		return;
	}
	r->verb = dialect_verb(d, text.s ? text.s : "");
	if (r->verb == VERB_NONE)
		wrong(r, "unknown_type", "no such message: ", text.s, text.len);
	strbuf_free(&text);
}

void
request_parse(const struct dialect *d, const char *text, size_t len, struct request *r)
{
	enum json_error e;
	struct span message;
	size_t at;

	*r = (struct request){0};
	if (d->ping_text && len == strlen(d->ping_text) && !memcmp(text, d->ping_text, len)) {
		r->verb = VERB_PING;
		r->bare = true;
		return;
	}
	e = json_check(text, len, &at);
	if (e != JSON_OK) {
		wrong(r, "bad_json", "not JSON: ", NULL, 0);
		strbuf_addf(&r->message, "%s at byte %zu", json_strerror(e), at);
		return;
	}
	message = json_trim(text, len);
	if (!json_is(message, '{')) {
		wrong(r, "bad_message", "not a JSON object: ", message.p, message.len);
		return;
	}
	take_verb(d, r, message);
	if (r->verb == VERB_SUBSCRIBE)
		take_subscribe(r, message);
	else if (r->verb == VERB_UNSUBSCRIBE)
		take_names(r, json_member(message, "subscriptions"));
}

static void
query_names(struct request *r, const char *v, size_t len)
{
	const char *end = v + len, *comma;

	r->named = true;
	for (; v <= end; v = comma + 1) {
		comma = memchr(v, ',', (size_t)(end - v));
		if (!comma)
			comma = end;
		if (comma > v)
			take_name(r, v, (size_t)(comma - v));
	}
}

static bool
seconds_of(const char *v, size_t len, double *out)
{
	char text[32], *end;

	if (!len || len >= sizeof text)
		return false;
	memcpy(text, v, len);
	text[len] = '\0';
	if (strspn(text, "0123456789.") < len)
		return false;
	*out = strtod(text, &end);
	return !*end;
}

/* EPOCH:OFFSET; what is anything else was never ours, and so cannot be resumed. */
static void
take_event_id(struct request *r, const char *v, size_t len)
{
	const char *colon = memrchr(v, ':', len);

	if (!len)
		return;
	r->epoch[0] = '\0';
	r->offset = 0;
	if (colon && offset_of(colon + 1, len - (size_t)(colon + 1 - v), &r->offset))
		epoch_of(r, v, (size_t)(colon - v));
	if (!r->epoch[0])
		r->epoch[0] = ' ';
	r->has_since = true;
}

void
request_query(struct request *r, const char *name, const char *v, size_t len)
{
	double seconds;

	if (!strcmp(name, "subscribe")) {
		query_names(r, v, len);
	} else if (!strcmp(name, "every")) {
		if (!seconds_of(v, len, &seconds) || !every_of(seconds, r))
			wrong(r, "bad_every", "every is not a number of seconds from 0.1 to 3600: ", v, len);
	} else if (!strcmp(name, "epoch")) {
		epoch_of(r, v, len);
		if (!r->epoch[0])
			r->epoch[0] = ' ';	/* given, but none of ours */
	} else if (!strcmp(name, "last_event_id")) {
		take_event_id(r, v, len);
	} else if (!strcmp(name, "offset")) {
		r->has_since = offset_of(v, len, &r->offset);
		if (!r->has_since)
			wrong(r, "bad_since", "offset is not a whole number: ", v, len);
	}
}

void
request_query_end(struct request *r)
{
	if (r->has_since != !!r->epoch[0]) {
		wrong(r, "bad_since", "epoch and offset go together", NULL, 0);
		r->has_since = false;
	}
	if (r->detail.len)
		strbuf_addc(&r->detail, ']');
	if (r->named || r->has_every || r->has_since)
		r->verb = VERB_SUBSCRIBE;
}

void
request_free(struct request *r)
{
	strbuf_free(&r->names);
	strbuf_free(&r->message);
	strbuf_free(&r->detail);
}
