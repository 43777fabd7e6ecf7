#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "builtin.h"
#include "keeper.h"
#include "lib/fdio.h"
#include "lib/filterloop.h"
#include "lib/log.h"
#include "lib/notify.h"
#include "lib/settings.h"
#include "lib/share.h"
#include "lib/stamp.h"

enum {
	SAY_EVERY_MS = 60000,
	READ_MAX = 256 << 10,	/* so that what is kept of a batch of empty lines stays small */
};

struct options {
	char *rules, *state;
	bool check;
	double cooldown, cpu, memory, error_rate;
	long long max_keys, ready_fd;
};

#define AT(member) offsetof(struct options, member)
static const struct setting table[] = {
	{"rules", 'r', "KATO_ALERT_RULES", NULL, SET_STRING, AT(rules), NULL, 0, 0, "FILE", "rules instead of the built-in ones"},
	{"cooldown", 'c', "ALERT_COOLDOWN_SECONDS", NULL, SET_NUMBER, AT(cooldown), "60", 0, 2592000, "SECONDS",
	    "the same alert again at the soonest after"},
	{"state", 's', "KATO_ALERT_STATE", NULL, SET_STRING, AT(state), NULL, 0, 0, "FILE",
	    "what is known, kept over a restart or a kill; a relative path lies in the state folder"},
	{"max-keys", 0, "KATO_ALERT_KEYS", NULL, SET_INT, AT(max_keys), "10000", 1, 1000000, "N", "things that fire at the same time, at most"},
	{"check", 0, NULL, NULL, SET_BOOL, AT(check), NULL, 0, 0, NULL, "only check the rules: exit 0, or 2 after FILE:LINE: word: what is wrong"},
	{"ready-fd", 0, "KATO_READY_FD", NULL, SET_INT, AT(ready_fd), "-1", 0, 1 << 20, "N", "write a newline there once reading"},
	{NULL, 0, "ALERT_CPU_THRESHOLD", NULL, SET_NUMBER, AT(cpu), "80", 0, 1000000, "PERCENT", "high_cpu: warning above; error from 90"},
	{NULL, 0, "ALERT_MEMORY_THRESHOLD", NULL, SET_NUMBER, AT(memory), "85", 0, 1000000, "PERCENT", "high_memory: warning above; error from 95"},
	{NULL, 0, "ALERT_ERROR_RATE_THRESHOLD", NULL, SET_NUMBER, AT(error_rate), "0.05", 0, 1, "FRACTION", "high_error_rate: warning above; error from 0.10"},
};

static const struct settings_tool tool = {
	"alertd", "[options] <RECORDS >RECORDS",
	"Passes every line on as it came, and adds a system_alert record directly behind a line that calls for one:\n"
	"CPU, memory and error rate too high, containers down, unhealthy or out of memory, sources gone; and when it is over.\n"
	"Time is the records' own: a recording gives the same alerts at any speed.",
	"  kato-metrics | alertd | jq .\n"
	"  alertd <day.ndjson | jq -c 'select(.type == \"system_alert\") | .alerts[]'\n"
	"  ALERT_CPU_THRESHOLD=70 alertd --cooldown 300 <day.ndjson | grep -c system_alert\n"
	"  kato-metrics | alertd --state alertd.state | jq -c .type\n"
	"  alertd --check --rules my-alerts.conf\n",
	table, sizeof table / sizeof table[0], sizeof(struct options),
};

static bool
lookup(const void *ctx, const char *name, double *value)
{
	for (size_t i = 0; i < tool.n; i++)
		if (table[i].kind == SET_NUMBER && table[i].env && !strcmp(table[i].env, name)) {
			memcpy(value, (const char *)ctx + table[i].offset, sizeof *value);
			return true;
		}
	return false;
}

static void
say_lines(const struct strbuf *errors)
{
	for (char *p = errors->s, *line; p && (line = strsep(&p, "\n"));)
		if (*line)
			log_error("%s", line);
}

/* The rules that the options ask for. False: what is wrong has been said. */
static bool
load_rules(const struct options *o, struct rules *out)
{
	struct strbuf text = {0}, errors = {0}, file = {0};
	bool good = false;

	if (o->rules)
		share_named(o->rules, "", &file);
	if (!o->rules)
		strbuf_adds(&text, builtin_rules);
	else if (fd_slurp(file.s, RULES_MAX_BYTES, &text) < 0)
		strbuf_addf(&errors, "%s: %s", file.s, errno == EFBIG ? "larger than 256 KiB" : strerror(errno));
	else if (memchr(text.s, '\0', text.len))
		strbuf_addf(&errors, "%s: holds a NUL byte, so it is no text", file.s);
	if (!errors.len)
		good = rules_parse(text.s, o->rules ? file.s : "built-in rules", lookup, o, out, &errors);
	say_lines(&errors);
	strbuf_free(&file);
	strbuf_free(&text);
	strbuf_free(&errors);
	return good;
}

struct stage {
	struct options o;
	struct filter f;
	struct keeper keeper;
	struct filterloop loop;
	int argc;
	char **argv;		/* for when settings are read again */
	bool unwritten;		/* not all that was judged went out */
};

static void
reload(void *arg)
{
	struct stage *s = arg;
	struct judge *j = &s->f.judge;
	struct options fresh;
	struct rules rules;

	if (!settings_reload(&tool, &fresh, s->argc, s->argv))
		return;
	if (!load_rules(&fresh, &rules)) {
		log_warn("rules not changed");
		settings_free(&tool, &fresh);
		return;
	}
	settings_free(&tool, &s->o);
	s->o = fresh;
	j->table.max = (size_t)fresh.max_keys;
	judge_set_rules(j, &rules, fresh.cooldown);
	keeper_rules(&s->keeper);
	log_info("settings and %zu rules read again", j->rules.n);
}

/* One kind of thing that is worth a warning: told at most once a minute. */
struct worry {
	uint64_t seen;		/* the counter when last looked at */
	struct log_gate gate;
};

static bool
worried(struct worry *w, uint64_t count)
{
	uint64_t skipped;

	if (count == w->seen)
		return false;
	w->seen = count;
	return log_gate_open(&w->gate, stamp_mono(), SAY_EVERY_MS, &skipped);
}

static void
say_bad(const struct filter *f)
{
	unsigned long long line = f->bad_line, n = f->bad;

	if (f->bad_why == RECORD_NOT_JSON)
		log_warn("line %llu, byte %zu: %s; passed on (%llu so far)", line, f->bad_record.at, json_strerror(f->bad_record.error), n);
	else
		log_warn("line %llu: %s; passed on (%llu so far)", line, record_strerror(f->bad_why), n);
}

static uint64_t
unwatched_records(const struct judge *j)
{
	uint64_t n = 0;

	for (size_t i = 0; i < j->nwatch; i++)
		n += j->watch[i].silence.refused;
	return n;
}

static void
say_worries(const struct filter *f)
{
	static struct worry bad, toolong, steps, unstamped, refused, unwatched, unnamed;
	const struct judge *j = &f->judge;
	uint64_t crowd = unwatched_records(j);

	if (worried(&bad, f->bad))
		say_bad(f);
	if (worried(&toolong, f->in.toolong))
		log_warn("a line over %d bytes was dropped (%llu so far)", LINE_MAX_BYTES, (unsigned long long)f->in.toolong);
	if (worried(&steps, j->steps))
		log_warn("time jumped: more than 60 s back or 5 min ahead; clocks begin anew (%llu so far)", (unsigned long long)j->steps);
	if (worried(&unstamped, j->unstamped))
		log_warn("a record without a good timestamp, judged by the newest time seen (%llu so far)", (unsigned long long)j->unstamped);
	if (worried(&refused, j->table.refused))
		log_warn("more things fire than --max-keys %zu has room for; not told (%llu so far)", j->table.max,
		    (unsigned long long)j->table.refused);
	if (worried(&unwatched, crowd))
		log_warn("more than %d sources; the silence of further ones goes unnoticed (%llu records so far)", SILENCE_MAX, (unsigned long long)crowd);
	if (worried(&unnamed, j->unnamed))
		log_warn("a name over %d bytes was not judged (%llu so far)", JUDGE_NAME_MAX, (unsigned long long)j->unnamed);
}

/* One line with all counts: a warning if anything was amiss. */
static void
say_end(const struct filter *f)
{
	const struct judge *j = &f->judge;
	const struct {
		uint64_t n;
		const char *what;
	} amiss[] = {
		{f->bad, "not records"},
		{f->in.toolong, "over-long lines dropped"},
		{j->unstamped, "records without a good timestamp"},
		{j->steps, "jumps of time"},
		{j->table.refused, "firings not told for want of room"},
		{unwatched_records(j), "records of sources not watched for want of room"},
		{j->unnamed, "names too long"},
	};
	struct strbuf b = {0};
	bool bad = false;

	strbuf_addf(&b, "%llu lines, %llu records, %llu messages added", (unsigned long long)f->in.lines, (unsigned long long)j->records,
	    (unsigned long long)j->messages);
	for (size_t i = 0; i < sizeof amiss / sizeof amiss[0]; i++) {
		if (amiss[i].n)
			strbuf_addf(&b, "; %llu %s", (unsigned long long)amiss[i].n, amiss[i].what);
		bad |= amiss[i].n > 0;
	}
	(bad ? log_warn : log_debug)("%s", b.s);
	strbuf_free(&b);
}

/* One read, and all whole lines of it in one write. False: no more, either way. */
static bool
turn(void *arg)
{
	struct stage *s = arg;
	struct filter *f = &s->f;
	const char *p;
	char *space;
	size_t room, len;
	ssize_t n;

	space = linebuf_space(&f->in, &room);
	n = fd_read(0, space, room < READ_MAX ? room : READ_MAX);
	if (n < 0) {
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			return true;
		die(1, "standard input: %s", strerror(errno));
	}
	linebuf_filled(&f->in, (size_t)n);
	p = n ? filter_lines(f, &len) : filter_rest(f, &len);
	if (len) {
		keeper_before(&s->keeper, f);
		s->unwritten = !filterloop_put(&s->loop, p, len);
		if (s->unwritten)
			return false;
		keeper_after(&s->keeper, f);
	}
	say_worries(f);
	return n > 0;
}

/* Takes the rules over. */
static void
work(struct stage *s, struct rules *rules)
{
	int ready = (int)s->o.ready_fd;

	if (!notify_take(ready, false))
		die(2, "--ready-fd %d: not an open descriptor", ready);
	filterloop_init(&s->loop);
	filter_init(&s->f, (size_t)s->o.max_keys);
	judge_set_rules(&s->f.judge, rules, s->o.cooldown);
	keeper_open(&s->keeper, s->o.state, &s->f);
	notify_ready(&ready);
	filterloop_serve(&s->loop, turn, reload, s);
	keeper_close(&s->keeper, &s->f, !s->unwritten);
	say_end(&s->f);
	filter_free(&s->f);
}

int
main(int argc, char **argv)
{
	struct stage s = {.argc = argc, .argv = argv};
	const struct options *o = &s.o;
	struct rules rules;
	int operand, code = 0;

	fd_standard(true);
	operand = settings_start(&tool, &s.o, argc, argv);
	if (operand < argc)
		die(2, "%s: no operand is taken; records come on standard input", argv[operand]);
	if (!load_rules(o, &rules)) {
		code = 2;
	} else if (o->check) {
		log_info("%s: %zu rule%s, no mistake", o->rules ? o->rules : "built-in rules", rules.n, rules.n == 1 ? "" : "s");
		rules_free(&rules);
	} else {
		work(&s, &rules);
	}
	settings_free(&tool, &s.o);
	return code;
}
