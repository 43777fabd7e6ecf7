#ifndef BROADCASTER_TOPICS_H
#define BROADCASTER_TOPICS_H

/*
 * What clients subscribe to. A name is * or a record type, then perhaps a dot and an id: "metrics",
 * "containers.kato-redis", "service_health.api". Its key is the record's own type:
 *
 *	session_events, session_event	-> session_event
 *	container.kato-redis		-> containers.kato-redis
 *	source_status			-> source_status
 *
 * Topics are interned: one struct per key while anybody refers to it, with the list of those who want
 * it (the hub's audiences), so that publishing looks at nobody else. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/strbuf.h"

enum { TOPICS_NAME_MAX = 128, TOPICS_ID_MAX = 512 };

struct topic {
	struct topic *next;		/* same hash */
	struct topic *whole;		/* of a part: its type's topic, referred to; else NULL */
	struct topic *parts, *next_part, **prev_part;	/* of a whole: its parts */
	uint64_t hash;
	uint32_t refs;
	uint32_t type_len;
	const char *id;			/* inside key, behind the dot; NULL: the whole type, or * */
	void **wanted_by;		/* the hub's */
	size_t nwanted, capwanted;
	char key[];
};

struct topics;	/* the table */

struct topics *topics_new(void);
void topics_del(struct topics *);
bool topics_well_formed(const char *name, size_t len);
/* With one more reference; NULL: not well-formed. */
struct topic *topics_intern(struct topics *, const char *name, size_t len);
/* Appends the key of the topic that name stands for; false: not well-formed. */
bool topics_key(const char *name, size_t len, struct strbuf *out);
void topics_release(struct topics *, struct topic *);
/* By record type, and id unless NULL. NULL: nobody refers to it. */
struct topic *topics_find(const struct topics *, const char *type, size_t type_len, const char *id);
struct topic *topics_all(const struct topics *);	/* "*"; NULL: nobody refers to it */
bool topic_is_all(const struct topic *);
bool topic_is_type(const struct topic *, const char *type);	/* the type or a part of it */
/*
 * What things are about rather than a record type: any id of 1 to TOPICS_ID_MAX bytes without NUL, of a kind of things
 * ("resource"). It names no records; who has one in its set wants of some only those about that id. With one more reference.
 */
struct topic *topics_intern_subject(struct topics *, const char *kind, const char *id, size_t len);
/* NULL: nobody refers to it. */
struct topic *topics_find_subject(const struct topics *, const char *kind, const char *id);
bool topic_is_subject(const struct topic *);
/* Appends the name clients are shown, unquoted: session_events, container_events.X, … */
void topic_name(const struct topic *, struct strbuf *);
/* The same for a bare record type. */
const char *topics_type_name(const char *type);

/* Sets of topics: sorted by key, without repeats, each topic referred to; shared by reference count. */
struct topicset {
	uint32_t refs;
	uint32_t n;
	uint64_t hash;
	struct topic *v[];
};

/* Takes over the references in v, which is put in order. One reference to the set, the caller's. */
struct topicset *topicset_new(struct topics *, struct topic **v, size_t n);
struct topicset *topicset_ref(struct topicset *);
void topicset_unref(struct topics *, struct topicset *);
bool topicset_equal(const struct topicset *, const struct topicset *);
bool topicset_has(const struct topicset *, const struct topic *);
/* Its topics that are subjects: the first of them, *n of them. They sort before record types. */
struct topic *const *topicset_subjects(const struct topicset *, size_t *n);
/* What of a record type a set wants. A NULL one wants nothing. */
enum want { WANT_NONE, WANT_PARTS, WANT_WHOLE };
enum want topicset_wants(const struct topicset *, const char *type);
/* Appends the names as a JSON array. */
void topicset_json(const struct topicset *, struct strbuf *);

#endif
