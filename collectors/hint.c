#include <string.h>

#include "collectors/hint.h"
#include "lib/json.h"
#include "lib/stamp.h"
#include "lib/strbuf.h"

uint64_t
hint_hash(const char *p, size_t n)
{
	uint64_t h = 0xcbf29ce484222325;

	while (n--)
		h = (h ^ (unsigned char)*p++) * 0x100000001b3;
	return h ? h : 1;
}

/* The text of a string member that fits; else out is empty. */
static void
take(struct span object, const char *name, char out[HINT_TEXT_MAX + 1])
{
	struct strbuf b = {0};

	*out = '\0';
	if (json_string(json_member(object, name), &b) && b.len && b.len <= HINT_TEXT_MAX)
		memcpy(out, b.s, b.len + 1);
	strbuf_free(&b);
}

static void
bad(struct hint *h, const char *why)
{
	h->kind = HINT_BAD;
	h->why = why;
}

void
hint_read(const char *text, size_t len, struct hint *h)
{
	struct span all = json_trim(text, len), type, stamp, data;
	size_t at;

	*h = (struct hint){.key = hint_hash(text, len)};
	if (all.len == 4 && !memcmp(all.p, "pong", 4))
		return;
	if (json_check(text, len, &at)) {
		bad(h, "not JSON");
		return;
	}
	type = json_member(all, "event_type");
	if (!json_is(type, '"')) {
		bad(h, "no event_type");
		return;
	}
	if (json_equals(type, "session.created"))
		h->kind = HINT_CREATED;
	else if (json_equals(type, "session.destroyed"))
		h->kind = HINT_DESTROYED;
	else
		return;
	data = json_member(all, "data");
	take(data, "session_id", h->session);
	if (!*h->session) {
		bad(h, "an event without a session_id of 1 to 200 bytes");
		return;
	}
	take(data, "node_id", h->node);
	take(data, "reason", h->reason);
	stamp = json_member(all, "timestamp");
	if (json_is(stamp, '"'))
		stamp_parse(stamp.p + 1, stamp.len - 2, &h->ms);
}
