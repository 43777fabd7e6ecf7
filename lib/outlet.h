#ifndef KATO_OUTLET_H
#define KATO_OUTLET_H

/*
 * Standard output that can be waited for together with signals: a reader that has stopped must not keep a process from
 * being told to end. The descriptor others may share is not made non-blocking.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct outlet {
	int fd;
	bool asks;	/* it blocks: asked before each piece */
};

void outlet_init(struct outlet *, int fd);
/*
 * Writes all of buf; where there is no room, until there is some, or wake is readable (-1: nothing is), or nothing has
 * moved for wait_ms (-1: for ever). How many bytes went, or -1 with errno.
 */
ssize_t outlet_write(struct outlet *, const void *buf, size_t len, int wake, int wait_ms);

#endif
