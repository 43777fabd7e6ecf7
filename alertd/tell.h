#ifndef ALERTD_TELL_H
#define ALERTD_TELL_H

/* The system_alert records of kato-stream(5), written. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cooldown.h"
#include "lib/strbuf.h"
#include "rules.h"
#include "text.h"

/* One alert, as an object. Values are asked of facts.at; value is one of them, a number or not. */
void tell_alert(struct strbuf *out, const struct rule *, const struct firing *, enum level, bool resolved,
    const struct text *message, const struct text_facts *);

/*
 * A message being written to out, at most one line of the stream long: alerts that do not fit any more
 * begin another. Set ms (the record's time), demo, count (messages so far, raised) and out; the rest is 0.
 */
struct tell {
	struct strbuf *out;
	uint64_t *count;
	int64_t ms;
	bool demo;
	bool open;
	size_t begun;		/* where the open line begins in out */
};

void tell_add(struct tell *, const struct strbuf *alert);
void tell_end(struct tell *);

#endif
