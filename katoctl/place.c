#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "katoctl/place.h"

static const char file[] = "control";

static void
own_tmp(struct strbuf *out)
{
	strbuf_addf(out, "/tmp/kato-live-%u", (unsigned)geteuid());
}

/* The folder is there, ours, and nobody else's: in /tmp anyone could have made it first. */
static bool
private(const char *folder, struct strbuf *why)
{
	struct stat st;

	if (mkdir(folder, 0700) < 0 && errno != EEXIST)
		strbuf_addf(why, "%s: %s", folder, strerror(errno));
	else if (lstat(folder, &st) < 0)
		strbuf_addf(why, "%s: %s", folder, strerror(errno));
	else if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 077)
		strbuf_addf(why, "%s: must be a folder of your own with mode 0700; say --control PATH", folder);
	else
		return true;
	return false;
}

/* systemd may name several; the first counts. */
static bool
runtime_directory(struct strbuf *out)
{
	const char *run = getenv("RUNTIME_DIRECTORY");

	if (!run || *run != '/')
		return false;
	strbuf_add(out, run, strcspn(run, ":"));
	return true;
}

static bool
xdg_directory(struct strbuf *out)
{
	const char *xdg = getenv("XDG_RUNTIME_DIR");
	struct stat st;

	if (!xdg || *xdg != '/' || stat(xdg, &st) < 0 || !S_ISDIR(st.st_mode))
		return false;
	strbuf_addf(out, "%s/kato-live", xdg);
	return true;
}

bool
place_own(struct strbuf *out, struct strbuf *why)
{
	struct strbuf folder = {0};
	bool good = runtime_directory(&folder);

	if (!good) {
		if (!xdg_directory(&folder))
			own_tmp(&folder);
		good = private(folder.s, why);
	}
	if (good)
		strbuf_addf(out, "%s/%s", folder.s, file);
	strbuf_free(&folder);
	return good;
}

bool
place_possible(int i, struct strbuf *out)
{
	struct strbuf folder = {0};
	int k = 0;
	bool found = true;

	if (runtime_directory(&folder) && k++ == i)
		goto out;
	strbuf_reset(&folder);
	if (xdg_directory(&folder) && k++ == i)
		goto out;
	strbuf_reset(&folder);
	own_tmp(&folder);
	if (k++ == i)
		goto out;
	strbuf_reset(&folder);
	strbuf_adds(&folder, "/run/kato-live");
	found = k == i;
out:
	if (found)
		strbuf_addf(out, "%s/%s", folder.s, file);
	strbuf_free(&folder);
	return found;
}
