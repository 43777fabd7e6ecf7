#ifndef BROADCASTER_SLIM_H
#define BROADCASTER_SLIM_H

/*
 * A script or style sheet of ours without its whole lines of comment and without indentation: what is written for who
 * reads the source need not travel. A line of comment begins with two slashes, or with a slash and a star that end at the
 * end of a line. Only for files whose texts hold no line that looks so (make lint sees to that for ours), and which
 * have no text over several lines. No line of program is touched otherwise. Pure.
 */

#include <stddef.h>

#include "lib/strbuf.h"

void slim(const char *data, size_t len, struct strbuf *out);

#endif
