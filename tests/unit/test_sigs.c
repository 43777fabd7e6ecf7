#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "lib/sigs.h"

static int
readable(int ms)
{
	struct pollfd p = {.fd = sigs_fd(), .events = POLLIN};

	return poll(&p, 1, ms) == 1;
}

/* In a child as child processes are started: every signal has its default action and none is blocked. */
static int
defaults_in_child(void)
{
	struct sigaction sa;
	sigset_t mask;
	int status, wrong = 0;
	pid_t pid = fork();

	if (pid == 0) {
		sigs_default();
		for (int sig = 1; sig < 32; sig++)
			wrong += sigaction(sig, NULL, &sa) == 0 && sa.sa_handler != SIG_DFL;
		sigprocmask(SIG_SETMASK, NULL, &mask);
		_exit(wrong + sigismember(&mask, SIGUSR1));
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int
main(void)
{
	struct sigaction sa;
	sigset_t block;
	int fds[2];

	CHECK(sigs_fd() == -1 && sigs_take() == 0);
	sigs_init(SIGS_TERM | SIGS_HUP);
	CHECK(!readable(0) && sigs_take() == 0);
	raise(SIGTERM);
	raise(SIGTERM);
	CHECK(readable(1000) && sigs_take() == SIGS_TERM && !readable(0) && sigs_take() == 0);
	raise(SIGINT);
	raise(SIGHUP);
	CHECK(sigs_take() == (SIGS_TERM | SIGS_HUP));
	for (int i = 0; i < 100000; i++)	/* more than the pipe holds */
		raise(SIGHUP);
	CHECK(sigs_take() == SIGS_HUP && !readable(0));
	CHECK(sigaction(SIGCHLD, NULL, &sa) == 0 && sa.sa_handler == SIG_DFL);	/* not asked for */
	CHECK(pipe(fds) == 0);
	close(fds[0]);
	CHECK(write(fds[1], "x", 1) == -1);	/* SIGPIPE is ignored: we are still here */
	close(fds[1]);
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	sigprocmask(SIG_BLOCK, &block, NULL);
	CHECK(defaults_in_child());
	return check_done();
}
