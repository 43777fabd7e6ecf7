#ifndef CHECK_H
#define CHECK_H

/* A unit test is a main() of CHECKs that ends with `return check_done();`. */

#include <stdio.h>
#include <string.h>

static int check_passed, check_failed;

#define CHECK(cond)                                                            \
	do {                                                                   \
		if (cond) {                                                    \
			check_passed++;                                        \
		} else {                                                       \
			check_failed++;                                        \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond); \
		}                                                              \
	} while (0)

#define CHECK_STR(got, want)                                                                              \
	do {                                                                                              \
		const char *got_ = (got), *want_ = (want);                                                \
		if (got_ && !strcmp(got_, want_)) {                                                       \
			check_passed++;                                                                   \
		} else {                                                                                  \
			check_failed++;                                                                   \
			fprintf(stderr, "%s:%d: got  %s\n\twant %s\n", __FILE__, __LINE__, got_ ? got_ : "(null)", want_); \
		}                                                                                         \
	} while (0)

static inline int
check_done(void)
{
	printf("%d checks passed, %d failed\n", check_passed, check_failed);
	return check_failed || !check_passed;
}

#endif
