#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "katoctl/sock.h"
#include "lib/fdio.h"

enum { BACKLOG = 128, CONNECT_SECONDS = 3 };

static bool
address(const char *path, struct sockaddr_un *a)
{
	*a = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof a->sun_path) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(a->sun_path, path, strlen(path) + 1);
	return true;
}

static int
connect_with(const char *path, int flags)
{
	const struct timeval patience = {.tv_sec = CONNECT_SECONDS};
	struct sockaddr_un a;
	int fd, saved;

	if (!address(path, &a))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

int
sock_connect(const char *path)
{
	return connect_with(path, 0);
}

int
sock_connect_now(const char *path)
{
	return connect_with(path, SOCK_NONBLOCK);
}

int
sock_accept(int listening)
{
	static int spare = -1;	/* given up for a moment to take a caller who would else wait, and wake us, for ever */
	int fd;

	if (spare < 0)
		spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd >= 0 || (errno != EMFILE && errno != ENFILE) || spare < 0)
		return fd;
	close(spare);
	fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd >= 0)
		close(fd);
	spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return -1;
}

/* Whoever listens there, or 0; a socket nobody listens on is removed. False: what is there is not ours to remove. */
static bool
clear_way(const char *path, pid_t *owner)
{
	struct ucred who;
	socklen_t len = sizeof who;
	struct stat st;
	int fd = sock_connect(path);

	if (fd >= 0) {
		*owner = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 ? who.pid : -1;
		close(fd);
		errno = EADDRINUSE;
		return false;
	}
	if (errno == ENOENT)
		return true;
	if (errno != ECONNREFUSED)
		return false;
	if (lstat(path, &st) == 0 && !S_ISSOCK(st.st_mode)) {
		errno = ENOTSOCK;
		return false;
	}
	return unlink(path) == 0 || errno == ENOENT;
}

static int
bind_there(const char *path, mode_t mode)
{
	struct sockaddr_un a;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), saved;
	mode_t mask;
	bool good;

	if (fd < 0 || !address(path, &a))
		goto err;
	mask = umask(0777 & ~mode);
	good = bind(fd, (struct sockaddr *)&a, sizeof a) == 0;
	umask(mask);
	if (good && listen(fd, BACKLOG) == 0)
		return fd;
err:
	saved = errno;
	if (fd >= 0)
		close(fd);
	errno = saved;
	return -1;
}

/* The folder is locked meanwhile: of two that start at once, one finds the other listening. */
int
sock_listen(const char *path, mode_t mode, pid_t *owner, struct strbuf *err)
{
	const char *slash = strrchr(path, '/');
	struct strbuf folder = {0};
	int lock, fd = -1;

	*owner = 0;
	strbuf_add(&folder, slash ? path : ".", slash == path || !slash ? 1 : (size_t)(slash - path));
	lock = open(folder.s, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; lock >= 0 && i < 50 && flock(lock, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK; i++)
		usleep(20000);
	if (clear_way(path, owner))
		fd = bind_there(path, mode);
	if (fd < 0)
		strbuf_addf(err, "%s: %s", path, strerror(errno));
	if (lock >= 0)
		close(lock);
	strbuf_free(&folder);
	return fd;
}
