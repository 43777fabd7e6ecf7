#ifndef KATO_SETTINGS_H
#define KATO_SETTINGS_H

/*
 * One table a tool: it drives options, environment, settings file, --help and the list that
 * completion and the documents are checked against. Option, else environment, else settings file
 * (--settings FILE, else KATO_LIVE_SETTINGS, else SETTINGS_FILE where it exists), else default.
 *
 * The file has NAME=value lines; # begins a comment line; quotes around a whole value are taken off.
 * Names this tool does not know are left alone: the file serves all tools. An empty value is as good
 * as none.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/strbuf.h"

#define SETTINGS_FILE "/etc/kato-live/kato-live.env"

enum setting_kind {
	SET_BOOL,	/* bool; an option takes no value; elsewhere true/false, yes/no, on/off, 1/0 */
	SET_INT,	/* long long */
	SET_NUMBER,	/* double */
	SET_BYTES,	/* long long; K, M, G for powers of 1024 */
	SET_STRING,	/* char *, NULL if unset */
	SET_CHOICE,	/* char *, one of the words in arg: "on|warn|off" */
	SET_LIST,	/* struct strlist; the option may be repeated, elsewhere commas separate */
};

struct strlist {
	char **v;
	size_t n;
};

struct setting {
	const char *option;	/* long name without dashes; NULL: none */
	char letter;		/* short option, 0: none */
	const char *env;	/* NULL: none */
	const char *file_env;	/* one more name, too common for an environment, that counts in the file only */
	enum setting_kind kind;
	size_t offset;		/* of the member in the tool's struct */
	const char *def;	/* as text; NULL: false, 0, NULL or empty; "-1" for "unset" is not shown */
	double min, max;	/* of SET_INT, SET_NUMBER, SET_BYTES; both 0: any */
	const char *arg;	/* what --help calls the value */
	const char *help;	/* a line; NULL: not shown in --help */
};

struct settings_tool {
	const char *name;	/* "alertd", "katoctl run" */
	const char *synopsis;	/* "[options] FILE…", behind the name */
	const char *about;	/* a line or more: what it does */
	const char *examples;	/* lines that can be pasted, behind "Examples:" */
	const struct setting *table;
	size_t n;
	size_t size;		/* of the tool's struct */
};

struct settings_asked {
	bool help, version, list;
	int operands;		/* index of the first operand in argv */
	char *file;		/* the settings file that was read, NULL: none; the caller frees */
	char *log_level;	/* NULL: not set; the caller frees */
};

/*
 * Fills dst (tool->size bytes, overwritten) from all four places. False: *err holds one line that
 * names the option, variable or FILE:LINE, the value and what is wrong; dst then holds nothing to free.
 * argv may be permuted. Options end at "--".
 */
bool settings_read(const struct settings_tool *, void *dst, int argc, char **argv, struct settings_asked *,
    struct strbuf *err);
void settings_free(const struct settings_tool *, void *dst);

/*
 * The start of a main(): reads, sets up the log and its level; --help, --version and --list-settings
 * (a tab-separated line a setting: option, letter, value, environment, file name, default, least, most, help)
 * are printed and end the process with 0, an error with 2. Returns the index of the first operand.
 */
int settings_start(const struct settings_tool *, void *dst, int argc, char **argv);
/* The settings file that settings_start read; NULL: none. */
const char *settings_file(void);
/* On HUP: the same again into fresh, which the caller then compares and frees; false: said as a warning, nothing to free. */
bool settings_reload(const struct settings_tool *, void *fresh, int argc, char **argv);

/* One setting in two structs that were both filled: has it the same value in both? */
bool settings_same(const struct setting *, const void *a, const void *b);
void settings_swap(const struct setting *, void *a, void *b);	/* its value in the one for that in the other */

#endif
