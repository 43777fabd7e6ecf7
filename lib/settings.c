#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "lib/fdio.h"
#include "lib/settings.h"
#include "lib/setvalue.h"
#include "lib/xalloc.h"

enum { FILE_MAX_BYTES = 1 << 20, MAX_SETTINGS = 64, LONG_BASE = 256 };

/* What every tool has, besides --help and --version. */
static const struct setting common[] = {
	{"settings", 0, "KATO_LIVE_SETTINGS", NULL, SET_STRING, 0, NULL, 0, 0, "FILE", NULL},
	{"log-level", 0, "LOG_LEVEL", NULL, SET_STRING, 0, NULL, 0, 0, "LEVEL", NULL},
};
enum { NCOMMON = sizeof common / sizeof common[0] };

struct reading {
	const struct settings_tool *tool;
	void *dst;
	bool given[MAX_SETTINGS];	/* by an option or the environment: the file does not count */
	char *file, *level;
	struct strbuf *err;
};

static bool
common_given(char **to, const char *value)
{
	free(*to);
	*to = xstrdup(value);
	return true;
}

/* An option's value; the first of a list drops what was there. */
static bool
take_option(struct reading *r, size_t i, const char *value)
{
	const struct setting *s = &r->tool->table[i];
	bool more = r->given[i];

	r->given[i] = true;
	if (setvalue_put(s, r->dst, value ? value : "true", more ? SETVALUE_ADD : SETVALUE_ONE, r->err))
		return true;
	{
		struct strbuf why = *r->err;

		*r->err = (struct strbuf){0};
		strbuf_addf(r->err, "--%s %s: %s", s->option, value ? value : "", why.s);
		strbuf_free(&why);
	}
	return false;
}

static void
build_options(const struct settings_tool *t, struct option *longs, char *shorts)
{
	size_t n = 0;

	*shorts++ = ':';
	*shorts++ = 'h';
	for (size_t i = 0; i < t->n + NCOMMON; i++) {
		const struct setting *s = i < t->n ? &t->table[i] : &common[i - t->n];

		if (!s->option)
			continue;
		longs[n++] = (struct option){s->option, s->kind == SET_BOOL ? no_argument : required_argument, NULL,
		    LONG_BASE + (int)i};
		if (s->letter) {
			*shorts++ = s->letter;
			if (s->kind != SET_BOOL)
				*shorts++ = ':';
		}
	}
	longs[n++] = (struct option){"help", no_argument, NULL, 'h'};
	longs[n++] = (struct option){"version", no_argument, NULL, 1};
	longs[n++] = (struct option){"list-settings", no_argument, NULL, 2};
	longs[n] = (struct option){0};
	*shorts = '\0';
}

static bool
bad_option(struct reading *r, int c, char **argv)
{
	const char *word = argv[optind - 1];

	if (optopt && optopt < LONG_BASE && strncmp(word, "--", 2) != 0)
		strbuf_addf(r->err, "-%c: %s", optopt, c == ':' ? "a value is missing" : "no such option; try --help");
	else if (c == ':')
		strbuf_addf(r->err, "%s: a value is missing", word);
	else if (optopt)
		strbuf_addf(r->err, "%s: takes no value", word);
	else
		strbuf_addf(r->err, "%s: no such option, or not a whole one; try --help", word);
	return false;
}

static bool
read_options(struct reading *r, int argc, char **argv, struct settings_asked *asked)
{
	struct option longs[MAX_SETTINGS + NCOMMON + 4];
	char shorts[2 * MAX_SETTINGS + 8];
	const struct settings_tool *t = r->tool;
	int c, at;

	build_options(t, longs, shorts);
	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		switch (c) {
		case 'h': asked->help = true; continue;
		case 1: asked->version = true; continue;
		case 2: asked->list = true; continue;
		case '?':
		case ':': return bad_option(r, c, argv);
		}
		for (at = c - LONG_BASE; at < 0;)
			for (size_t i = 0; i < t->n; i++)
				if (t->table[i].letter == c)
					at = (int)i;
		if ((size_t)at < t->n) {
			if (!take_option(r, (size_t)at, optarg))
				return false;
		} else {
			common_given((size_t)at == t->n ? &r->file : &r->level, optarg);
		}
	}
	asked->operands = optind;
	return true;
}

static bool
read_environment(struct reading *r)
{
	const struct settings_tool *t = r->tool;
	const char *v;

	for (size_t i = 0; i < t->n; i++) {
		struct strbuf why = {0};

		if (!t->table[i].env || r->given[i] || !(v = getenv(t->table[i].env)) || !*v)
			continue;
		r->given[i] = true;
		if (!setvalue_put(&t->table[i], r->dst, v, SETVALUE_SPLIT, &why)) {
			strbuf_addf(r->err, "environment: %s=%s: %s", t->table[i].env, v, why.s);
			strbuf_free(&why);
			return false;
		}
	}
	if (!r->level && (v = getenv("LOG_LEVEL")) && *v)
		common_given(&r->level, v);
	if (!r->file && (v = getenv("KATO_LIVE_SETTINGS")) && *v)
		common_given(&r->file, v);
	return true;
}

/* A NAME=value of the settings file. */
static bool
take_line(struct reading *r, const char *name, const char *value, bool *level_given)
{
	const struct settings_tool *t = r->tool;

	if (!strcmp(name, "LOG_LEVEL") && !*level_given)
		common_given(&r->level, value);
	for (size_t i = 0; i < t->n; i++) {
		const struct setting *s = &t->table[i];

		if (r->given[i] || !((s->env && !strcmp(s->env, name)) || (s->file_env && !strcmp(s->file_env, name))))
			continue;
		if (!setvalue_put(s, r->dst, value, SETVALUE_SPLIT, r->err))
			return false;
	}
	return true;
}

static bool
read_file(struct reading *r)
{
	const char *path = r->file ? r->file : SETTINGS_FILE;
	bool level_given = r->level != NULL, good = true;
	struct strbuf text = {0}, why = {0};
	struct strbuf *err = r->err;
	char *p, *line, *name, *value;
	int no = 0;

	if (!r->file && access(path, F_OK) < 0)
		return true;
	if (fd_slurp(path, FILE_MAX_BYTES, &text) < 0) {
		strbuf_addf(err, "%s: %s", path, strerror(errno));
		strbuf_free(&text);
		return false;
	}
	if (memchr(text.s, '\0', text.len)) {
		strbuf_addf(err, "%s: not a text file (it holds a NUL byte)", path);
		strbuf_free(&text);
		return false;
	}
	r->err = &why;
	for (p = text.s; good && (line = strsep(&p, "\n"));) {
		no++;
		if (!setvalue_split_line(line, &name, &value)) {
			strbuf_addf(err, "%s:%d: %s: not a NAME=value line", path, no, line);
			good = false;
		} else if (name && *value && !take_line(r, name, value, &level_given)) {
			strbuf_addf(err, "%s:%d: %s=%s: %s", path, no, name, value, why.s);
			good = false;
		}
	}
	r->err = err;
	if (!r->file)
		r->file = xstrdup(path);
	strbuf_free(&why);
	strbuf_free(&text);
	return good;
}

static bool
put_defaults(const struct settings_tool *t, void *dst, struct strbuf *err)
{
	memset(dst, 0, t->size);
	for (size_t i = 0; i < t->n; i++)
		if (t->table[i].def && !setvalue_put(&t->table[i], dst, t->table[i].def, SETVALUE_DEFAULT, err))
			return false;
	return true;
}

bool
settings_read(const struct settings_tool *t, void *dst, int argc, char **argv, struct settings_asked *asked,
    struct strbuf *err)
{
	struct reading r = {.tool = t, .dst = dst, .err = err};
	bool good;

	*asked = (struct settings_asked){0};
	if (t->n > MAX_SETTINGS) {
		strbuf_addf(err, "a table of more than %d settings", MAX_SETTINGS);
		return false;
	}
	good = put_defaults(t, dst, err) && read_options(&r, argc, argv, asked);
	if (good && !asked->help && !asked->version && !asked->list)
		good = read_environment(&r) && read_file(&r);
	if (!good) {
		settings_free(t, dst);
		free(r.file);
		free(r.level);
		return false;
	}
	asked->file = r.file;
	asked->log_level = r.level;
	return true;
}

static size_t
width(enum setting_kind kind)
{
	switch (kind) {
	case SET_BOOL: return sizeof(bool);
	case SET_INT: case SET_BYTES: return sizeof(long long);
	case SET_NUMBER: return sizeof(double);
	case SET_STRING: case SET_CHOICE: return sizeof(char *);
	case SET_LIST: return sizeof(struct strlist);
	}
	return 0;
}

static bool
same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

bool
settings_same(const struct setting *s, const void *a, const void *b)
{
	const void *x = (const char *)a + s->offset, *y = (const char *)b + s->offset;
	const struct strlist *l = x, *m = y;

	if (s->kind == SET_STRING || s->kind == SET_CHOICE)
		return same_text(*(char *const *)x, *(char *const *)y);
	if (s->kind != SET_LIST)
		return !memcmp(x, y, width(s->kind));
	for (size_t i = 0; l->n == m->n && i < l->n; i++)
		if (strcmp(l->v[i], m->v[i]) != 0)
			return false;
	return l->n == m->n;
}

void
settings_swap(const struct setting *s, void *a, void *b)
{
	char t[sizeof(struct strlist)];
	size_t n = width(s->kind);

	memcpy(t, (char *)a + s->offset, n);
	memcpy((char *)a + s->offset, (char *)b + s->offset, n);
	memcpy((char *)b + s->offset, t, n);
}

void
settings_free(const struct settings_tool *t, void *dst)
{
	for (size_t i = 0; i < t->n; i++)
		setvalue_free(&t->table[i], dst);
}
