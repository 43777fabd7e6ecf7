#ifndef BROADCASTER_PROMTEXT_H
#define BROADCASTER_PROMTEXT_H

/*
 * Prometheus text format 0.0.4: what the broadcaster counts, and the last values of the metrics and the
 * containers, which KATO itself does not offer in this form. Pure.
 */

#include <stdint.h>

#include "broadcaster/state.h"
#include "broadcaster/stats.h"

enum {
	PROMTEXT_CONTAINERS = 2000,	/* more are left out, and counted in kato_live_containers_omitted */
	PROMTEXT_MEMBERS = 500,		/* numbers of the metrics record */
};

struct promtext {
	const struct stats *stats;
	struct state *state;
	uint64_t clients;		/* connected now */
	uint64_t events;		/* offset of the newest */
	uint64_t history_bytes, http_bytes;
	int64_t now_ms;
	const char *version;
};

void promtext(const struct promtext *, struct strbuf *out);

#endif
