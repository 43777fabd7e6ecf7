#ifndef BROADCASTER_SUBJECT_H
#define BROADCASTER_SUBJECT_H

/* Events for who wants only what is about some things. Pure. */

#include <stdbool.h>
#include <stddef.h>

#include "broadcaster/dialect.h"
#include "broadcaster/history.h"
#include "broadcaster/topics.h"

/* What an event is about, as the topics somebody refers to; {0}: it was not looked at yet. */
struct subject {
	bool known;
	size_t n;
	const struct topic *v[DIALECT_SUBJECTS_MAX];
};

/*
 * Is the event, as far as subjects go, for who has that set? Also where the set names none, or the row does not say what
 * events of that type are about. The same struct subject again for the same event and dialect: it is looked at once.
 */
bool subject_wanted(const struct topics *, const struct dialect *, const struct topicset *, const struct event *, struct subject *);

#endif
