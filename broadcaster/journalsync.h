#ifndef BROADCASTER_JOURNALSYNC_H
#define BROADCASTER_JOURNALSYNC_H

/* Brings files to the disk while the loop turns on: a thread that knows descriptors and a folder, and nothing else. */

#include <stdbool.h>

struct journalsync;

struct journalsync *journalsync_new(void);	/* NULL: no thread can be had */
/*
 * Takes over both descriptors (-1: none), syncs their data and the folder of path (NULL: not that), closes them.
 * False: the last request is still being done, nothing was taken.
 */
bool journalsync_ask(struct journalsync *, int fd, int other, const char *path);
/* The errno of a request that failed since the last call; 0: none. */
int journalsync_error(struct journalsync *);
/* Waits for what is being done. */
void journalsync_wait(struct journalsync *);

#endif
