#ifndef KATOCTL_ASK_H
#define KATOCTL_ASK_H

/* The callers' side of the control socket (control.h). */

#include <stdbool.h>

#include "lib/linebuf.h"
#include "lib/strbuf.h"

enum { ASK_WAIT_MS = 5000 };

struct ask {
	int fd;
	int until;	/* waiting for a line ends when this descriptor is readable; -1: never */
	int wait_ms;	/* or after so long; -1: never */
	struct linebuf in;
};

/*
 * Connects to path (NULL: to the first supervisor that answers in the usual places) and sends the
 * request. Exits with 1, saying why, if nobody is there or the answer is not "ok".
 */
void ask_open(struct ask *, const char *path, const char *request);	/* until is -1 then, wait_ms ASK_WAIT_MS */
/* The same, but returns false with *why appended, and nothing is to be closed. */
bool ask_try(struct ask *, const char *path, const char *request, int wait_ms, struct strbuf *why);
/* The next line of the answer, line[len] its newline; valid until the next call. False: there is no more. */
bool ask_line(struct ask *, char **line, size_t *len);
void ask_close(struct ask *);

#endif
