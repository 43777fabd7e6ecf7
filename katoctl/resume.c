#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "katoctl/resume.h"
#include "lib/json.h"

/* Letters that need no escape in a URL. */
static bool
good_epoch(const char *p, size_t n)
{
	if (!n || n > RESUME_EPOCH_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)p[i]) && p[i] != '-' && p[i] != '_' && p[i] != '.')
			return false;
	return true;
}

static bool
whole_number(const char *p, size_t n, uint64_t *out)
{
	char t[24], *end;

	if (!n || n >= sizeof t || !isdigit((unsigned char)*p))
		return false;
	memcpy(t, p, n);
	t[n] = '\0';
	errno = 0;
	*out = strtoull(t, &end, 10);
	return !*end && !errno;
}

static void
set_epoch(struct resume *r, const char *p, size_t n)
{
	memcpy(r->epoch, p, n);
	r->epoch[n] = '\0';
}

bool
resume_parse(const char *s, struct resume *out)
{
	const char *colon = strrchr(s, ':');

	*out = (struct resume){.asked = false};
	if (!colon || !good_epoch(s, (size_t)(colon - s)) || !whole_number(colon + 1, strlen(colon + 1), &out->offset))
		return false;
	set_epoch(out, s, (size_t)(colon - s));
	return true;
}

/* The server's own words on where it is: "connected" and "subscribed". */
static enum resume_news
take_greeting(struct resume *r, struct span message, uint64_t offset)
{
	struct span epoch = json_member(message, "epoch");
	bool known, refused = r->asked && json_equals(json_member(message, "type"), "subscribed") &&
	    json_is(json_member(message, "recovered"), 'f');

	if (!json_is(epoch, '"') || !good_epoch(epoch.p + 1, epoch.len - 2))
		return RESUME_NOTHING;
	known = json_equals(epoch, r->epoch);
	if (known && !refused)
		return RESUME_NOTHING;	/* the events themselves say how far we are */
	refused = r->epoch[0] != '\0';
	set_epoch(r, epoch.p + 1, epoch.len - 2);
	r->offset = offset;
	r->asked = false;	/* one gap is told once */
	return refused ? RESUME_GAP : RESUME_NOTHING;
}

enum resume_news
resume_take(struct resume *r, const char *text, size_t n)
{
	struct span message = json_trim(text, n), type, number;
	uint64_t offset;
	size_t at;

	if (json_check(text, n, &at) || !json_is(message, '{'))
		return RESUME_NOTHING;
	type = json_member(message, "type");
	number = json_member(message, "offset");
	if (!json_is(number, '0') || !whole_number(number.p, number.len, &offset))
		return RESUME_NOTHING;
	if (json_equals(type, "connected") || json_equals(type, "subscribed"))
		return take_greeting(r, message, offset);
	if (offset > r->offset)
		r->offset = offset;
	return RESUME_NOTHING;
}

void
resume_query(const struct resume *r, struct strbuf *out)
{
	if (r->epoch[0])
		strbuf_addf(out, "epoch=%s&offset=%llu", r->epoch, (unsigned long long)r->offset);
}
