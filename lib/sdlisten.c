#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/fdio.h"
#include "lib/sdlisten.h"
#include "lib/xalloc.h"

/* -1: not a number, or more than most. */
static long
number(const char *text, long most)
{
	char *end;
	long n = strtol(text, &end, 10);

	return *text >= '0' && *text <= '9' && !*end && n <= most ? n : -1;
}

static void
take(struct sdlisten *l, long n, const char *names)
{
	for (int fd = SDLISTEN_FIRST; fd < SDLISTEN_FIRST + n; fd++) {
		size_t len = names ? strcspn(names, ":") : 0;

		fd_cloexec(fd, true);
		fd_nonblock(fd, true);
		l->v[l->n++] = (struct sdlisten_socket){fd, len ? xmemdup0(names, len) : xstrdup("unknown")};
		if (names)
			names = names[len] ? names + len + 1 : NULL;
	}
}

bool
sdlisten_take(struct sdlisten *l)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	bool ours = pid && fds && number(pid, 0x7fffffff) == getpid();
	long n = ours ? number(fds, SDLISTEN_MAX) : 0;

	*l = (struct sdlisten){0};
	if (n > 0)
		take(l, n, getenv("LISTEN_FDNAMES"));
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return n >= 0;
}

void
sdlisten_free(struct sdlisten *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].name);
	*l = (struct sdlisten){0};
}
