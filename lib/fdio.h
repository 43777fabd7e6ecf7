#ifndef KATO_FDIO_H
#define KATO_FDIO_H

/* File descriptors without the usual traps: EINTR is retried, short writes are finished, nothing leaks into children. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/strbuf.h"

/* All of buf, waiting where fd would block. 0, or -1 with errno. */
int fd_write_all(int fd, const void *buf, size_t len);
ssize_t fd_read(int fd, void *buf, size_t len);	/* read(2) without EINTR */
int fd_nonblock(int fd, bool on);
int fd_cloexec(int fd, bool on);
int fd_pipe(int fds[2]);	/* both ends close-on-exec */
bool fd_is_open(int fd);
bool fd_reader_left(int fd);	/* of a pipe or socket we write to: who writes now gets EPIPE */
/* First in main(): standard descriptors that were handed down closed become /dev/null, or else a socket would get their
 * number. Of a program whose data goes to standard output (writes), writing there goes on failing with EBADF. */
void fd_standard(bool writes);
/* Appends a whole file of at most max bytes. 0, or -1 with errno; EFBIG: it is larger. */
int fd_slurp(const char *path, size_t max, struct strbuf *out);

#endif
