#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/settings.h"

#ifndef VERSION
#define VERSION "0"
#endif

enum { COLUMN = 32 };

static char *file_read;

static void
print_setting(const struct setting *s)
{
	char left[128];
	int n = 0;

	if (!s->option)
		n = snprintf(left, sizeof left, "  %s=%s", s->env, s->arg ? s->arg : "true|false");
	else if (s->letter)
		n = snprintf(left, sizeof left, "  -%c, --%s", s->letter, s->option);
	else
		n = snprintf(left, sizeof left, "  --%s", s->option);
	if (s->option && s->kind != SET_BOOL)
		snprintf(left + n, sizeof left - (size_t)n, " %s%s", s->arg, s->kind == SET_LIST ? "…" : "");
	/* the ellipsis is three bytes and one column */
	printf("%-*s %s%s", COLUMN + (s->option && s->kind == SET_LIST ? 2 : 0), left,
	    strlen(left) > COLUMN ? "\n                                 " : "", s->help);
	if (s->def && *s->def && *s->def != '-' && s->kind != SET_BOOL)
		printf(" (%s)", s->def);
	else if (s->kind == SET_BOOL && !s->option)
		printf(" (%s)", s->def ? s->def : "false");
	if (s->option && s->env)
		printf(" [%s]", s->env);
	putchar('\n');
}

static void
print_help(const struct settings_tool *t)
{
	bool env = false;

	printf("Usage: %s %s\n\n%s\n\nOptions:\n", t->name, t->synopsis, t->about);
	for (size_t i = 0; i < t->n; i++)
		if (t->table[i].help && t->table[i].option)
			print_setting(&t->table[i]);
	printf("  --settings FILE                NAME=value lines; environment and options go before it (" SETTINGS_FILE ")\n"
	       "  --log-level LEVEL              debug, info, warning or error (info) [LOG_LEVEL]\n"
	       "  -h, --help                     this text\n"
	       "  --version                      the version\n");
	for (size_t i = 0; i < t->n; i++) {
		if (!t->table[i].help || t->table[i].option)
			continue;
		if (!env)
			puts("\nEnvironment or settings file only:");
		env = true;
		print_setting(&t->table[i]);
	}
	if (t->examples)
		printf("\nExamples:\n%s", t->examples);
	printf("\nAn option goes before the variable in [brackets], that before the settings file, that before the (default).\n");
}

static void
print_list(const struct settings_tool *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct setting *s = &t->table[i];

		printf("%s\t%c\t%s\t%s\t%s\t%s\t%.15g\t%.15g\t%s\n", s->option ? s->option : "", s->letter ? s->letter : ' ',
		    s->kind == SET_BOOL ? "" : s->arg, s->env ? s->env : "", s->file_env ? s->file_env : "",
		    s->def ? s->def : "", s->min, s->max, s->help ? s->help : "");
	}
}

static void
finish_stdout(void)
{
	exit(fflush(stdout) || ferror(stdout) ? 1 : 0);
}

static bool
apply_level(const struct settings_asked *asked, struct strbuf *err)
{
	enum log_level level = LOG_INFO;

	if (asked->log_level && !log_level_parse(asked->log_level, &level)) {
		strbuf_addf(err, "log level %s: must be debug, info, warning or error", asked->log_level);
		return false;
	}
	log_set_level(level);
	return true;
}

int
settings_start(const struct settings_tool *t, void *dst, int argc, char **argv)
{
	struct settings_asked asked;
	struct strbuf err = {0};

	log_init(t->name);
	if (!settings_read(t, dst, argc, argv, &asked, &err))
		die(2, "%s", err.s);
	if (asked.help)
		print_help(t);
	else if (asked.version)
		printf("%s %s\n", t->name, VERSION);
	else if (asked.list)
		print_list(t);
	if (asked.help || asked.version || asked.list) {
		settings_free(t, dst);
		finish_stdout();
	}
	if (!apply_level(&asked, &err))
		die(2, "%s", err.s);
	free(file_read);
	file_read = asked.file;
	free(asked.log_level);
	return asked.operands;
}

const char *
settings_file(void)
{
	return file_read;
}

bool
settings_reload(const struct settings_tool *t, void *fresh, int argc, char **argv)
{
	struct settings_asked asked;
	struct strbuf err = {0};
	bool good = settings_read(t, fresh, argc, argv, &asked, &err);

	if (good) {
		good = apply_level(&asked, &err);
		if (!good)
			settings_free(t, fresh);
		free(asked.file);
		free(asked.log_level);
	}
	if (!good)
		log_warn("settings not changed: %s", err.s);
	strbuf_free(&err);
	return good;
}
