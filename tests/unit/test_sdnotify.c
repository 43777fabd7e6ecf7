#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "check.h"
#include "lib/sdnotify.h"

static int
listener(const char *name)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	memcpy(a.sun_path, name, strlen(name));
	if (*name == '@')
		a.sun_path[0] = '\0';
	CHECK(bind(fd, (struct sockaddr *)&a, (socklen_t)(sizeof a.sun_family + strlen(name) + (*name == '/'))) == 0);
	return fd;
}

static const char *
heard(int fd)
{
	static char text[128];
	ssize_t n = recv(fd, text, sizeof text - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void
told(const char *name)
{
	struct sdnotify n;
	int fd = listener(name);

	setenv("NOTIFY_SOCKET", name, 1);
	sdnotify_open(&n);
	CHECK(n.fd >= 0 && !getenv("NOTIFY_SOCKET"));
	sdnotify_say(&n, "READY=1\nSTATUS=well");
	CHECK_STR(heard(fd), "READY=1\nSTATUS=well");
	close(fd);
	sdnotify_say(&n, "WATCHDOG=1");	/* nobody listens any more: no signal, no failure */
	sdnotify_close(&n);
	sdnotify_say(&n, "WATCHDOG=1");
	CHECK(n.fd == -1);
}

static void
stores(const char *name)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	char text[64] = "";
	struct iovec v = {text, sizeof text - 1};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	struct cmsghdr *c;
	struct sdnotify n;
	int fd = listener(name), got = -1;

	setenv("NOTIFY_SOCKET", name, 1);
	sdnotify_open(&n);
	sdnotify_store(&n, "web", fd);
	CHECK(recvmsg(fd, &m, 0) > 0);
	CHECK_STR(text, "FDSTORE=1\nFDNAME=web");
	c = CMSG_FIRSTHDR(&m);
	CHECK(c && c->cmsg_type == SCM_RIGHTS);
	if (c)
		memcpy(&got, CMSG_DATA(c), sizeof got);
	CHECK(got > fd && close(got) == 0);
	sdnotify_unstore(&n, "web");
	CHECK_STR(heard(fd), "FDSTOREREMOVE=1\nFDNAME=web");
	sdnotify_close(&n);
	sdnotify_store(&n, "web", fd);	/* nobody asked */
	close(fd);
}

static int64_t
watchdog(const char *name, const char *usec, const char *pid)
{
	struct sdnotify n;
	int64_t ms;

	setenv("NOTIFY_SOCKET", name, 1);
	setenv("WATCHDOG_USEC", usec, 1);
	if (pid)
		setenv("WATCHDOG_PID", pid, 1);
	sdnotify_open(&n);
	ms = n.watchdog_ms;
	sdnotify_close(&n);
	CHECK(!getenv("WATCHDOG_USEC") && !getenv("WATCHDOG_PID"));
	return ms;
}

int
main(void)
{
	char folder[] = "/tmp/sdnotifyXXXXXX", path[64], abstract[64], pid[16];
	struct sdnotify n;
	int fd;

	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof path, "%s/notify", folder);
	snprintf(abstract, sizeof abstract, "@%s", folder);
	snprintf(pid, sizeof pid, "%d", (int)getpid());
	told(path);
	told(abstract);
	stores(abstract);
	unlink(path);

	fd = listener(abstract);
	CHECK(watchdog(abstract, "20000000", NULL) == 20000);
	CHECK(watchdog(abstract, "20000000", pid) == 20000);
	CHECK(watchdog(abstract, "20000000", "1") == 0);
	CHECK(watchdog("/nowhere/at/all", "20000000", pid) == 0);
	close(fd);

	for (int i = 0; i < 4; i++) {	/* none, and none that can be meant */
		static const char *const names[] = {"", "@", "relative", NULL};

		if (names[i])
			setenv("NOTIFY_SOCKET", names[i], 1);
		sdnotify_open(&n);
		CHECK(n.fd == -1 && n.watchdog_ms == 0);
		sdnotify_say(&n, "READY=1");
	}
	rmdir(folder);
	return check_done();
}
