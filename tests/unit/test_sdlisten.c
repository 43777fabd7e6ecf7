#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "lib/sdlisten.h"

static void
set(const char *pid, const char *fds, const char *names)
{
	char ours[16];

	snprintf(ours, sizeof ours, "%d", (int)getpid());
	setenv("LISTEN_PID", pid ? pid : ours, 1);
	setenv("LISTEN_FDS", fds, 1);
	unsetenv("LISTEN_FDNAMES");
	if (names)
		setenv("LISTEN_FDNAMES", names, 1);
}

static void
names(void)
{
	struct sdlisten l;

	set(NULL, "4", "web::api");
	CHECK(sdlisten_take(&l) && l.n == 4);
	CHECK_STR(l.v[0].name, "web");
	CHECK_STR(l.v[1].name, "unknown");
	CHECK_STR(l.v[2].name, "api");
	CHECK_STR(l.v[3].name, "unknown");
	CHECK(l.v[0].fd == SDLISTEN_FIRST && l.v[3].fd == SDLISTEN_FIRST + 3);
	CHECK(!getenv("LISTEN_PID") && !getenv("LISTEN_FDS") && !getenv("LISTEN_FDNAMES"));
	sdlisten_free(&l);
	CHECK(sdlisten_take(&l) && !l.n);	/* they are taken once */
}

static void
flags(void)
{
	struct sdlisten l;

	CHECK(dup2(0, SDLISTEN_FIRST) == SDLISTEN_FIRST);
	set(NULL, "1", NULL);
	CHECK(sdlisten_take(&l) && l.n == 1);
	CHECK(fcntl(SDLISTEN_FIRST, F_GETFD) & FD_CLOEXEC);
	CHECK(fcntl(SDLISTEN_FIRST, F_GETFL) & O_NONBLOCK);
	sdlisten_free(&l);
	close(SDLISTEN_FIRST);
}

static void
refused(void)
{
	static const char *const bad[] = {"", "x", "-1", "1x", " 1", "65", "99999999999999999999"};
	struct sdlisten l;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		set(NULL, bad[i], NULL);
		CHECK(!sdlisten_take(&l) && !l.n);
	}
	set("1", "2", NULL);	/* another process's */
	CHECK(sdlisten_take(&l) && !l.n);
	set("", "2", NULL);
	CHECK(sdlisten_take(&l) && !l.n);
	set(NULL, "0", NULL);
	CHECK(sdlisten_take(&l) && !l.n);
}

int
main(void)
{
	names();
	flags();
	refused();
	return check_done();
}
