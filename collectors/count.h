#ifndef COLLECTORS_COUNT_H
#define COLLECTORS_COUNT_H

/* What KATO answers to GET /sessions/count. Pure. */

#include <stdbool.h>
#include <stddef.h>

/* False: the body is none of KATO's counts, or none from 0 to SESSIONS_MAX. */
bool count_read(const char *body, size_t len, long long *n);

#endif
