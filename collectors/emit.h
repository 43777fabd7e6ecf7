#ifndef COLLECTORS_EMIT_H
#define COLLECTORS_EMIT_H

/* stdout of a collector: whole lines, written at once. */

#include <stdbool.h>

#include "lib/strbuf.h"

/*
 * Writes the lines in *b (each ends with a newline) and empties it. False: the reader has left, time
 * to exit 0. Any other failure ends the process with 1, saying so.
 */
bool emit(struct strbuf *b);

#endif
