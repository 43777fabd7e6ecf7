#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/utf8.h"

static const char *name = "kato";
static enum log_level least = LOG_INFO;
static bool journal;

static const struct {
	const char *word, *prefix, *journal;
} levels[] = {
	[LOG_DEBUG] = {"debug", "debug: ", "<7>"},
	[LOG_INFO] = {"info", "", "<6>"},
	[LOG_WARNING] = {"warning", "warning: ", "<4>"},
	[LOG_ERROR] = {"error", "error: ", "<3>"},
};

/* systemd.exec(5): JOURNAL_STREAM is "device:inode" of the journal's stream. */
static bool
stderr_is_journal(void)
{
	const char *env = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return env && sscanf(env, "%llu:%llu", &dev, &ino) == 2 && fstat(2, &st) == 0 && st.st_dev == dev &&
	    st.st_ino == ino;
}

void
log_init(const char *program)
{
	name = program;
	journal = stderr_is_journal();
}

void
log_set_level(enum log_level level)
{
	least = level;
}

bool
log_level_parse(const char *s, enum log_level *out)
{
	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
		if (!strcasecmp(s, levels[i].word)) {
			*out = (enum log_level)i;
			return true;
		}
	if (!strcasecmp(s, "warn")) {
		*out = LOG_WARNING;
		return true;
	}
	return false;
}

bool
log_enabled(enum log_level level)
{
	return level >= least;
}

/* What could forge a line or move a cursor, and what is not UTF-8 (a character cut at the end too), becomes '?'. */
static void
make_plain(char *p, size_t n)
{
	unsigned char c, second;
	size_t w, step;
	bool good;

	for (; n; p += step, n -= step) {
		w = utf8_len(p, n);
		step = w ? w : 1;
		c = (unsigned char)p[0];
		second = w > 1 ? (unsigned char)p[1] : 0;
		good = w > 1 ? c != 0xc2 || second >= 0xa0 : w == 1 && c >= 0x20 && c != 0x7f;	/* U+0080 to U+009F are controls */
		if (!good)
			memset(p, '?', step);
	}
}

/* One write(2), so that lines of several processes on one stderr do not mix. */
static void
say(enum log_level level, const char *fmt, va_list ap)
{
	char line[2048];
	size_t n, i, cap = sizeof line - 1;
	int r;

	if (level < least)
		return;
	n = (size_t)snprintf(line, cap, "%s%s: %s", journal ? levels[level].journal : "", name, levels[level].prefix);
	r = vsnprintf(line + n, cap - n, fmt, ap);
	i = n;
	n += r < 0 ? 0 : (size_t)r;
	if (n > cap - 1)
		n = cap - 1;
	make_plain(line + i, n - i);
	line[n++] = '\n';
	if (write(2, line, n) < 0)
		return;	/* nobody to tell */
}

#define SAY(level)                   \
	do {                         \
		va_list ap;          \
		va_start(ap, fmt);   \
		say(level, fmt, ap); \
		va_end(ap);          \
	} while (0)

void
log_debug(const char *fmt, ...)
{
	SAY(LOG_DEBUG);
}

void
log_info(const char *fmt, ...)
{
	SAY(LOG_INFO);
}

void
log_warn(const char *fmt, ...)
{
	SAY(LOG_WARNING);
}

void
log_error(const char *fmt, ...)
{
	SAY(LOG_ERROR);
}

void
die(int code, const char *fmt, ...)
{
	SAY(LOG_ERROR);
	exit(code);
}

bool
log_gate_open(struct log_gate *g, int64_t now, int64_t every, uint64_t *skipped)
{
	g->count++;
	if (g->count > 1 && now < g->next_ms) {
		g->unsaid++;
		return false;
	}
	*skipped = g->unsaid;
	g->unsaid = 0;
	g->next_ms = now + every;
	return true;
}
