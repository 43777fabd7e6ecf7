#ifndef KATO_KEEPPATH_H
#define KATO_KEEPPATH_H

/* Where state files lie: the half of keep.c that knows folders. */

#include <stdbool.h>

#include "lib/strbuf.h"

/*
 * Appends the path of a file as the user gave it, and makes the folders it needs with mode 0700: of a relative one all,
 * of an absolute one the last. False: errno, and *out holds the path that could not be had.
 */
bool keeppath_make(const char *file, struct strbuf *out);
/* FILE becomes FILE.broken-SECONDS[-N], whose path is appended; the oldest of more than KEEP_ASIDE such files goes. False: errno. */
bool keeppath_aside(const char *path, int64_t now_ms, struct strbuf *out);
/* Brings the folder a file lies in to the disk, and so the file's name. 0, or -1 with errno. */
int keeppath_sync(const char *path);

#endif
