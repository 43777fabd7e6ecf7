#include <string.h>

#include "collectors/seen.h"

/* The session's place, or that of the one looked at longest ago. */
static struct seen_session *
place(struct seen *s, uint64_t session)
{
	struct seen_session *set = s->at[session % SEEN_SETS], *oldest = set;

	for (int i = 0; i < SEEN_WAYS; i++) {
		if (set[i].session == session)
			return &set[i];
		if (s->clock - set[i].age > s->clock - oldest->age)
			oldest = &set[i];
	}
	*oldest = (struct seen_session){.session = session};
	return oldest;
}

bool
seen_take(struct seen *s, const struct hint *h)
{
	struct seen_session *at = place(s, hint_hash(h->session, strlen(h->session)));
	uint64_t *text = h->kind == HINT_CREATED ? &at->created : &at->destroyed;

	at->age = ++s->clock;
	if (h->kind == HINT_CREATED && at->came) {
		at->came = false;
		at->created = h->key;
		return false;
	}
	if (at->last == h->kind || *text == h->key)
		return false;
	at->last = h->kind;
	*text = h->key;
	return true;
}

void
seen_came(struct seen *s, const struct hint *h)
{
	place(s, hint_hash(h->session, strlen(h->session)))->came = true;
}
