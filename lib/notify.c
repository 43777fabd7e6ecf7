#include <stdio.h>
#include <unistd.h>

#include "lib/fdio.h"
#include "lib/notify.h"

bool
notify_take(int fd, bool ack)
{
	if (fd < 0)
		return true;
	return fd_is_open(fd) && fd_cloexec(fd, true) == 0 && (!ack || fd_nonblock(fd, true) == 0);
}

void
notify_ready(int *fd)
{
	if (*fd < 0)
		return;
	fd_write_all(*fd, "\n", 1);
	close(*fd);
	*fd = -1;
}

void
notify_ack(int fd, uint64_t lines)
{
	char t[24];
	int n;

	if (fd < 0)
		return;
	n = snprintf(t, sizeof t, "%llu\n", (unsigned long long)lines);
	if (write(fd, t, (size_t)n) < 0)
		return;	/* full: the next report says more */
}
