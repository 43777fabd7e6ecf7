#ifndef KATOCTL_TAPE_H
#define KATOCTL_TAPE_H

/*
 * A recording on disk: whole lines appended to FILE; when it would grow over a size it becomes FILE.1,
 * FILE.1 becomes FILE.2 and so on. Killed at any moment it ends at worst in one torn line, which the
 * next tape_open mends. One writer at a time: FILE is locked.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/strbuf.h"

struct tape {
	char *path;
	int fd;
	bool regular;		/* a device or a pipe is neither mended nor rotated */
	bool torn;		/* it ends in the middle of a line that could not be cut off */
	off_t size;
	int rotate_error;	/* why the last rotation failed; 0: it did not */
	long long rotate;	/* bytes; 0: never */
	long long keep;		/* how many FILE.N */
};

/*
 * Opens or creates path (not copied). False: *say is why. True: *say tells what was mended, if anything: a last
 * line without a newline that a killed writer left is cut off if it is a record's beginning, else gets its newline.
 */
bool tape_open(struct tape *, char *path, long long rotate, long long keep, struct strbuf *say);
void tape_close(struct tape *);		/* what was written is on the disk then */
/*
 * Appends n bytes of whole lines. Returns how many lines were not written: 0, or with errno; of a line
 * either all is in the file or nothing.
 */
uint64_t tape_add(struct tape *, const char *p, size_t n);
/* Does FILE still lead to what we write to? */
bool tape_in_place(const struct tape *);

#endif
