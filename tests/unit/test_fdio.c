#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "lib/fdio.h"

/* A child reads all of fd slowly; returns its pid. It exits with 0 if it got n bytes of 'x'. */
static pid_t
reader(int fd, int other, size_t n)
{
	char t[3000];
	size_t sum = 0;
	ssize_t got;
	pid_t pid = fork();

	if (pid)
		return pid;
	close(other);
	while ((got = fd_read(fd, t, sizeof t)) > 0) {
		sum += (size_t)got;
		for (ssize_t i = 0; i < got; i++)
			if (t[i] != 'x')
				_exit(2);
	}
	_exit(sum != n);
}

static void
write_whole(bool nonblocking)
{
	const size_t n = 1 << 20;
	char *big = malloc(n);
	int p[2], status = -1;
	pid_t pid;

	memset(big, 'x', n);
	CHECK(fd_pipe(p) == 0);
	CHECK(fd_nonblock(p[1], nonblocking) == 0 && !(fcntl(p[1], F_GETFL) & O_NONBLOCK) == !nonblocking);
	pid = reader(p[0], p[1], n);
	close(p[0]);
	CHECK(fd_write_all(p[1], big, n) == 0);
	close(p[1]);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	free(big);
}

static void
ignore(int sig)
{
	(void)sig;
}

/* A signal in the middle of a read or a write is not seen. */
static void
interrupted(void)
{
	struct sigaction sa = {.sa_handler = ignore};	/* no SA_RESTART */
	char t[8];
	int p[2], status;
	pid_t pid, self = getpid();

	sigaction(SIGUSR1, &sa, NULL);
	CHECK(fd_pipe(p) == 0);
	pid = fork();
	if (pid == 0) {
		for (int i = 0; i < 20; i++) {
			kill(self, SIGUSR1);
			usleep(1000);
		}
		_exit(write(p[1], "late", 4) != 4);
	}
	CHECK(fd_read(p[0], t, sizeof t) == 4);
	waitpid(pid, &status, 0);
	close(p[0]);
	close(p[1]);
}

static void
slurp(void)
{
	char path[64], t[100000];
	struct strbuf b = {0};
	FILE *file = tmpfile();
	int fd = file ? fileno(file) : -1;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	memset(t, 'k', sizeof t);
	CHECK(fd_slurp(path, 10, &b) == 0 && b.len == 0 && b.s && !*b.s);
	CHECK(fd_write_all(fd, t, sizeof t) == 0);
	strbuf_adds(&b, "had:");
	CHECK(fd_slurp(path, sizeof t, &b) == 0 && b.len == 4 + sizeof t && b.s[b.len] == '\0' && !strncmp(b.s, "had:kkk", 7));
	strbuf_reset(&b);
	errno = 0;
	CHECK(fd_slurp(path, sizeof t - 1, &b) == -1 && errno == EFBIG);
	errno = 0;
	CHECK(fd_slurp("/nowhere/at/all", 10, &b) == -1 && errno == ENOENT);
	CHECK(fd_slurp("/", 10, &b) == -1 && errno == EISDIR);
	if (file)
		fclose(file);
	strbuf_free(&b);
}

/* Closed standard descriptors are filled; data can then not be written where it would be lost unseen. */
static void
standard(void)
{
	int saved[3], out, err;

	for (int fd = 0; fd < 3; fd++) {
		saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 10);
		close(fd);
	}
	fd_standard(true);
	out = write(1, "x", 1) < 0 ? errno : 0;
	close(1);
	fd_standard(false);
	err = write(1, "x", 1) == 1 && write(2, "x", 1) == 1 && read(0, (char[1]){0}, 1) == 0;
	for (int fd = 0; fd < 3; fd++)
		dup2(saved[fd], fd);
	CHECK(out == EBADF);
	CHECK(err);
}

int
main(void)
{
	int p[2];

	signal(SIGPIPE, SIG_IGN);
	CHECK(fd_pipe(p) == 0);
	CHECK((fcntl(p[0], F_GETFD) & FD_CLOEXEC) && (fcntl(p[1], F_GETFD) & FD_CLOEXEC));
	CHECK(fd_cloexec(p[0], false) == 0 && !(fcntl(p[0], F_GETFD) & FD_CLOEXEC));
	CHECK(fd_is_open(p[0]) && !fd_is_open(-1) && !fd_is_open(987));
	close(p[0]);
	CHECK(fd_write_all(p[1], "x", 1) == -1 && errno == EPIPE);
	CHECK(fd_write_all(p[1], "", 0) == 0);
	close(p[1]);
	CHECK(fd_write_all(987, "x", 1) == -1 && errno == EBADF);
	write_whole(false);
	write_whole(true);
	interrupted();
	slurp();
	standard();
	return check_done();
}
