#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "lib/xalloc.h"

static void *kept;

/* The exit status of a process that asks for n elements of size bytes. */
static int
asking_for(size_t n, size_t size)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		close(2);
		kept = xreallocarray(NULL, n, size);
		_exit(0);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int
main(void)
{
	char *p;

	p = xmalloc(0);
	CHECK(p);
	p = xrealloc(p, 10);
	memcpy(p, "kato", 5);
	p = xreallocarray(p, 100, 10);
	CHECK_STR(p, "kato");
	p = xrealloc(p, 0);
	CHECK(p);
	free(p);
	p = xcalloc(3, 5);
	CHECK(!memcmp(p, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15));
	free(p);
	p = xcalloc(0, 0);
	CHECK(p);
	free(p);
	p = xstrdup("live");
	CHECK_STR(p, "live");
	free(p);
	p = xmemdup0("kato live", 4);
	CHECK_STR(p, "kato");
	free(p);
	p = xmemdup0(NULL, 0);
	CHECK_STR(p, "");
	free(p);
	CHECK(asking_for(10, 10) == 0);
	CHECK(asking_for(SIZE_MAX / 2, 4) == 1);	/* the product overflows */
	CHECK(asking_for(SIZE_MAX / 2 + 2, 2) == 1);
	return check_done();
}
