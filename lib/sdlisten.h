#ifndef KATO_SDLISTEN_H
#define KATO_SDLISTEN_H

/*
 * Sockets that whoever started us has opened for us (sd_listen_fds(3): LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES), without
 * its library.
 */

#include <stdbool.h>
#include <stddef.h>

enum { SDLISTEN_FIRST = 3, SDLISTEN_MAX = 64 };

struct sdlisten {
	struct sdlisten_socket {
		int fd;		/* close-on-exec and non-blocking */
		char *name;	/* "unknown" where none was given */
	} v[SDLISTEN_MAX];
	size_t n;
};

/*
 * Takes them, and the variables out of the environment: children must not take them, too. None where LISTEN_PID is
 * somebody else's. False: the variables cannot be understood, or there are more than SDLISTEN_MAX.
 */
bool sdlisten_take(struct sdlisten *);
void sdlisten_free(struct sdlisten *);	/* the names; no descriptor is closed */

#endif
