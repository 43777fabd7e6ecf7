#ifndef COLLECTORS_SESSIONMEM_H
#define COLLECTORS_SESSIONMEM_H

/*
 * What session-watch keeps over a restart, as lines of JSON and back:
 *
 *	{"kato":"http://localhost:8000","saved":MS,"active":5,"total":127,"serial":3,"event":MS}	begins a save
 *	{"at":MS,"low":4,"high":5}	the count lately: from then on, until the next such line
 *	{"unsent":"..."}		events that may not have been written when it was killed
 *	{"written":true}		they have been
 *
 * Times are the wall clock's. Pure.
 */

#include <stdbool.h>

#include "collectors/sessions.h"

enum {
	SESSIONMEM_FORMAT = 1,
	SESSIONMEM_OLD_MS = 3600000,	/* what came and went in so long a time is not told as if it were news */
	SESSIONMEM_LATE_MS = 60000,	/* what was not written before is not written after */
};

void sessionmem_dump(const struct sessions *, const char *kato, struct sessions_now, const char *unsent, size_t len, struct strbuf *out);
void sessionmem_dump_written(struct strbuf *out);
/*
 * Takes such lines into sessions that were just initialised, appends to *unsent what must still be written. What was kept
 * of another KATO is left out; of what is old only the total goes on. False: they make no sense, nothing was taken.
 */
bool sessionmem_load(struct sessions *, const char *kato, struct sessions_now, const char *text, size_t len, struct strbuf *unsent);

#endif
