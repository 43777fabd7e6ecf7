#ifndef KATO_FILTERLOOP_H
#define KATO_FILTERLOOP_H

/*
 * The life of a filter between standard input and output: it waits for input and for signals together, and is told to
 * end by TERM or INT, to read its settings again by HUP, even while its reader takes nothing. What cannot go on ends
 * the process with 1.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/outlet.h"

struct filterloop {
	struct outlet out;
	unsigned sigs;	/* that came while we waited for the reader, not yet heeded */
};

void filterloop_init(struct filterloop *);	/* takes the signals, too */
/*
 * Writes all of it. After TERM a reader that takes nothing for a second is given up. False: it has left, or not all
 * was written.
 */
bool filterloop_put(struct filterloop *, const char *p, size_t len);
/* Calls turn whenever there is input, reload on HUP. Returns on TERM, or when turn says false: no more, either way. */
void filterloop_serve(struct filterloop *, bool (*turn)(void *arg), void (*reload)(void *arg), void *arg);

#endif
