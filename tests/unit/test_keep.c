#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "lib/fdio.h"
#include "lib/keep.h"
#include "lib/log.h"

static char folder[] = "/tmp/test_keep.XXXXXX";

static const char *
file(const char *name)
{
	static char path[sizeof folder + 64];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

/* What a new process would find; it is the one that holds it, if k is NULL only for a moment. */
static void
found(const char *name, int format, const char *want)
{
	struct strbuf text = {0};
	struct keep k;

	strbuf_adds(&text, "");
	keep_open(&k, file(name), "tool", format, &text);
	CHECK_STR(text.s, want);
	keep_close(&k);
	strbuf_free(&text);
}

static void
put(const char *name, const char *s)
{
	FILE *f = fopen(file(name), "w");

	CHECK(f && fputs(s, f) >= 0 && fclose(f) == 0);
}

static bool
there(const char *name)
{
	return access(file(name), F_OK) == 0;
}

static int
aside(void)
{
	char command[sizeof folder + 64];
	FILE *p;
	int n = -1;

	snprintf(command, sizeof command, "ls %s | grep -c broken-", folder);
	p = popen(command, "r");
	CHECK(p && fscanf(p, "%d", &n) == 1);
	pclose(p);
	return n;
}

static bool
three(void *arg, struct strbuf *lines)
{
	int *n = arg;

	strbuf_addf(lines, "{\"part\":%d}\n", ++*n);
	return *n < 3;
}

static bool
nothing(void *arg, struct strbuf *lines)
{
	(void)arg;
	(void)lines;
	return false;
}

static bool
too_much(void *arg, struct strbuf *lines)
{
	(void)arg;
	for (int i = 0; i < 1 << 16; i++)
		strbuf_adds(lines, "{\"much\":1}\n");
	return true;
}

static void
test_parts(void)
{
	struct strbuf text = {0};
	struct keep k;
	int n = 0;

	keep_open(&k, file("parts"), "tool", 1, &text);
	CHECK(keep_save_parts(&k, three, &n, 0) && keep_save(&k, "{\"a\":1}\n", 8, false, false, 0));
	keep_close(&k);
	found("parts", 1, "{\"part\":1}\n{\"part\":2}\n{\"part\":3}\n{\"a\":1}\n");
	keep_open(&k, file("parts"), "tool", 1, &text);
	CHECK(!keep_save_parts(&k, too_much, NULL, 0) && !there("parts.new"));	/* over KEEP_MAX_BYTES: the old one stays */
	CHECK(keep_save_parts(&k, nothing, NULL, KEEP_AGAIN_MS));
	keep_close(&k);
	found("parts", 1, "");
	strbuf_free(&text);
}

static void
test_saves(void)
{
	struct strbuf text = {0};
	struct stat st;
	struct keep k, second;

	found("s", 1, "");
	keep_open(&k, file("s"), "tool", 1, &text);
	CHECK(keep_ready(&k, 0) && keep_wants_all(&k));
	CHECK(keep_save(&k, "{\"a\":1}\n", 8, true, true, 0));
	CHECK(!keep_wants_all(&k));
	CHECK(keep_save(&k, "{\"a\":2}\n", 8, false, false, 0));
	CHECK(stat(file("s"), &st) == 0 && (st.st_mode & 0777) == 0600);

	/* a second process is told whose it is, and keeps its hands off */
	keep_open(&second, file("s"), "tool", 1, &text);
	CHECK(!second.path && !text.len && !keep_ready(&second, 0) && !keep_save(&second, "x\n", 2, true, true, 0));
	keep_close(&k);
	found("s", 1, "{\"a\":1}\n{\"a\":2}\n");

	/* somebody took it away */
	keep_open(&k, file("s"), "tool", 1, &text);
	CHECK(keep_save(&k, "{\"a\":3}\n", 8, true, true, 0) && unlink(file("s")) == 0);
	CHECK(keep_wants_all(&k) && keep_save(&k, "{\"a\":4}\n", 8, true, true, 0));
	keep_close(&k);
	found("s", 1, "{\"a\":4}\n");
	CHECK(!there("s.new"));
	strbuf_free(&text);
}

static void
test_aside(void)
{
	found("s", 2, "");	/* of a format that is not known */
	CHECK(!there("s") && aside() == 1);
	for (int i = 0; i < 12; i++) {
		put("s", "garbage\n");
		found("s", 1, "");
		CHECK(!there("s"));
	}
	CHECK(aside() == KEEP_ASIDE);
}

/* A folder that can't be written to: said, tried again after a while, and good again then. */
static void
test_failing(void)
{
	struct strbuf text = {0};
	struct keep k;

	keep_open(&k, file("sub/s"), "tool", 1, &text);
	CHECK(k.path && there("sub"));
	CHECK(keep_save(&k, "{\"a\":1}\n", 8, true, true, 0));
	CHECK(mkdir(file("sub/s.new"), 0700) == 0);	/* in the way of the next whole save, for root, too */
	CHECK(!keep_save(&k, "{\"a\":2}\n", 8, true, true, 0));
	CHECK(!keep_ready(&k, 1) && keep_ready(&k, KEEP_AGAIN_MS) && keep_wants_all(&k));
	CHECK(rmdir(file("sub/s.new")) == 0);
	CHECK(!keep_save(&k, "{\"a\":2}\n", 8, true, true, 1));
	CHECK(keep_save(&k, "{\"a\":2}\n", 8, true, true, KEEP_AGAIN_MS));
	keep_close(&k);
	found("sub/s", 1, "{\"a\":2}\n");

	keep_open(&k, "/dev/null", "tool", 1, &text);	/* must stay what it is */
	CHECK(!k.path && !text.len);
	keep_open(&k, NULL, "tool", 1, &text);
	CHECK(!k.path);
	keep_open(&k, file("no/such/folder/s"), "tool", 1, &text);
	CHECK(!k.path && !there("no"));
	strbuf_free(&text);
}

static void
test_folders(void)
{
	struct strbuf text = {0};
	struct keep k;

	CHECK(setenv("STATE_DIRECTORY", file("state:/other"), 1) == 0);
	keep_open(&k, "a/s", "tool", 1, &text);
	CHECK_STR(k.path, file("state/a/s"));
	keep_close(&k);
	CHECK(unsetenv("STATE_DIRECTORY") == 0 && setenv("XDG_STATE_HOME", file("xdg"), 1) == 0);
	keep_open(&k, "s", "tool", 1, &text);
	CHECK_STR(k.path, file("xdg/kato-live/s"));
	keep_close(&k);
	CHECK(unsetenv("XDG_STATE_HOME") == 0 && setenv("HOME", file("home"), 1) == 0);
	keep_open(&k, "s", "tool", 1, &text);
	CHECK_STR(k.path, file("home/.local/state/kato-live/s"));
	keep_close(&k);
	strbuf_free(&text);
}

int
main(void)
{
	char command[sizeof folder + 16];

	log_set_level(LOG_ERROR + 1);
	CHECK(mkdtemp(folder) != NULL);
	test_saves();
	test_parts();
	test_aside();
	test_failing();
	test_folders();
	snprintf(command, sizeof command, "rm -r %s", folder);
	CHECK(system(command) == 0);
	return check_done();
}
