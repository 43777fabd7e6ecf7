#ifndef KATOCTL_CHILD_H
#define KATOCTL_CHILD_H

/* Starting programs, with pipes to their standard descriptors. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/strbuf.h"

enum child_want {
	CHILD_IN = 1,		/* a pipe to its standard input; else /dev/null */
	CHILD_OUT = 2,		/* a pipe from its standard output; else ours */
	CHILD_ERR = 4,		/* likewise standard error */
	CHILD_READY = 8,	/* a pipe, 3, named by KATO_READY_FD: it writes a newline when it serves */
	CHILD_ACK = 16,		/* a pipe, 4, named by KATO_ACK_FD: it writes how many lines it has dealt with */
	CHILD_STORE = 32,	/* a socket, 5, named by KATO_STORE_FD: it gives sockets to keep (store.h) */
};

struct child {
	pid_t pid;
	int in, out, err, ready, ack, store;	/* our ends, non-blocking and close-on-exec; -1: not wanted */
};

/* Sockets for it to take over, as sd_listen_fds(3) has it: from 3 on; 3, 4 and 5 above come behind them then. */
struct child_sockets {
	const int *fds;
	char *const *names;
	size_t n;
};

/*
 * Starts path with argv (NULL at the end), waiting until the exec has worked. The child leads a process
 * group of its own, so that a Ctrl-C of the terminal reaches us alone; it has default signals, no
 * descriptors but 0, 1, 2 and those named above, and dies with us. False: nothing was started, *err is
 * the errno and nothing is to be closed. The sockets may be NULL.
 */
bool child_start(const char *path, char *const argv[], unsigned want, const struct child_sockets *, struct child *out, int *err);
/* Lets a pipe hold far more than 64 KiB, where the system allows it, so that both ends are woken less often. */
void child_widen(int fd);
/* Bytes in the pipe to its standard input that nobody has read. */
size_t child_unread(const struct child *);
/* Takes out what nobody has read of it, when nobody will any more. Returns its newlines. */
uint64_t child_take_unread(const struct child *);
/* To the child's whole group. */
void child_kill(const struct child *, int sig);
/* Closes what is open of our ends; the process itself is not touched. */
void child_close(struct child *);
/*
 * Where a program is: a name with a slash as it is; else in our own binary's folder, then in PATH.
 * Appends the path; false: no executable file of that name, *out is untouched.
 */
bool child_find(const char *name, struct strbuf *out);
/* Appends the folder our own binary lies in. */
void child_folder(struct strbuf *out);
/* "exit 1", "signal 9 (SIGKILL)" from a wait(2) status, appended. */
void child_describe(int status, struct strbuf *out);

#endif
