#include <string.h>

#include "lib/near.h"

enum { WORD_MAX = 32 };

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Damerau's distance, in its "optimal string alignment" form. Both words are shorter than WORD_MAX. */
static size_t
distance(const char *a, const char *b)
{
	size_t d[WORD_MAX][WORD_MAX], la = strlen(a), lb = strlen(b);

	for (size_t i = 0; i <= la; i++)
		for (size_t j = 0; j <= lb; j++) {
			if (!i || !j) {
				d[i][j] = i + j;
				continue;
			}
			d[i][j] = least(least(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	return d[la][lb];
}

const char *
near_word(const char *typed, const char *const *words, size_t n)
{
	const char *best = NULL;
	size_t len = strlen(typed), best_d = len < 6 ? 1 : len / 3;

	if (len >= WORD_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t d;

		if (strlen(words[i]) >= WORD_MAX)
			continue;
		d = distance(typed, words[i]);
		if (d < best_d || (d == best_d && !best)) {
			best_d = d;
			best = words[i];
		}
	}
	return best;
}
