#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "healthd/healthmemory.h"
#include "lib/fdio.h"
#include "lib/filterloop.h"
#include "lib/keep.h"
#include "lib/linebuf.h"
#include "lib/log.h"
#include "lib/notify.h"
#include "lib/settings.h"
#include "lib/stamp.h"

enum {
	SAY_EVERY_MS = 60000,
	STATE_FORMAT = 2,
};

struct options {
	char *rules, *state;
	bool check;
	long long ready_fd;
};

#define AT(member) offsetof(struct options, member)
static const struct setting table[] = {
	{"rules", 'r', "KATO_HEALTH_RULES", NULL, SET_STRING, AT(rules), NULL, 0, 0, "FILE", "NAME VALUE lines, over the built-in rules"},
	{"state", 's', "KATO_HEALTH_STATE", NULL, SET_STRING, AT(state), NULL, 0, 0, "FILE",
	 "baselines and what is known, kept over a restart or a kill; a relative path lies in the state folder"},
	{"check", 0, NULL, NULL, SET_BOOL, AT(check), NULL, 0, 0, NULL, "print all rules as they hold, and exit: 2 after FILE:LINE: NAME: what is wrong"},
	{"ready-fd", 0, "KATO_READY_FD", NULL, SET_INT, AT(ready_fd), "-1", 0, 1 << 20, "N", "write a newline there once reading"},
};

static const struct settings_tool tool = {
	"healthd", "[options] <RECORDS >RECORDS",
	"Passes every line on as it came, and adds behind a record of services, traffic or dependencies what follows from it:\n"
	"health with a score, anomalies, failing dependencies, and events when one begins or a status changes.\n"
	"Time is the records' own: a recording gives the same at any speed.",
	"  prom-services | healthd | jq -c 'select(.type == \"service_health\") | .data'\n"
	"  healthd <day.ndjson | jq -c 'select(.type == \"health_change\") | .data'\n"
	"  prom-services | healthd --state health.state | alertd | broadcaster\n"
	"  healthd --check >my-rules\n",
	table, sizeof table / sizeof table[0], sizeof(struct options),
};

struct stage {
	struct options o;
	struct linebuf in;
	struct derive derive;
	struct filterloop loop;
	int argc;
	char **argv;		/* for when settings are read again */
	struct strbuf out;
	struct keep keep;
	struct strbuf turn;	/* the records judged in this one, as they are kept */
	struct strbuf last;	/* those of a predecessor's last turn, which may have been seen or not */
	bool whole;		/* all of the last turn was written */
	bool begun;		/* a record was judged: the state is ours to write */
	uint64_t bad;		/* lines that are no records */
};

/* False: what is wrong has been said. */
static bool
load_rules(const struct options *o, struct rules *out)
{
	struct strbuf text = {0}, err = {0};
	bool good = true;

	rules_default(out);
	if (o->rules && fd_slurp(o->rules, RULES_MAX_BYTES, &text) < 0)
		strbuf_addf(&err, "%s: %s", o->rules, errno == EFBIG ? "larger than 64 KiB" : strerror(errno));
	else if (o->rules)
		rules_read(out, o->rules, text.s ? text.s : "", text.len, &err);
	for (char *p = err.s, *line; p && (line = strsep(&p, "\n")); good = false)
		log_error("%s", line);
	strbuf_free(&text);
	strbuf_free(&err);
	return good;
}

static void
reload(void *arg)
{
	struct stage *s = arg;
	struct options fresh;
	struct rules rules;

	if (!settings_reload(&tool, &fresh, s->argc, s->argv))
		return;
	if (load_rules(&fresh, &rules)) {
		s->derive.rules = rules;
		log_info("rules read again");
	} else {
		log_warn("rules not changed");
	}
	settings_free(&tool, &fresh);
}

static void
open_state(struct stage *s)
{
	struct strbuf text = {0}, why = {0};
	struct rules rules = s->derive.rules;

	keep_open(&s->keep, s->o.state, "healthd", STATE_FORMAT, &text);
	if (text.len && !memory_load(&s->derive, text.s, text.len, &s->last, &why)) {
		keep_aside(&s->keep, why.s);
		derive_free(&s->derive);
		derive_init(&s->derive);
		s->derive.rules = rules;
		strbuf_free(&s->last);
	}
	strbuf_free(&text);
	strbuf_free(&why);
}

struct part {
	const struct derive *derive;
	struct memory_cursor at;
};

static bool
next_part(void *arg, struct strbuf *lines)
{
	struct part *p = arg;

	return memory_part(p->derive, &p->at, lines);
}

static void
save_all(struct stage *s)
{
	struct part part = {.derive = &s->derive};

	keep_save_parts(&s->keep, next_part, &part, stamp_mono());
}

/* Before the first record is judged. */
static void
begin(struct stage *s, const char *line, size_t len)
{
	memory_catch_up(&s->derive, &s->last, line, len);
	save_all(s);
	s->begun = true;
}

/* Before what follows from them is written. */
static void
save_turn(struct stage *s)
{
	if (s->turn.len && !keep_wants_all(&s->keep))
		keep_save(&s->keep, s->turn.s, s->turn.len, false, false, stamp_mono());
	strbuf_reset(&s->turn);
}

static void
take_line(struct stage *s, const char *line, size_t len)
{
	struct record r;
	enum record_result result;

	strbuf_add(&s->out, line, len);
	strbuf_addc(&s->out, '\n');
	/* most lines of a full pipeline are none of ours: a look is cheaper than a parse */
	if (!memmem(line, len, "services", 8) && !memmem(line, len, "traffic", 7) && !memmem(line, len, "dependencies", 12))
		return;
	result = record_parse(line, len, &r);
	if (result == RECORD_OK && derive_judges(&r)) {
		if (!s->begun)
			begin(s, line, len);
		if (s->keep.path && !s->turn.len)
			memory_turn(&s->turn);
		if (s->keep.path)
			memory_line(line, len, &s->turn);
		derive_record(&s->derive, &r, &s->out);
	} else if (result != RECORD_OK && result != RECORD_EMPTY) {
		s->bad++;
	}
}

static void
say_worries(struct stage *s)
{
	static struct log_gate bad, toolong, refused;
	static uint64_t seen[3];
	const uint64_t now[3] = {s->bad + s->derive.bad, s->in.toolong, s->derive.things.refused};
	uint64_t skipped;
	int64_t mono = stamp_mono();

	if (now[0] != seen[0] && log_gate_open(&bad, mono, SAY_EVERY_MS, &skipped))
		log_warn("a line that is no good record of services, traffic or dependencies; passed on (%llu so far)", (unsigned long long)now[0]);
	if (now[1] != seen[1] && log_gate_open(&toolong, mono, SAY_EVERY_MS, &skipped))
		log_warn("a line over %d bytes was dropped (%llu so far)", LINE_MAX_BYTES, (unsigned long long)now[1]);
	if (now[2] != seen[2] && log_gate_open(&refused, mono, SAY_EVERY_MS, &skipped))
		log_warn("more services, metrics or edges than there is room for (%llu so far)", (unsigned long long)now[2]);
	memcpy(seen, now, sizeof seen);
}

/* One read, and all whole lines of it in one write. False: no more, either way. */
static bool
turn(void *arg)
{
	struct stage *s = arg;
	size_t room, len;
	char *line, *space = linebuf_space(&s->in, &room);
	ssize_t n = fd_read(0, space, room);

	if (n < 0) {
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			return true;
		die(1, "standard input: %s", strerror(errno));
	}
	linebuf_filled(&s->in, (size_t)n);
	while (linebuf_next(&s->in, &line, &len))
		take_line(s, line, len);
	if (!n && linebuf_rest(&s->in, &line, &len))
		take_line(s, line, len);
	save_turn(s);
	s->whole = filterloop_put(&s->loop, s->out.s, s->out.len);
	strbuf_reset(&s->out);
	if (!s->whole)
		return false;
	if (s->begun && keep_ready(&s->keep, stamp_mono()) && keep_wants_all(&s->keep))
		save_all(s);
	say_worries(s);
	return n > 0;
}

static void
work(struct stage *s)
{
	int ready = (int)s->o.ready_fd;

	if (!notify_take(ready, false))
		die(2, "--ready-fd %d: not an open descriptor", ready);
	filterloop_init(&s->loop);
	linebuf_init(&s->in, LINE_MAX_BYTES);
	open_state(s);
	notify_ready(&ready);
	filterloop_serve(&s->loop, turn, reload, s);
	if (s->begun && s->whole)
		save_all(s);
	keep_close(&s->keep);
	log_debug("%llu lines, %llu records judged, %llu added", (unsigned long long)s->in.lines, (unsigned long long)s->derive.records,
	    (unsigned long long)s->derive.added);
	linebuf_free(&s->in);
}

int
main(int argc, char **argv)
{
	struct stage s = {.argc = argc, .argv = argv};
	int operand, code = 0;

	fd_standard(true);
	operand = settings_start(&tool, &s.o, argc, argv);
	if (operand < argc)
		die(2, "%s: no operand is taken; records come on standard input", argv[operand]);
	derive_init(&s.derive);
	if (!load_rules(&s.o, &s.derive.rules)) {
		code = 2;
	} else if (s.o.check) {
		rules_write(&s.derive.rules, &s.out);
		if (fd_write_all(1, s.out.s, s.out.len) < 0)
			code = 1;
	} else {
		work(&s);
	}
	derive_free(&s.derive);
	strbuf_free(&s.out);
	strbuf_free(&s.turn);
	strbuf_free(&s.last);
	settings_free(&tool, &s.o);
	return code;
}
