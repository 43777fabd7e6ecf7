#ifndef KATO_NEAR_H
#define KATO_NEAR_H

/* "Did you mean." */

#include <stddef.h>

/* The word of the list that is nearest to a mistyped one (letters added, left out, changed or swapped); NULL: none is near. */
const char *near_word(const char *typed, const char *const *words, size_t n);

#endif
