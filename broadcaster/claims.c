#include <math.h>
#include <string.h>

#include "broadcaster/auth.h"
#include "lib/json.h"

/* NumericDate (RFC 7519 2): seconds, a fraction allowed. Far away is for ever. */
static bool
date_of(struct span v, int64_t *ms)
{
	double seconds;

	if (!json_is(v, '0') || !json_number(v, &seconds))
		return false;
	if (fabs(seconds) > 1e12)
		*ms = seconds > 0 ? GRANT_FOREVER : 0;
	else
		*ms = (int64_t)floor(seconds * 1000 + 1e-3);
	return true;
}

static enum auth_fault
check_times(struct span claims, int64_t now, struct grant *out)
{
	struct span exp = json_member(claims, "exp"), nbf = json_member(claims, "nbf");
	int64_t from;

	if (exp.p && !date_of(exp, &out->until_ms))
		return AUTH_CLAIM;
	if (nbf.p && !date_of(nbf, &from))
		return AUTH_CLAIM;
	if (exp.p && now >= out->until_ms)
		return AUTH_EXPIRED;
	return nbf.p && now < from ? AUTH_EARLY : AUTH_OK;
}

/* Where it is there, one of its names must be ours (RFC 7519 4.1.3). */
static enum auth_fault
check_audience(struct span aud, const char *ours)
{
	struct json_iter it;
	struct span one;
	bool found = false;

	if (!aud.p)
		return AUTH_OK;
	if (json_is(aud, '"'))
		return json_equals(aud, ours) ? AUTH_OK : AUTH_AUDIENCE;
	if (!json_is(aud, '['))
		return AUTH_CLAIM;
	it = json_iter(aud);
	while (json_next_element(&it, &one)) {
		if (!json_is(one, '"'))
			return AUTH_CLAIM;
		found = found || json_equals(one, ours);
	}
	return found ? AUTH_OK : AUTH_AUDIENCE;
}

/* "metrics, session_events": blanks around a name do not count, nor do empty ones. */
static bool
add_list(struct grant *g, const char *p, size_t len)
{
	const char *end = p + len;
	size_t n;

	for (; p < end; p += n) {
		for (n = 0; p + n < end && !strchr(", \t", p[n]); n++)
			;
		if (n && !grant_add(g, p, n))
			return false;
		n += !n || p + n < end;
	}
	return true;
}

static bool
add_text(struct grant *g, struct span v, bool list)
{
	struct strbuf text = {0};
	bool good = json_string(v, &text) && !(text.len && memchr(text.s, '\0', text.len));

	if (good && list)
		good = !text.len || add_list(g, text.s, text.len);
	else if (good)
		good = text.len && grant_add(g, text.s, text.len);
	strbuf_free(&text);
	return good;
}

/* A name we cannot read may have been meant to be anything: such a token is no good. */
static enum auth_fault
take_topics(struct span topics, struct grant *out)
{
	struct json_iter it;
	struct span one;

	if (!topics.p)
		return AUTH_OK;
	out->limited = true;
	if (json_is(topics, '"'))
		return add_text(out, topics, true) ? AUTH_OK : AUTH_CLAIM;
	if (!json_is(topics, '['))
		return AUTH_CLAIM;
	it = json_iter(topics);
	while (json_next_element(&it, &one))
		if (!add_text(out, one, false))
			return AUTH_CLAIM;
	return AUTH_OK;
}

enum auth_fault
auth_claims(const char *json, size_t len, const char *audience, int64_t now, struct grant *out)
{
	struct span claims;
	enum auth_fault f;
	size_t at;

	*out = (struct grant){.until_ms = GRANT_FOREVER};
	if (json_check(json, len, &at) != JSON_OK || !json_is(claims = json_trim(json, len), '{'))
		return AUTH_MALFORMED;
	f = check_times(claims, now, out);
	if (f == AUTH_OK)
		f = check_audience(json_member(claims, "aud"), audience);
	if (f == AUTH_OK)
		f = take_topics(json_member(claims, "topics"), out);
	if (f != AUTH_OK)
		grant_free(out);
	return f;
}

const char *
auth_reason(enum auth_fault f)
{
	static const char *const reasons[] = {
		[AUTH_OK] = "the token is good",
		[AUTH_MISSING] = "this server asks for a token: Authorization: Bearer TOKEN, the WebSocket subprotocol bearer.TOKEN, or ?token=TOKEN",
		[AUTH_SEVERAL] = "the request holds several tokens that differ",
		[AUTH_TOO_LONG] = "the token is longer than 3072 bytes",
		[AUTH_MALFORMED] = "the token is not a signed JSON Web Token",
		[AUTH_ALGORITHM] = "the token is not signed with the algorithm of this server's key",
		[AUTH_TYPE] = "the token says it is of another type than JWT (typ)",
		[AUTH_CRITICAL] = "the token's header asks for something that is not known here (crit)",
		[AUTH_SIGNATURE] = "the token's signature is not by this server's key",
		[AUTH_EXPIRED] = "the token has run out (exp)",
		[AUTH_EARLY] = "the token is not valid yet (nbf)",
		[AUTH_AUDIENCE] = "the token is for somebody else (aud)",
		[AUTH_CLAIM] = "one of the token's exp, nbf, aud and topics is not what it must be",
	};

	return (unsigned)f < sizeof reasons / sizeof reasons[0] ? reasons[f] : "";
}
