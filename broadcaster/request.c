#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "broadcaster/request.h"
#include "broadcaster/topics.h"
#include "lib/json.h"

enum { SHOWN_MAX = 40, DIGITS_MAX = 9 };

static void
put_short(struct strbuf *out, const char *shown, size_t len)
{
	strbuf_add(out, shown, len > SHOWN_MAX ? SHOWN_MAX : len);
	strbuf_adds(out, len > SHOWN_MAX ? "..." : "");
}

static void
wrong(struct request *r, const char *code, const char *what, const char *shown, size_t len)
{
	if (r->code)
		return;
	r->code = code;
	strbuf_adds(&r->message, what);
	if (shown)
		put_short(&r->message, shown, len);
}

/* In the words of the dialect; where it has none, as if nothing had come. */
static void
wrong_in(struct request *r, const char *code, const char *template, const char *what)
{
	if (!template || r->code)
		return;
	r->code = code;
	dialect_fill(template, (struct dialect_var[]){{"what", what}, {NULL, NULL}}, &r->message);
}

static void
wrong_shown(struct request *r, const char *code, const char *template, struct span shown)
{
	struct strbuf what = {0};

	put_short(&what, shown.p, shown.len);
	wrong_in(r, code, template, what.s);
	strbuf_free(&what);
}

static void
bad_name(const struct dialect *d, struct request *r, const char *shown, size_t len)
{
	if (d->subject)
		wrong(r, "bad_name", "not an id, a text of 1 to 512 bytes: ", shown, len);
	else
		wrong(r, "bad_topic", "not a topic: ", shown, len);
	strbuf_addc(&r->detail, r->detail.len ? ',' : '[');
	strbuf_addjson(&r->detail, shown, len);
}

/* An id is any text; a topic is well-formed. */
static bool
is_name(const struct dialect *d, const char *name, size_t len)
{
	return d->subject ? len && len <= TOPICS_ID_MAX : topics_well_formed(name, len);
}

static void
take_name(const struct dialect *d, struct request *r, const char *name, size_t len)
{
	if (!is_name(d, name, len)) {
		bad_name(d, r, name, len);
		return;
	}
	strbuf_add(&r->names, name, len);
	strbuf_addc(&r->names, '\0');
	r->nnames++;
}

/* False: there is no list. */
static bool
has_names(const struct dialect *d, struct request *r, struct span list)
{
	struct strbuf what = {0};

	if (json_is(list, '['))
		return true;
	if (list.p || !d->subject) {
		strbuf_addf(&what, "\"%s\" is %s", d->names, !list.p ? "missing" : d->subject ? "not an array of ids" : "not an array of topics");
		wrong(r, "bad_message", what.s, NULL, 0);
		r->verb = VERB_NONE;
		strbuf_free(&what);
	}
	return false;
}

static void
take_names(const struct dialect *d, struct request *r, struct span list)
{
	struct json_iter it;
	struct span e;
	struct strbuf name = {0};

	if (!has_names(d, r, list))
		return;
	r->named = true;
	if (d->subject)
		strbuf_add(&r->echo, list.p, list.len);
	it = json_iter(list);
	while (json_next_element(&it, &e)) {
		strbuf_reset(&name);
		if (json_string(e, &name))
			take_name(d, r, name.s ? name.s : "", name.len);
		else
			bad_name(d, r, e.p, e.len);
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
take_subscribe(const struct dialect *d, struct request *r, struct span message)
{
	struct span mode = json_member(message, "mode");

	if (d->subject) {
		take_names(d, r, json_member(message, d->names));
		return;
	}
	if (mode.p && json_equals(mode, "replace"))
		r->replace = true;
	else if (mode.p && !json_equals(mode, "add"))
		wrong(r, "bad_mode", "\"mode\" is neither add nor replace: ", mode.p, mode.len);
	take_names(d, r, json_member(message, d->names));
	take_every(r, json_member(message, "every"));
	take_since(r, json_member(message, "since"));
}

static void
take_verb(const struct dialect *d, struct request *r, struct span message)
{
	struct span word = json_member(message, d->command);
	struct strbuf text = {0};

	if (!json_string(word, &text)) {
		wrong_in(r, "bad_message", d->no_verb, d->command);
		strbuf_free(&text);
		return;
	}
	r->verb = dialect_verb(d, text.s ? text.s : "");
	if (r->verb == VERB_NONE)
		wrong_shown(r, "unknown_type", d->bad_verb, (struct span){text.s, text.len});
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
		struct strbuf what = {0};

		strbuf_addf(&what, "%s at byte %zu", json_strerror(e), at);
		wrong_in(r, "bad_json", d->bad_json, what.s);
		strbuf_free(&what);
		return;
	}
	message = json_trim(text, len);
	if (!json_is(message, '{')) {
		wrong_shown(r, "bad_message", d->bad_object, message);
		return;
	}
	take_verb(d, r, message);
	if (r->verb == VERB_SUBSCRIBE)
		take_subscribe(d, r, message);
	else if (r->verb == VERB_UNSUBSCRIBE)
		take_names(d, r, json_member(message, d->names));
}

static void
query_names(const struct dialect *d, struct request *r, const char *v, size_t len)
{
	const char *end = v + len, *comma;

	r->named = true;
	for (; v <= end; v = comma + 1) {
		comma = memchr(v, ',', (size_t)(end - v));
		if (!comma)
			comma = end;
		if (comma > v)
			take_name(d, r, v, (size_t)(comma - v));
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

/* Whole seconds of the dialect's range, once. */
static void
take_interval(const struct dialect *d, struct request *r, const char *name, const char *v, size_t len)
{
	uint64_t seconds = 0;
	struct strbuf what = {0};

	if (r->has_every)
		strbuf_addf(&what, "%s is given twice", name);
	else if (len > DIGITS_MAX || !offset_of(v, len, &seconds) || (int64_t)seconds * 1000 < d->pace.min_ms ||
	    (int64_t)seconds * 1000 > d->pace.max_ms)
		strbuf_addf(&what, "%s is not a whole number of seconds from %lld to %lld: ", name, (long long)d->pace.min_ms / 1000,
		    (long long)d->pace.max_ms / 1000);
	if (what.len) {
		r->refused = true;
		wrong(r, "bad_interval", what.s, r->has_every ? NULL : v, len);
	} else {
		r->has_every = r->interval = true;
		r->every_ms = (int64_t)seconds * 1000;
	}
	strbuf_free(&what);
}

void
request_query(const struct dialect *d, struct request *r, const char *name, const char *v, size_t len)
{
	const struct dialect_param *p = dialect_param(d, name);
	double seconds;

	if (!p || (!v && p->param != PARAM_INTERVAL))
		return;
	switch (p->param) {
	case PARAM_TOPICS:
		query_names(d, r, v, len);
		break;
	case PARAM_EVERY:
		if (!seconds_of(v, len, &seconds) || !every_of(seconds, r))
			wrong(r, "bad_every", "every is not a number of seconds from 0.1 to 3600: ", v, len);
		break;
	case PARAM_EPOCH:
		epoch_of(r, v, len);
		if (!r->epoch[0])
			r->epoch[0] = ' ';	/* given, but none of ours */
		break;
	case PARAM_EVENT_ID:
		take_event_id(r, v, len);
		break;
	case PARAM_OFFSET:
		r->has_since = offset_of(v, len, &r->offset);
		if (!r->has_since)
			wrong(r, "bad_since", "offset is not a whole number: ", v, len);
		break;
	case PARAM_INTERVAL:
		take_interval(d, r, name, v ? v : "", len);
		break;
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
	if (r->named || (r->has_every && !r->interval) || r->has_since)
		r->verb = VERB_SUBSCRIBE;
}

void
request_free(struct request *r)
{
	strbuf_free(&r->names);
	strbuf_free(&r->echo);
	strbuf_free(&r->message);
	strbuf_free(&r->detail);
}
