#include <stdlib.h>
#include <string.h>

#include "broadcaster/answer.h"
#include "broadcaster/pass.h"
#include "broadcaster/subscribe.h"
#include "lib/xalloc.h"

static bool
may_have(const struct hub_client *c, const struct topic *t)
{
	return topic_is_all(t) || pass_topic(c, t);
}

/* The topics named, each referred to, and for "*" all that the client may have. The others go to *forbidden, a JSON array. */
static struct topicset *
named_topics(struct hub *h, const struct hub_client *c, const struct request *r, struct strbuf *forbidden)
{
	struct topic **v = xreallocarray(NULL, r->nnames + 1, sizeof *v);
	const char *name = r->names.s, *subject = c->audience->dialect->subject;
	struct topicset *s;
	size_t n = 0;

	for (size_t i = 0; i < r->nnames; i++, name += strlen(name) + 1) {
		v[n] = subject ? topics_intern_subject(h->topics, subject, name, strlen(name)) : topics_intern(h->topics, name, strlen(name));
		if (may_have(c, v[n])) {
			n++;
			continue;
		}
		topics_release(h->topics, v[n]);
		strbuf_addc(forbidden, forbidden->len ? ',' : '[');
		strbuf_addjsons(forbidden, name);
	}
	if (forbidden->len)
		strbuf_addc(forbidden, ']');
	s = pass_narrow(h, c, topicset_new(h->topics, v, n));
	free(v);
	return s;
}

static struct topicset *
without(struct hub *h, const struct topicset *old, const struct topicset *named)
{
	struct topic **v = xreallocarray(NULL, old->n + 1, sizeof *v);
	struct topicset *s;
	size_t n = 0;

	for (size_t i = 0; i < old->n; i++)
		if (!topicset_has(named, old->v[i])) {
			old->v[i]->refs++;
			v[n++] = old->v[i];
		}
	s = topicset_new(h->topics, v, n);
	free(v);
	return s;
}

/* Sets *refused to how many did not fit. */
static struct topicset *
with(struct hub *h, const struct topicset *old, const struct topicset *named, size_t *refused)
{
	size_t n = old ? old->n : 0;
	struct topic **v = xreallocarray(NULL, n + named->n + 1, sizeof *v);
	struct topicset *s;

	for (size_t i = 0; i < n; i++)
		v[i] = old->v[i];
	for (size_t i = 0; i < named->n; i++) {
		if (old && topicset_has(old, named->v[i]))
			continue;
		if (n < h->opt.max_topics)
			v[n++] = named->v[i];
		else
			++*refused;
	}
	for (size_t i = 0; i < n; i++)
		v[i]->refs++;
	s = topicset_new(h->topics, v, n);
	free(v);
	return s;
}

/* What the client wants from now on. False: the same as before. */
static bool
change_want(struct hub *h, struct hub_client *c, const struct request *r, size_t *refused, struct strbuf *forbidden)
{
	struct topicset *named = named_topics(h, c, r, forbidden), *want, *old = c->want;
	bool same;

	if (!named->n && forbidden->len) {
		topicset_unref(h->topics, named);
		return false;
	}
	if (r->verb == VERB_SUBSCRIBE)
		want = with(h, r->replace ? NULL : old, named, refused);
	else if (!old && c->audience->dialect->subject)
		want = topicset_new(h->topics, NULL, 0);
	else	/* of what one never asked for: the standard set shrinks */
		want = without(h, old ? old : c->audience->set, named);
	topicset_unref(h->topics, named);
	same = old ? topicset_equal(want, old) : !want->n && c->audience->dialect->subject;
	topicset_unref(h->topics, old);
	c->want = want;
	return !same;
}

bool
subscribe_apply(struct hub *h, struct hub_client *c, const struct request *r, struct hub_now now, struct frames *l)
{
	const struct dialect *d = c->audience->dialect;
	int64_t every = r->has_every ? r->every_ms : c->audience->every_ms;
	bool changed = every != c->audience->every_ms || r->has_since;
	struct strbuf resume = {0}, text = {0}, forbidden = {0};
	size_t refused = 0;

	/* only bad names is not "nothing, please" */
	if (r->named && (r->nnames || !r->detail.len))
		changed = change_want(h, c, r, &refused, &forbidden) || changed;
	if (r->has_every)
		c->hold_ms = now.mono + every;
	if (changed)
		audience_enter(h, c, d, every, now);
	if (r->has_since)
		client_resume(h, c, r->epoch, r->offset, &resume);
	if (refused) {
		strbuf_addf(&text, "%zu %s did not fit: a client may have %zu", refused, d->subject ? d->names : "topics", h->opt.max_topics);
		answer_error(d, "too_many_topics", text.s, NULL, now, l);
	}
	if (forbidden.len && r->verb == VERB_SUBSCRIBE) {
		strbuf_reset(&text);
		strbuf_addf(&text, "the token does not allow %s", forbidden.s);	/* names in quotes, as they were sent */
		answer_error(d, "forbidden", text.s, forbidden.s, now, l);
	}
	answer_subscribed(h, c->audience, r, resume.s ? resume.s : "", now, l);
	strbuf_free(&resume);
	strbuf_free(&text);
	strbuf_free(&forbidden);
	return changed;
}

static bool
adds(const struct topicset *now, const struct topicset *before)
{
	for (size_t i = 0; i < now->n; i++)
		if (!topicset_has(before, now->v[i]))
			return true;
	return false;
}

void
subscribe_state(struct hub *h, struct hub_client *c, const struct topicset *before, struct hub_now now, struct frames *l)
{
	const struct audience *a = c->audience;
	uint64_t version = state_version(h->update.state);

	if (before && (a->dialect->whole ? topicset_equal(a->set, before) : !adds(a->set, before)))
		return;
	if (c->owed) {
		c->seen = 0;	/* it gets all when it has drained */
		return;
	}
	update_at(&h->update, now.wall, HUB_FRESH_MS);
	/* with every, what changed meanwhile waits for its beat */
	update_frames(&h->update, a->dialect, a->set, before, before ? (a->every_ms ? version : c->seen) : 0, l);
	if (!a->every_ms || !before)
		c->seen = version;
}
