#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "lib/fdio.h"
#include "lib/log.h"
#include "lib/sigs.h"

static int fds[2] = {-1, -1};
static volatile sig_atomic_t came[4];

static const struct {
	int sig;
	unsigned bit;
} known[] = {
	{SIGTERM, SIGS_TERM},
	{SIGINT, SIGS_TERM},
	{SIGHUP, SIGS_HUP},
	{SIGCHLD, SIGS_CHLD},
	{SIGWINCH, SIGS_WINCH},
};

static void
handle(int sig)
{
	int saved = errno;

	came[sig == SIGTERM || sig == SIGINT ? 0 : sig == SIGHUP ? 1 : sig == SIGCHLD ? 2 : 3] = 1;
	if (write(fds[1], "", 1) < 0) {
		/* full: it is readable already */
	}
	errno = saved;
}

void
sigs_init(unsigned want)
{
	struct sigaction sa = {.sa_handler = handle, .sa_flags = SA_RESTART | SA_NOCLDSTOP};
	sigset_t caught;

	if (fd_pipe(fds) < 0 || fd_nonblock(fds[0], true) < 0 || fd_nonblock(fds[1], true) < 0)
		die(1, "pipe: %s", strerror(errno));
	sigfillset(&sa.sa_mask);
	sigemptyset(&caught);
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (want & known[i].bit) {
			sigaction(known[i].sig, &sa, NULL);
			sigaddset(&caught, known[i].sig);
		}
	sigprocmask(SIG_UNBLOCK, &caught, NULL);	/* whoever started us may have blocked them */
	signal(SIGPIPE, SIG_IGN);
}

int
sigs_fd(void)
{
	return fds[0];
}

unsigned
sigs_take(void)
{
	char drain[64];
	unsigned bits = 0;

	while (fds[0] >= 0 && read(fds[0], drain, sizeof drain) > 0)
		;
	for (unsigned i = 0; i < 4; i++)
		if (came[i]) {
			came[i] = 0;
			bits |= 1u << i;
		}
	return bits;
}

void
sigs_default(void)
{
	struct sigaction sa = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &sa, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}
