#ifndef KATO_LOG_H
#define KATO_LOG_H

/*
 * Messages to stderr, one line each: "alertd: warning: text". With journald's "<4>" in front when
 * stderr is the journal (JOURNAL_STREAM names it). Control characters and bytes that are not UTF-8 are
 * shown as '?', so that nobody's bytes can forge a line or move a terminal's cursor.
 */

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

void log_init(const char *program);	/* program must live on */
void log_set_level(enum log_level);
/* debug, info, warning or error in any case; false: none of these. */
bool log_level_parse(const char *, enum log_level *out);
bool log_enabled(enum log_level);

void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Says the error and exits with code: 1 failed while running, 2 wrong usage or settings. */
void die(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3), noreturn));

/*
 * For what can happen often: repeats are counted, not repeated. log_gate_open counts one more and
 * says whether to speak now: the first time, then at most once in every_ms. *skipped is how many
 * went unsaid since. {0} is a fresh gate.
 */
struct log_gate {
	uint64_t count;		/* all of them */
	uint64_t unsaid;
	int64_t next_ms;
};

bool log_gate_open(struct log_gate *, int64_t now_ms, int64_t every_ms, uint64_t *skipped);

#endif
