#ifndef KATOCTL_BACKOFF_H
#define KATOCTL_BACKOFF_H

/*
 * How long to wait before the next try: exponential, with full jitter, so that many clients of a server that
 * was away do not come back together. Pure; chance is from [0, 1).
 */

enum { BACKOFF_FIRST_MS = 500, BACKOFF_MAX_MS = 30000 };

struct backoff {
	int ceiling_ms;	/* of the last wait; 0: none since the last success */
};

/* From 0 to a ceiling that doubles with each call, up to BACKOFF_MAX_MS. */
int backoff_next(struct backoff *, double chance);
void backoff_forget(struct backoff *);	/* it worked for a while */

#endif
