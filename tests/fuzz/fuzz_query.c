/* A query, split at & as the server does: each check answers, or says why in words that are valid in JSON. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broadcaster/query.h"
#include "lib/utf8.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static void
said(bool ok, struct strbuf *why)
{
	if (ok != !why->len || (why->len && !utf8_valid(why->s, why->len)))
		abort();
	strbuf_reset(why);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	char *text = malloc(len + 1), *rest = text, *one;
	struct query q = {0};
	struct strbuf why = {0};
	struct query_since since;
	const char *word;
	long long v;
	bool ok;

	if (len)
		memcpy(text, data, len);
	text[len] = '\0';
	while (q.n < QUERY_MAX && (one = strsep(&rest, "&")))
		q.v[q.n++] = one;
	ok = query_int(&q, "minutes", 1, 1440, 10, &v, &why);
	if (v < 1 || v > 1440)
		abort();
	said(ok, &why);
	said(query_int(&q, "limit", 1, 100000, 100, &v, &why), &why);
	ok = query_choice(&q, "level", "info|warning|error", &word, &why);
	if (ok && word && strcmp(word, "info") && strcmp(word, "warning") && strcmp(word, "error"))
		abort();
	said(ok, &why);
	said(query_since(&q, "k3J9sQ0aZx", &since, &why), &why);
	strbuf_free(&why);
	free(text);
	return 0;
}
