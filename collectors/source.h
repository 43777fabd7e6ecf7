#ifndef COLLECTORS_SOURCE_H
#define COLLECTORS_SOURCE_H

/*
 * What a collector knows of the thing it reads, as source_status records (kato-stream(5)): on each
 * change, every 30 s, and whenever an interval passes without a reading. Pure: time is handed in.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/strbuf.h"

enum source_state { SOURCE_UNKNOWN, SOURCE_UP, SOURCE_DEGRADED, SOURCE_DOWN };

enum { SOURCE_REPEAT_MS = 30000 };

struct source {
	const char *name;	/* "kato-metrics": id and source of the records; must live on */
	int64_t interval_ms;
	enum source_state state;
	int64_t since_ms, last_success_ms, duration_ms;	/* 0: none yet */
	int64_t sent_ms;	/* when the last record of this source was written, state or status; monotony is not assumed */
	int64_t status_sent_ms;	/* when the last source_status was written */
	bool changed;		/* state or error differ from what was last written */
	struct strbuf error;	/* one line; empty: none */
};

void source_init(struct source *, const char *name, int64_t interval_ms);
void source_free(struct source *);
/* A reading succeeded, or failed with a reason that names what and where. duration is the reading's, ms. */
void source_ok(struct source *, int64_t now_ms, int64_t duration_ms);
void source_failed(struct source *, enum source_state degraded_or_down, const char *error, int64_t now_ms, int64_t duration_ms);
/* A data record was written just now: nothing more is due in this interval. */
void source_wrote(struct source *, int64_t now_ms);
/* Is a source_status record due? */
bool source_due(const struct source *, int64_t now_ms);
/* Appends the record and its newline, and notes that it was written. */
void source_record(struct source *, int64_t now_ms, struct strbuf *out);

#endif
