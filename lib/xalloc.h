#ifndef KATO_XALLOC_H
#define KATO_XALLOC_H

/* malloc that cannot fail: out of memory ends the process with exit 1, and the supervisor starts it anew. */

#include <stddef.h>

void *xmalloc(size_t n);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n);
/* As xrealloc, for n elements of size bytes; a product that overflows dies too. */
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
/* A copy of n bytes with a NUL behind it. */
char *xmemdup0(const void *p, size_t n);

#endif
