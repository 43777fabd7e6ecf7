#ifndef BROADCASTER_COMPOSE_H
#define BROADCASTER_COMPOSE_H

/*
 * Sections of a state message, from the state and a row. What is shown goes by a set of topics: the record types in it,
 * or parts of them (TYPE.ID), and of lists, where it holds subjects, what is about those, along with what that refers to.
 * Lists are put together once for all who ask. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broadcaster/dialect.h"
#include "broadcaster/listing.h"
#include "broadcaster/state.h"
#include "broadcaster/stats.h"
#include "broadcaster/topics.h"
#include "lib/json.h"

enum { COMPOSE_LISTS_MAX = 64 };

struct compose {	/* {.state, .stats} is a new one */
	struct state *state;
	struct stats *stats;		/* counts what is left out */
	struct listing *list[COMPOSE_LISTS_MAX];
	size_t nlists;
};

/* Whom to show of a list: by its JSON. NULL: all. */
struct compose_pick {
	bool (*pick)(void *arg, struct span element);
	void *arg;
	size_t most;		/* 0: without limit */
};

/* Up to date; of a LIST. It lives until the state changes. */
const struct listing *compose_listing(struct compose *, const struct dialect *, const struct dialect_section *);
/* Appends the section's value, a LIST or a MEMBER; set NULL: everything. Returns whether it is of a demonstration. */
bool compose_section(struct compose *, const struct dialect *, const struct dialect_section *, const struct topicset *set,
    struct strbuf *out);
/* The same of a LIST, of those elements; returns how many there are. */
size_t compose_elements(struct compose *, const struct dialect *, const struct dialect_section *, const struct topicset *set,
    const struct compose_pick *, struct strbuf *out);
void compose_free(struct compose *);

#endif
