#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "katoctl/child.h"
#include "lib/fdio.h"
#include "lib/sigs.h"

enum { PIPES = 6, STANDARD = 3, SOCKETS_MAX = 64, ASIDE = STANDARD + SOCKETS_MAX + PIPES, WIDE = 1 << 20 };

/* One pipe of a child: bit of enum child_want, and who reads it. */
static const struct {
	unsigned want;
	bool we_write;
	const char *env;
} pipes[PIPES] = {
	{CHILD_IN, true, NULL},
	{CHILD_OUT, false, NULL},
	{CHILD_ERR, false, NULL},
	{CHILD_READY, false, "KATO_READY_FD"},
	{CHILD_ACK, false, "KATO_ACK_FD"},
	{CHILD_STORE, false, "KATO_STORE_FD"},
};

static void
close_all(int (*fds)[2])
{
	for (int i = 0; i < PIPES; i++)
		for (int j = 0; j < 2; j++)
			if (fds[i][j] >= 0)
				close(fds[i][j]);
}

/* Descriptors travel through sockets only, and each with its words. */
static int
open_pair(int fds[2], bool for_descriptors)
{
	return for_descriptors ? socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) : fd_pipe(fds);
}

static bool
open_all(int (*fds)[2], unsigned want)
{
	for (int i = 0; i < PIPES; i++)
		fds[i][0] = fds[i][1] = -1;
	for (int i = 0; i < PIPES; i++) {
		if (!(want & pipes[i].want))
			continue;
		if (open_pair(fds[i], pipes[i].want == CHILD_STORE) < 0 || fd_nonblock(fds[i][pipes[i].we_write], true) < 0) {
			close_all(fds);
			return false;
		}
	}
	return true;
}

/* If our standard error is the journal, its pipe to us counts as that for the child too: it then writes "<4>" itself. */
static void
hand_down_journal(int fd)
{
	const char *env = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat ours, its;
	char t[64];

	if (!env || sscanf(env, "%llu:%llu", &dev, &ino) != 2 || fstat(2, &ours) < 0 || ours.st_dev != dev ||
	    ours.st_ino != ino || fstat(fd, &its) < 0)
		return;
	snprintf(t, sizeof t, "%llu:%llu", (unsigned long long)its.st_dev, (unsigned long long)its.st_ino);
	setenv("JOURNAL_STREAM", t, 1);
}

static void
put_number(const char *name, int n)
{
	char t[16];

	snprintf(t, sizeof t, "%d", n);
	setenv(name, t, 1);
}

/* In the child: sockets to where sd_listen_fds(3) looks for them. */
static bool
hand_down(const struct child_sockets *l, const int *fds)
{
	struct strbuf names = {0};

	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDNAMES");
	if (!l || !l->n)
		return true;
	for (size_t i = 0; i < l->n; i++) {
		if (dup2(fds[i], STANDARD + (int)i) < 0)
			return false;
		strbuf_addf(&names, "%s%s", i ? ":" : "", l->names[i]);
	}
	put_number("LISTEN_FDS", (int)l->n);
	put_number("LISTEN_PID", getpid());
	setenv("LISTEN_FDNAMES", names.s, 1);
	strbuf_free(&names);
	return true;
}

/*
 * In the child: the pipes to where it looks for them, which is 3 to 5 for those that the environment
 * names (a plain shell knows one digit only), or behind sockets. fds are all at ASIDE or above by now.
 */
static bool
place(int (*fds)[2], unsigned want, int sockets)
{

	if (want & CHILD_ERR)
		hand_down_journal(fds[2][1]);
	for (int i = 0; i < PIPES; i++) {
		int fd = fds[i][!pipes[i].we_write], at = i < STANDARD ? i : i + sockets;

		if (fd < 0 && i == 0)
			fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && dup2(fd, at) < 0)
			return false;
		if (pipes[i].env && fd < 0)
			unsetenv(pipes[i].env);
		else if (pipes[i].env)
			put_number(pipes[i].env, at);
	}
	return true;
}

/* Out of the way of all that it gets. */
static int
aside(int fd)
{
	return fd < 0 || fd >= ASIDE ? fd : fcntl(fd, F_DUPFD_CLOEXEC, ASIDE);
}

static void __attribute__((noreturn))
become(const char *path, char *const argv[], int (*fds)[2], unsigned want, const struct child_sockets *l, pid_t parent, int report)
{
	int err, sockets[SOCKETS_MAX];
	size_t n = l ? l->n : 0;

	setpgid(0, 0);
	sigs_default();
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);	/* also what we were given ourselves */
	report = aside(report);
	for (int i = 0; i < PIPES; i++)
		fds[i][!pipes[i].we_write] = aside(fds[i][!pipes[i].we_write]);
	for (size_t i = 0; i < n; i++)
		sockets[i] = aside(l->fds[i]);
	/* KILL, not TERM: whatever state the child is in, nobody may go on holding the port */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	if (hand_down(l, sockets) && place(fds, want, (int)n))
		execv(path, argv);
	err = errno;
	fd_write_all(report, &err, sizeof err);
	_exit(127);
}

static void
keep(struct child *c, pid_t pid, int (*fds)[2])
{
	int *ours[PIPES] = {&c->in, &c->out, &c->err, &c->ready, &c->ack, &c->store};

	c->pid = pid;
	for (int i = 0; i < PIPES; i++) {
		int side = pipes[i].we_write;

		*ours[i] = fds[i][side];
		if (fds[i][!side] >= 0)
			close(fds[i][!side]);
	}
}

bool
child_start(const char *path, char *const argv[], unsigned want, const struct child_sockets *l, struct child *out, int *err)
{
	int fds[PIPES][2], report[2];
	pid_t pid, self = getpid();

	if (!open_all(fds, want) || fd_pipe(report) < 0) {
		*err = errno;
		return false;
	}
	pid = fork();
	if (pid == 0)
		become(path, argv, fds, want, l, self, report[1]);
	*err = pid < 0 ? errno : 0;
	close(report[1]);
	if (pid > 0 && fd_read(report[0], err, sizeof *err) > 0)
		waitpid(pid, NULL, 0);
	close(report[0]);
	if (*err) {
		close_all(fds);
		return false;
	}
	keep(out, pid, fds);
	return true;
}

void
child_widen(int fd)
{
	if (fd >= 0)
		fcntl(fd, F_SETPIPE_SZ, WIDE);
}

size_t
child_unread(const struct child *c)
{
	int n = 0;

	return c->in >= 0 && ioctl(c->in, FIONREAD, &n) == 0 && n > 0 ? (size_t)n : 0;
}

uint64_t
child_take_unread(const struct child *c)
{
	char path[40], buf[4096];
	uint64_t lines = 0;
	ssize_t n;
	int fd;

	if (!child_unread(c))
		return 0;
	snprintf(path, sizeof path, "/proc/self/fd/%d", c->in);	/* a pipe's other end can be had this way */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	while (fd >= 0 && (n = fd_read(fd, buf, sizeof buf)) > 0)
		for (ssize_t i = 0; i < n; i++)
			lines += buf[i] == '\n';
	if (fd >= 0)
		close(fd);
	return lines;
}

void
child_kill(const struct child *c, int sig)
{
	if (c->pid > 0 && kill(-c->pid, sig) < 0)
		kill(c->pid, sig);
}

void
child_close(struct child *c)
{
	int *ours[PIPES] = {&c->in, &c->out, &c->err, &c->ready, &c->ack, &c->store};

	for (int i = 0; i < PIPES; i++) {
		if (*ours[i] >= 0)
			close(*ours[i]);
		*ours[i] = -1;
	}
}

void
child_folder(struct strbuf *out)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self);
	char *slash = n > 0 && n < (ssize_t)sizeof self ? memrchr(self, '/', (size_t)n) : NULL;

	if (slash)
		strbuf_add(out, self, (size_t)(slash - self));
	else
		strbuf_adds(out, ".");
}

static bool
runnable(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

static bool
try_in(const char *folder, size_t n, const char *name, struct strbuf *out)
{
	struct strbuf path = {0};
	bool found;

	strbuf_add(&path, n ? folder : ".", n ? n : 1);
	strbuf_addf(&path, "/%s", name);
	found = runnable(path.s);
	if (found)
		strbuf_adds(out, path.s);
	strbuf_free(&path);
	return found;
}

bool
child_find(const char *name, struct strbuf *out)
{
	const char *p = getenv("PATH");
	struct strbuf own = {0};
	bool found;

	if (strchr(name, '/')) {
		found = runnable(name);
		if (found)
			strbuf_adds(out, name);
		return found;
	}
	child_folder(&own);
	found = *name && try_in(own.s, own.len, name, out);
	strbuf_free(&own);
	for (p = p ? p : "/usr/local/bin:/usr/bin:/bin"; *name && !found; p++) {
		size_t n = strcspn(p, ":");

		found = try_in(p, n, name, out);
		p += n;
		if (!*p)
			break;
	}
	return found;
}

void
child_describe(int status, struct strbuf *out)
{
	const char *abbrev;

	if (WIFEXITED(status)) {
		strbuf_addf(out, "exit %d", WEXITSTATUS(status));
	} else if (WIFSIGNALED(status)) {
		abbrev = sigabbrev_np(WTERMSIG(status));
		strbuf_addf(out, "signal %d", WTERMSIG(status));
		if (abbrev)
			strbuf_addf(out, " (SIG%s)", abbrev);
	}
}
