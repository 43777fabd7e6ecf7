#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/share.h"

#ifndef SHAREDIR
#define SHAREDIR "/usr/local/share/kato-live"
#endif

/* Appends the real path of folder/below/name if it can be read. */
static bool
try_in(const char *folder, size_t n, const char *below, const char *name, struct strbuf *out)
{
	struct strbuf path = {0};
	char *whole;

	strbuf_add(&path, folder, n);
	strbuf_addf(&path, "%s/%s", below, name);
	whole = access(path.s, R_OK) == 0 ? realpath(path.s, NULL) : NULL;
	if (whole)
		strbuf_adds(out, whole);
	free(whole);
	strbuf_free(&path);
	return whole != NULL;
}

bool
share_find(const char *name, struct strbuf *out)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self);
	const char *slash = n > 0 && n < (ssize_t)sizeof self ? memrchr(self, '/', (size_t)n) : NULL;
	size_t folder = slash ? (size_t)(slash - self) : 0;

	if (slash && (try_in(self, folder, "/../../share", name, out) || try_in(self, folder, "/../share/kato-live", name, out)))
		return true;
	return try_in(SHAREDIR, sizeof SHAREDIR - 1, "", name, out);
}

void
share_named(const char *file, const char *below, struct strbuf *out)
{
	struct strbuf name = {0};

	strbuf_addf(&name, ".%s/%s", below, file);
	if (!*file || strchr(file, '/') || access(file, F_OK) == 0 || !share_find(name.s, out))
		strbuf_adds(out, file);
	strbuf_free(&name);
}
