#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "lib/settings.h"
#include "lib/xalloc.h"

struct options {
	char *url, *mode, *bind;
	double interval;
	long long port, size;
	struct strlist names;
	bool once, flag;
};

#define AT(m) offsetof(struct options, m)

static const struct setting table[] = {
	{"url", 'u', "T_URL", NULL, SET_STRING, AT(url), "http://a", 0, 0, "URL", "where"},
	{"interval", 'i', NULL, NULL, SET_NUMBER, AT(interval), "3", 0.1, 3600, "S", "how often"},
	{"port", 0, "T_PORT", "PORT", SET_INT, AT(port), "-1", 0, 65535, "P", "port"},
	{"size", 0, "T_SIZE", NULL, SET_BYTES, AT(size), "1M", 1, 1e12, "BYTES", "size"},
	{"name", 'n', "T_NAMES", NULL, SET_LIST, AT(names), "kato,kato-redis", 0, 0, "NAME", "names"},
	{"once", '1', NULL, NULL, SET_BOOL, AT(once), NULL, 0, 0, NULL, "once"},
	{"mode", 0, "T_MODE", NULL, SET_CHOICE, AT(mode), "on", 0, 0, "on|warn|off", "mode"},
	{NULL, 0, "T_FLAG", NULL, SET_BOOL, AT(flag), "true", 0, 0, NULL, "a flag"},
};

static const struct settings_tool tool = {
	.name = "tool", .synopsis = "[options]", .about = "Does.", .table = table, .n = sizeof table / sizeof table[0],
	.size = sizeof(struct options),
};

static struct strbuf seen;
static char file_path[64];

/* Runs the words of a command line; leaves in seen what was read, or the error. */
static const char *
run(const char *words)
{
	char *copy = xstrdup(words), *rest = copy, *argv[32], *w;
	struct settings_asked asked;
	struct strbuf err = {0};
	struct options o;
	char name[] = "tool", none[] = "";
	int argc = 1;

	argv[0] = name;
	while ((w = strsep(&rest, " ")) && argc < 31)
		if (*w)
			argv[argc++] = !strcmp(w, "@") ? file_path : !strcmp(w, "''") ? none : w;
	argv[argc] = NULL;
	strbuf_reset(&seen);
	if (!settings_read(&tool, &o, argc, argv, &asked, &err)) {
		strbuf_addf(&seen, "error: %s", err.s);
	} else {
		strbuf_addf(&seen, "%s %g %lld %lld", o.url, o.interval, o.port, o.size);
		for (size_t i = 0; i < o.names.n; i++)
			strbuf_addf(&seen, "%s%s", i ? "," : " ", o.names.v[i]);
		strbuf_addf(&seen, "%s %s%s", o.names.n ? "" : " -", o.mode, o.once ? " once" : "");
		strbuf_adds(&seen, o.flag ? "" : " noflag");
		if (asked.log_level)
			strbuf_addf(&seen, " level=%s", asked.log_level);
		if (asked.help || asked.version || asked.list)
			strbuf_addf(&seen, " asked=%d%d%d", asked.help, asked.version, asked.list);
		for (int i = asked.operands; i < argc; i++)
			strbuf_addf(&seen, " (%s)", argv[i]);
		settings_free(&tool, &o);
		settings_free(&tool, &o);	/* twice does no harm */
		free(asked.file);
		free(asked.log_level);
	}
	strbuf_free(&err);
	free(copy);
	return seen.s;
}

static const struct {
	const char *words, *want;
} options[] = {
	{"", "http://a 3 -1 1048576 kato,kato-redis on"},
	{"--url http://b -i 0.5 --port 0 --size 2K -1 --mode OFF", "http://b 0.5 0 2048 kato,kato-redis off once"},
	{"--url=http://b", "http://b 3 -1 1048576 kato,kato-redis on"},
	{"-n a -n b,c --name d", "http://a 3 -1 1048576 a,b,c,d on"},
	{"one --once two", "http://a 3 -1 1048576 kato,kato-redis on once (one) (two)"},
	{"--once -- --url x", "http://a 3 -1 1048576 kato,kato-redis on once (--url) (x)"},
	{"-1i2 -", "http://a 2 -1 1048576 kato,kato-redis on once (-)"},
	{"--log-level debug", "http://a 3 -1 1048576 kato,kato-redis on level=debug"},
	{"--help", "http://a 3 -1 1048576 kato,kato-redis on asked=100"},
	{"-h --version --list-settings", "http://a 3 -1 1048576 kato,kato-redis on asked=111"},
	{"--interval 0", "error: --interval 0: must be from 0.1 to 3600"},
	{"--interval ''", "error: --interval : not a number"},
	{"-i x", "error: --interval x: not a number"},
	{"--port 65536", "error: --port 65536: must be from 0 to 65535"},
	{"--port", "error: --port: a value is missing"},
	{"-u", "error: -u: a value is missing"},
	{"--once=yes", "error: --once=yes: takes no value"},
	{"--nope", "error: --nope: no such option, or not a whole one; try --help"},
	{"-x", "error: -x: no such option; try --help"},
	{"-1x", "error: -x: no such option; try --help"},
	{"--mode maybe", "error: --mode maybe: must be one of on|warn|off"},
};

static const struct {
	const char *env, *file, *words, *want;
} places[] = {
	{"T_URL=http://e", NULL, "", "http://e 3 -1 1048576 kato,kato-redis on"},
	{"T_URL=http://e", NULL, "--url http://o", "http://o 3 -1 1048576 kato,kato-redis on"},
	{"T_URL=", NULL, "", "http://a 3 -1 1048576 kato,kato-redis on"},	/* empty is as good as none */
	{"T_NAMES=a, b", NULL, "", "http://a 3 -1 1048576 a,b on"},
	{"T_NAMES=a,b", NULL, "--name c", "http://a 3 -1 1048576 c on"},
	{"T_FLAG=no", NULL, "", "http://a 3 -1 1048576 kato,kato-redis on noflag"},
	{"PORT=80", NULL, "", "http://a 3 -1 1048576 kato,kato-redis on"},	/* too common a name for an environment */
	{"LOG_LEVEL=error", NULL, "", "http://a 3 -1 1048576 kato,kato-redis on level=error"},
	{"LOG_LEVEL=error", NULL, "--log-level info", "http://a 3 -1 1048576 kato,kato-redis on level=info"},
	{"T_SIZE=big", NULL, "", "error: environment: T_SIZE=big: not a number of bytes (like 1048576, 512K, 1M)"},
	{"T_SIZE=big", NULL, "--size 5", "http://a 3 -1 5 kato,kato-redis on"},
	{NULL, "# comment\n\nT_URL=\"http://f\"\nPORT=80\r\nOTHER_TOOL=x\n", "", "http://f 3 80 1048576 kato,kato-redis on"},
	{NULL, "T_URL=http://f", "", "http://f 3 -1 1048576 kato,kato-redis on"},
	{NULL, "T_URL=http://f\nT_URL=http://g\nT_NAMES=a\nT_NAMES=b,c\n", "", "http://g 3 -1 1048576 b,c on"},
	{NULL, "T_URL=\nT_NAMES=\n", "", "http://a 3 -1 1048576 kato,kato-redis on"},
	{"T_URL=http://e", "T_URL=http://f\nT_MODE=warn\n", "", "http://e 3 -1 1048576 kato,kato-redis warn"},
	{NULL, "T_URL=http://f\nLOG_LEVEL=debug\n", "--url http://o", "http://o 3 -1 1048576 kato,kato-redis on level=debug"},
	{NULL, "A=1\nT_SIZE=0\n", "", "error: @:2: T_SIZE=0: must be from 1 to 1000000000000"},
	{NULL, "A=1\nT_SIZE=0\n", "--size 1", "http://a 3 -1 1 kato,kato-redis on"},
	{NULL, "\n\nwhat is this\n", "", "error: @:3: what is this: not a NAME=value line"},
	{NULL, "T_URL=x\nT_FLAG=perhaps", "", "error: @:2: T_FLAG=perhaps: must be true or false"},
	{NULL, "what is this\n", "--help", "http://a 3 -1 1048576 kato,kato-redis on asked=100"},	/* help helps, whatever the file says */
};

static void
clear_environment(void)
{
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (table[i].env)
			unsetenv(table[i].env);
	unsetenv("LOG_LEVEL");
	unsetenv("POSIXLY_CORRECT");
}

static void
write_file(FILE *f, const char *text, size_t n)
{
	rewind(f);
	CHECK(ftruncate(fileno(f), 0) == 0 && fwrite(text, 1, n, f) == n && fflush(f) == 0);
}

static void
try_places(FILE *f)
{
	struct strbuf words = {0}, want = {0};

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		char *env = places[i].env ? xstrdup(places[i].env) : NULL, *eq = env ? strchr(env, '=') : NULL;
		const char *at = strchr(places[i].want, '@');

		if (eq) {
			*eq = '\0';
			setenv(env, eq + 1, 1);
		}
		strbuf_reset(&words);
		strbuf_addf(&words, "%s%s", places[i].words, places[i].file ? " --settings @" : "");
		if (places[i].file)
			write_file(f, places[i].file, strlen(places[i].file));
		strbuf_reset(&want);
		strbuf_addf(&want, "%.*s%s%s", at ? (int)(at - places[i].want) : (int)strlen(places[i].want), places[i].want,
		    at ? file_path : "", at ? at + 1 : "");
		CHECK_STR(run(words.s), want.s);
		if (env)
			unsetenv(env);
		free(env);
	}
	strbuf_free(&words);
	strbuf_free(&want);
}

/* The file that a variable names, one that is not there, one that is not text. */
static void
odd_files(FILE *f)
{
	char want[200];

	write_file(f, "T_URL=http://f\n", 15);
	setenv("KATO_LIVE_SETTINGS", file_path, 1);
	CHECK_STR(run(""), "http://f 3 -1 1048576 kato,kato-redis on");
	setenv("KATO_LIVE_SETTINGS", "/nowhere/env", 1);
	CHECK_STR(run("--settings @"), "http://f 3 -1 1048576 kato,kato-redis on");
	CHECK_STR(run(""), "error: /nowhere/env: No such file or directory");
	CHECK_STR(run("--settings /"), "error: /: Is a directory");
	write_file(f, "T_URL=h\0tp\n", 11);
	snprintf(want, sizeof want, "error: %s: not a text file (it holds a NUL byte)", file_path);
	CHECK_STR(run("--settings @"), want);
	setenv("KATO_LIVE_SETTINGS", "/dev/null", 1);
	CHECK_STR(run(""), "http://a 3 -1 1048576 kato,kato-redis on");
}

int
main(void)
{
	FILE *f = tmpfile();

	if (!f)
		return 1;
	snprintf(file_path, sizeof file_path, "/proc/self/fd/%d", fileno(f));
	clear_environment();
	setenv("KATO_LIVE_SETTINGS", "/dev/null", 1);
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		CHECK_STR(run(options[i].words), options[i].want);
	try_places(f);
	odd_files(f);
	strbuf_free(&seen);
	fclose(f);
	return check_done();
}
