#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "katoctl/tailtoken.h"
#include "lib/fdio.h"
#include "lib/log.h"
#include "lib/xalloc.h"

/* One word of what an HTTP header may carry. */
static bool
read_token(const char *path, struct strbuf *out, struct strbuf *why)
{
	size_t first;

	if (fd_slurp(path, TAILTOKEN_MAX + 2, out) < 0) {
		strbuf_adds(why, errno == EFBIG ? "too long for a token" : strerror(errno));
		return false;
	}
	while (out->len && strchr(" \t\r\n", out->s[out->len - 1]))
		out->s[--out->len] = '\0';
	first = out->s ? strspn(out->s, " \t\r\n") : 0;
	if (first) {
		memmove(out->s, out->s + first, out->len - first + 1);
		out->len -= first;
	}
	if (!out->len)
		strbuf_adds(why, "empty");
	for (size_t i = 0; i < out->len && !why->len; i++)
		if (out->s[i] <= ' ' || out->s[i] > '~')
			strbuf_adds(why, "holds what no token does");
	return !why->len;
}

bool
tailtoken_open(struct tailtoken *t, const char *path, struct strbuf *why)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	struct strbuf theirs = {0};

	*t = (struct tailtoken){0};
	if (path && *path) {
		t->path = xstrdup(path);
	} else if (credentials && *credentials) {
		strbuf_addf(&theirs, "%s/token", credentials);
		if (access(theirs.s, F_OK) == 0)
			t->path = xstrdup(theirs.s);
	}
	strbuf_free(&theirs);
	if (!t->path || read_token(t->path, &t->token, why))
		return true;
	strbuf_free(&t->token);
	return false;
}

const char *
tailtoken_get(struct tailtoken *t)
{
	struct strbuf fresh = {0}, why = {0};

	if (!t->path)
		return NULL;
	if (read_token(t->path, &fresh, &why)) {
		struct strbuf old = t->token;

		t->token = fresh;
		fresh = old;
	} else {
		log_warn("%s: %s; the token is still the last one it held", t->path, why.s);
	}
	if (fresh.s)
		explicit_bzero(fresh.s, fresh.len);
	strbuf_free(&fresh);
	strbuf_free(&why);
	return t->token.s;
}

void
tailtoken_free(struct tailtoken *t)
{
	if (t->token.s)
		explicit_bzero(t->token.s, t->token.len);
	strbuf_free(&t->token);
	free(t->path);
	*t = (struct tailtoken){0};
}
