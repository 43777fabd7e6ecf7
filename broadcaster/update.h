#ifndef BROADCASTER_UPDATE_H
#define BROADCASTER_UPDATE_H

/*
 * State as messages: for a set of topics, what is newer than a version. A message asked for twice (by
 * two audiences, by two clients that join together) is built once. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broadcaster/compose.h"
#include "broadcaster/dialect.h"
#include "broadcaster/elements.h"
#include "broadcaster/frame.h"
#include "broadcaster/hub.h"
#include "broadcaster/state.h"
#include "broadcaster/topics.h"

enum { UPDATE_SECTIONS_MAX = 8 };

struct update {
	struct state *state;
	const struct flags *flags;
	struct frame_cache cache;
	int64_t wall;		/* the time in the messages of the cache */
	struct elements elements[UPDATE_SECTIONS_MAX];
	const struct dialect_section *indexed[UPDATE_SECTIONS_MAX];	/* whose elements those are */
	struct compose compose;
};

/* Messages built from now on bear this time; those built up to most_ms before may be used again. */
void update_at(struct update *, int64_t wall, int64_t most_ms);
/*
 * Adds the messages with everything newer than version from that set wants; with but (not NULL) also,
 * however old, what set wants and but did not. Of a row whose state is whole: the message, whatever is new.
 */
void update_frames(struct update *, const struct dialect *, const struct topicset *set, const struct topicset *but, uint64_t from,
    struct frames *out);
/* Appends the state message of all known sections that set (NULL: everything) wants; false: there are none. */
bool update_snapshot(struct update *, const struct dialect *, const struct topicset *, int64_t wall, struct strbuf *);
/* Its body alone. */
bool update_body(struct update *, const struct dialect *, const struct topicset *, int64_t wall, struct strbuf *);
/* Appends the message a value travels as when it travels alone. */
void update_value(const struct dialect *, const struct value *, struct strbuf *);
/* "This thing is gone": a new frame. */
struct frame *update_gone(const struct dialect *, const char *type, const char *id, int64_t wall);
/* Is this record type not pushed? */
bool update_muted(const struct flags *, const char *type);
void update_free(struct update *);

#endif
