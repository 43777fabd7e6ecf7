#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "lib/fdio.h"
#include "lib/log.h"

static int status;

/* What a process that calls say() writes to its stderr, here a pipe; its exit status is left in status. */
static char *
said_by(void (*say)(void))
{
	static struct strbuf b;
	int fds[2];
	ssize_t n;
	pid_t pid;

	strbuf_reset(&b);
	if (fd_pipe(fds) < 0 || (pid = fork()) < 0)
		return NULL;
	if (pid == 0) {
		dup2(fds[1], 2);
		say();
		_exit(0);
	}
	close(fds[1]);
	strbuf_reserve(&b, 1 << 16);
	while ((n = fd_read(fds[0], b.s + b.len, 4096)) > 0)
		b.len += (size_t)n;
	b.s[b.len] = '\0';
	close(fds[0]);
	waitpid(pid, &status, 0);
	return b.s;
}

static void
say_levels(void)
{
	log_init("tool");
	log_debug("one");
	log_info("two %d", 2);
	log_warn("three");
	log_error("four");
	log_set_level(LOG_ERROR);
	log_warn("five");
	log_set_level(LOG_DEBUG);
	log_debug("six");
}

static void
say_death(void)
{
	log_init("tool");
	die(2, "gone %s", "now");
}

static void
say_foul(void)
{
	log_init("tool");
	log_info("a\nb\x1b[2J\x7f\xff caf\xc3\xa9 \xc2\x9b");
}

static void
say_long(void)
{
	char t[5000];

	memset(t, 'x', sizeof t - 1);
	t[sizeof t - 1] = '\0';
	for (size_t i = 1; i + 1 < sizeof t; i += 2)
		memcpy(t + i, "\xc3\xa9", 2);
	log_init("tool");
	log_info("%s", t);
}

/* stderr is the journal if device and inode say so. */
static void
say_journal(void)
{
	char env[64];
	struct stat st;

	fstat(2, &st);
	snprintf(env, sizeof env, "%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", env, 1);
	log_init("tool");
	log_warn("w");
	log_info("i");
	setenv("JOURNAL_STREAM", "1:1", 1);
	log_init("tool");
	log_warn("w");
}

static void
levels(void)
{
	static const struct {
		const char *word;
		int want;
	} words[] = {
		{"debug", LOG_DEBUG}, {"INFO", LOG_INFO}, {"Warning", LOG_WARNING}, {"warn", LOG_WARNING}, {"error", LOG_ERROR},
		{"", -1}, {"err", -1}, {"infos", -1},
	};
	enum log_level level;

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		bool good = log_level_parse(words[i].word, &level);

		CHECK(good == (words[i].want >= 0));
		CHECK(!good || (int)level == words[i].want);
	}
	log_set_level(LOG_WARNING);
	CHECK(!log_enabled(LOG_INFO) && log_enabled(LOG_WARNING));
}

static void
gates(void)
{
	struct log_gate g = {0};
	uint64_t skipped = 99;

	CHECK(log_gate_open(&g, 1000, 500, &skipped) && skipped == 0);
	CHECK(!log_gate_open(&g, 1001, 500, &skipped) && !log_gate_open(&g, 1499, 500, &skipped) && skipped == 0);
	CHECK(log_gate_open(&g, 1500, 500, &skipped) && skipped == 2);
	CHECK(!log_gate_open(&g, 1999, 500, &skipped));
	CHECK(log_gate_open(&g, 9999, 500, &skipped) && skipped == 1 && g.count == 6);
	g = (struct log_gate){0};
	CHECK(log_gate_open(&g, -5000, 500, &skipped) && skipped == 0);
	CHECK(!log_gate_open(&g, -4501, 500, &skipped) && log_gate_open(&g, -4500, 500, &skipped));
}

int
main(void)
{
	char *s;

	unsetenv("JOURNAL_STREAM");
	CHECK_STR(said_by(say_levels), "tool: two 2\ntool: warning: three\ntool: error: four\ntool: debug: six\n");
	CHECK_STR(said_by(say_death), "tool: error: gone now\n");
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 2);
	CHECK_STR(said_by(say_foul), "tool: a?b?[2J?? caf\xc3\xa9 ??\n");
	s = said_by(say_long);
	CHECK(strlen(s) > 2000 && strlen(s) < 2100 && strchr(s, '\n') == s + strlen(s) - 1);
	CHECK(!strchr(s, '?') || strchr(s, '?') == s + strlen(s) - 2);	/* a character cut in two */
	CHECK_STR(said_by(say_journal), "<4>tool: warning: w\n<6>tool: i\ntool: warning: w\n");
	levels();
	gates();
	return check_done();
}
