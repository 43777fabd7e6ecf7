#ifndef KATOCTL_STORE_H
#define KATOCTL_STORE_H

/*
 * Sockets that a stage listens on, kept for its next process, so that nobody who connects in between is refused. The
 * stage gives them on KATO_STORE_FD in the words of sd_notify(3): FDSTORE=1 with a descriptor, FDSTOREREMOVE=1, and
 * FDNAME=; the next process gets them as sd_listen_fds(3) says.
 */

#include <stdbool.h>
#include <stddef.h>

#include "katoctl/child.h"

enum { STORE_MAX = 32, STORE_NAME_MAX = 200, STORE_WORDS_MAX = 512 };

struct store {
	int fds[STORE_MAX];
	char *names[STORE_MAX];
	size_t n;
};

/* One message. */
struct store_word {
	bool store, remove;
	char name[STORE_NAME_MAX + 1];	/* "" : none, or one that cannot be */
	int fd;			/* ours; -1: none came */
};

/* The next that has come; false: there is none now. */
bool store_read(int socket, struct store_word *out);
bool store_is_over(int socket);	/* nobody will write there any more */
/* Does what it says, and takes its descriptor over: one more under a name that is kept takes that one's place. */
void store_take(struct store *, struct store_word *);
void store_free(struct store *);	/* closes all */
struct child_sockets store_sockets(const struct store *);	/* good until the store changes */

#endif
