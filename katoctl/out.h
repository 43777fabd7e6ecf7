#ifndef KATOCTL_OUT_H
#define KATOCTL_OUT_H

/*
 * Standard output that never keeps us from hearing a signal: where it is a pipe it is written to
 * without blocking, by a description of our own (the flag would be everybody's otherwise).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OUT_FINISH_MS = 1000 };

enum out_result {
	OUT_DONE,	/* all is written */
	OUT_SIGNAL,	/* sigs_fd became readable while the reader was slow */
	OUT_LATE,	/* until_ms has come */
	OUT_LEFT,	/* the reader left */
	OUT_FAILED,	/* see errno */
};

struct out {
	int fd;
};

void out_init(struct out *);
void out_close(struct out *);
/* Writes from p + *done on, up to n bytes in all; until_ms is monotonic, -1: for ever. *done is kept up to date. */
enum out_result out_write(struct out *, const char *p, size_t n, size_t *done, int64_t until_ms);
/*
 * Writes all, for who has nothing else to do. False: it is time to go. Told so by TERM, it first finishes what it
 * writes if the reader takes it within OUT_FINISH_MS. A failure is said, and *code is 1.
 */
bool out_all(struct out *, const char *p, size_t n, int *code);

#endif
