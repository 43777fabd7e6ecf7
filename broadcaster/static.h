#ifndef BROADCASTER_STATIC_H
#define BROADCASTER_STATIC_H

/*
 * The page and its files, read once into memory, with an ETag each and gzipped where that saves. A path
 * that is no file gets index.html, as pages with their own paths want it, unless its name has a dot and it
 * lies at the top or below a folder of ours: that is a file that is missing. What is not in memory cannot be asked for, so no path leads out of the folder. No libwebsockets here.
 */

#include "broadcaster/reply.h"

enum {
	STATIC_FILES_MAX = 1000,
	STATIC_FILE_BYTES = 8 << 20,
	STATIC_BYTES = 64 << 20,	/* of all files, as they are */
	STATIC_DEPTH = 8,		/* folders inside each other */
};

struct files;

/*
 * NULL: the folder cannot be read. Files over a bound are left out; hidden ones too. Both are said as warnings.
 * ours: the page that comes with this program, whose sources travel without their comments (slim.h).
 * connect: what the page may connect to beside its own host, for its policy, each after a space.
 */
struct files *static_load(const char *folder, bool ours, const char *connect);
void static_del(struct files *);	/* NULL is fine */
/* files may be NULL: everything is 404. */
void static_reply(const struct files *, const struct http_request *, struct reply *);

#endif
