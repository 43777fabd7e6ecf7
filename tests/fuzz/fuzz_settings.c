/* The first line is a command line, the rest a settings file. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/fdio.h"
#include "lib/settings.h"
#include "lib/xalloc.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

struct options {
	char *url, *mode;
	double interval;
	long long port, size;
	struct strlist names;
	bool once, flag;
};

#define AT(m) offsetof(struct options, m)

static const struct setting table[] = {
	{"url", 'u', "T_URL", NULL, SET_STRING, AT(url), "http://a", 0, 0, "URL", "where"},
	{"interval", 'i', "I", NULL, SET_NUMBER, AT(interval), "3", 0.1, 3600, "S", "how often"},
	{"port", 0, "T_PORT", "PORT", SET_INT, AT(port), "-1", 0, 65535, "P", "port"},
	{"size", 's', "S", NULL, SET_BYTES, AT(size), "1M", 1, 1e12, "BYTES", "size"},
	{"name", 'n', "N", NULL, SET_LIST, AT(names), "kato,redis", 0, 0, "NAME", "names"},
	{"once", '1', NULL, NULL, SET_BOOL, AT(once), NULL, 0, 0, NULL, "once"},
	{"mode", 'm', "M", NULL, SET_CHOICE, AT(mode), "on", 0, 0, "on|warn|off", "mode"},
	{NULL, 0, "F", NULL, SET_BOOL, AT(flag), "true", 0, 0, NULL, "a flag"},
};

static const struct settings_tool tool = {
	.name = "tool", .table = table, .n = sizeof table / sizeof table[0], .size = sizeof(struct options),
};

static void
read_all(int argc, char **argv)
{
	struct settings_asked asked;
	struct strbuf err = {0};
	struct options o;

	if (!settings_read(&tool, &o, argc, argv, &asked, &err)) {
		if (!err.len)
			abort();
	} else {
		if (o.interval < 0.1 || o.interval > 3600 || o.port < -1 || o.port > 65535 || o.size < 1 || err.len || !o.mode)
			abort();
		settings_free(&tool, &o);
		free(asked.file);
		free(asked.log_level);
	}
	strbuf_free(&err);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char *text = xmemdup0(data, size), *nl = memchr(text, '\n', size), *rest = text, *argv[40], *word, path[40];
	char name[] = "tool", option[] = "--settings";
	int argc = 0, fd = memfd_create("settings", MFD_CLOEXEC);

	if (nl)
		*nl = '\0';
	if (nl)
		fd_write_all(fd, nl + 1, size - (size_t)(nl + 1 - text));
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	argv[argc++] = name;
	argv[argc++] = option;
	argv[argc++] = path;
	while ((word = strsep(&rest, " ")) && argc < 39)
		if (strncmp(word, "--se", 4) != 0)	/* no other files */
			argv[argc++] = word;
	argv[argc] = NULL;
	read_all(argc, argv);
	close(fd);
	free(text);
	return 0;
}
