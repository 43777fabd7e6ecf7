#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/keep.h"
#include "lib/keeppath.h"
#include "lib/xalloc.h"

/* Appends the state folder. False: there is none, as nobody has a home. */
static bool
state_folder(struct strbuf *out)
{
	const char *dir = getenv("STATE_DIRECTORY"), *home;
	const struct passwd *pw;

	if (dir && *dir == '/') {
		strbuf_add(out, dir, strcspn(dir, ":"));	/* systemd may name several */
		return true;
	}
	dir = getenv("XDG_STATE_HOME");
	if (dir && *dir == '/') {
		strbuf_addf(out, "%s/kato-live", dir);
		return true;
	}
	home = getenv("HOME");
	if (!home || *home != '/') {
		pw = getpwuid(getuid());
		home = pw ? pw->pw_dir : NULL;
	}
	if (!home || *home != '/')
		return false;
	strbuf_addf(out, "%s/.local/state/kato-live", home);
	return true;
}

/* The folders above the file in path (changed and put back): all, or only the last. */
static bool
make_folders(char *path, bool all)
{
	char *last = strrchr(path, '/'), *p = all ? strchr(path + 1, '/') : last;
	bool good = true;

	for (; good && p && p > path && p <= last; p = strchr(p + 1, '/')) {
		*p = '\0';
		good = mkdir(path, 0700) == 0 || errno == EEXIST;
		*p = '/';
	}
	return good;
}

bool
keeppath_make(const char *file, struct strbuf *out)
{
	size_t had = out->len;

	if (*file != '/') {
		if (!state_folder(out)) {
			strbuf_adds(out, file);
			errno = ENOENT;
			return false;
		}
		strbuf_addc(out, '/');
	}
	strbuf_adds(out, file);
	return make_folders(out->s + had, *file != '/');
}

/* Those of them that lie beside path: how many, and the oldest (its name appended to *oldest). */
static size_t
set_aside(const char *path, struct strbuf *oldest)
{
	const char *base = strrchr(path, '/') + 1;
	char *folder = xmemdup0(path, (size_t)(base - path));
	DIR *d = opendir(folder);
	const struct dirent *e;
	struct strbuf prefix = {0}, name = {0};
	size_t n = 0;

	strbuf_addf(&prefix, "%s.broken-", base);
	while (d && (e = readdir(d))) {
		if (strncmp(e->d_name, prefix.s, prefix.len) != 0)
			continue;
		n++;
		if (name.len && strverscmp(e->d_name, name.s) >= 0)
			continue;
		strbuf_reset(&name);
		strbuf_adds(&name, e->d_name);
	}
	if (d)
		closedir(d);
	if (n)
		strbuf_addf(oldest, "%s%s", folder, name.s);
	free(folder);
	strbuf_free(&prefix);
	strbuf_free(&name);
	return n;
}

/* rename(2) that replaces nothing; a file system that can't promise it is asked first. */
static bool
move(const char *from, const char *to)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return true;
	if (errno != EINVAL)
		return false;
	if (faccessat(AT_FDCWD, to, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return false;
	}
	return rename(from, to) == 0;
}

bool
keeppath_aside(const char *path, int64_t now_ms, struct strbuf *out)
{
	struct strbuf oldest = {0};
	size_t had = out->len;
	bool done = false;

	for (int n = 0; !done && n < 100; n++) {
		out->len = had;
		strbuf_addf(out, n ? "%s.broken-%lld-%d" : "%s.broken-%lld", path, (long long)(now_ms / 1000), n);
		done = move(path, out->s + had);
		if (!done && errno != EEXIST)
			return false;
	}
	if (done && set_aside(path, &oldest) > KEEP_ASIDE)
		unlink(oldest.s);
	strbuf_free(&oldest);
	return done;
}

int
keeppath_sync(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = xmemdup0(path, slash > path ? (size_t)(slash - path) : 1);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r, saved;

	free(folder);
	if (fd < 0)
		return -1;
	r = fsync(fd);
	saved = errno;
	close(fd);
	errno = saved;
	return r;
}
