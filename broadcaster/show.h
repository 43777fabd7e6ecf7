#ifndef BROADCASTER_SHOW_H
#define BROADCASTER_SHOW_H

/* What a dialect's clients see, for who has no connection. The grant (NULL: everything) says how much of it. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broadcaster/compose.h"
#include "broadcaster/hub.h"

/* Appends the body of the state message, without its envelope. False: nothing is known that there could be. */
bool show_body(struct hub *, const struct dialect *, const struct grant *, int64_t wall, struct strbuf *);
/* Appends the elements of a LIST section as an array, in its order; pick NULL: all. Returns how many there are. */
size_t show_list(struct hub *, const struct dialect *, const struct dialect_section *, const struct grant *,
    const struct compose_pick *, struct strbuf *);

#endif
