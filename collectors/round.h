#ifndef COLLECTORS_ROUND_H
#define COLLECTORS_ROUND_H

/* What collectors that read one place over HTTP, interval by interval, do around each reading. */

#include <stdbool.h>
#include <stdint.h>

#include "collectors/http.h"
#include "collectors/source.h"

/* Waits for the network or a signal, ms at most; then runs what is due. */
void round_wait(struct http *, int ms);
/* After a reading was judged: tells the log when its place answers again, or what is newly wrong. shown: that place, without secrets. */
void round_say(const struct source *, enum source_state was, const char *shown);
/*
 * Is a source_status due: a reading has ended, began (0: none is under way) so long ago that it hangs, or the state is to
 * be said once more?
 */
bool round_status_due(const struct source *, bool ended, int64_t began_mono);

#endif
