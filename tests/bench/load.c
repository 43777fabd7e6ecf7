/*
 * Thousands of clients and the feed of one server, for measurements. Reads commands, one a line, "VERB name=value …", and
 * answers each with one JSON object a line. Times of all clients are taken by one clock in one thread; the server's CPU
 * time is read from its own clock (clock_getcpuclockid(3), ns) around each phase.
 *
 *	server port=P pids=PID[,PID…] (feed=FD | post=PATH)
 *	open clients=N [path=/ws] [sets=K] [set=S] [deflate=1] [at_once=100] [offsets=1] [seconds=60]
 *	reopen …	the same clients again, each with the epoch and offset it saw last
 *	pace count=N bytes=B every_ms=T		an event each T ms, but none before everybody has the last
 *	steady count=N bytes=B every_ms=T	an event each T ms, whatever comes of it
 *	burst count=N bytes=B window=W		as fast as they are taken, at most W on the way
 *	say count=N per_second=R [text=ping] [settle_ms=100]	text messages, each from another client, alone
 *	stop clients=N		the first N stop reading
 *	churn times=N at_once=M [reset=1] [per_second=R] [source=A]	A: from 127.0.0.A alone
 *	quiet ms=T	waits until nothing has come for so long
 *	idle seconds=S	waits
 *	line TEXT	feeds a line as it is
 *	expect number=N		the next event each is to get, fed by somebody else; settle number=N: and the last
 *	total			all that came since the start
 *	drop		all connections, with a reset; what each has seen is kept, for reopen
 *	close		the same, and everything is forgotten
 */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "lib/linebuf.h"
#include "lib/strbuf.h"
#include "lib/xalloc.h"
#include "tests/bench/crowd.h"
#include "tests/bench/feeder.h"

enum { PIDS_MAX = 16, STALL_US = 20000000 };

static struct {
	int port;
	int pids[PIDS_MAX];
	clockid_t clock[PIDS_MAX];
	size_t npids;
	uint64_t number;	/* of the next event */
} load = {.number = 1};

static char *command;

/* The value of name= in the command at hand, until the next call; otherwise if it is not there. */
static const char *
word(const char *name, const char *otherwise)
{
	static char value[8][512];
	static unsigned turn;
	size_t len = strlen(name);
	char *v = value[turn++ % 8];

	for (const char *p = command; (p = strstr(p, name)); p += len)
		if (p > command && isspace((unsigned char)p[-1]) && p[len] == '=') {
			snprintf(v, sizeof value[0], "%.*s", (int)strcspn(p + len + 1, " \n"), p + len + 1);
			return v;
		}
	return otherwise;
}

static double
number(const char *name, double otherwise)
{
	const char *v = word(name, NULL);

	return v ? strtod(v, NULL) : otherwise;
}

static uint64_t
server_cpu(void)
{
	uint64_t ns = 0;

	for (size_t i = 0; i < load.npids; i++) {
		struct timespec t;

		if (clock_gettime(load.clock[i], &t) == 0)
			ns += (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
	}
	return ns;
}

static unsigned long
server_rss(void)
{
	unsigned long kib = 0, one;
	char path[64], line[256];

	for (size_t i = 0; i < load.npids; i++) {
		FILE *f;

		snprintf(path, sizeof path, "/proc/%d/status", load.pids[i]);
		if (!(f = fopen(path, "r")))
			continue;
		while (fgets(line, sizeof line, f))
			if (sscanf(line, "VmRSS: %lu", &one) == 1)
				kib += one;
		fclose(f);
	}
	return kib;
}

/* What a phase cost and brought. */
struct phase {
	struct crowd_count before;
	uint64_t cpu, us;
};

static struct phase
begin(void)
{
	return (struct phase){crowd_count, server_cpu(), crowd_now()};
}

static void
end(const struct phase *p, const char *more)
{
	const struct crowd_count *b = &p->before, *n = &crowd_count;
	uint64_t cpu = server_cpu() - p->cpu, us = crowd_now() - p->us;

#define SINCE(what) (unsigned long long)(n->what - b->what)
	printf("{\"seconds\":%.6f,\"cpu_ns\":%llu,\"rss_kib\":%lu,\"clients\":%zu,\"messages\":%llu,\"bytes\":%llu,\"missing\":%llu,"
	       "\"doubled\":%llu,\"wrong\":%llu,\"answers\":%llu,\"opened\":%llu,\"refused\":%llu,\"too_many\":%llu,\"ended\":%llu,\"compressed\":%llu,"
	       "\"inflated\":%llu,\"recovered\":%llu,\"not_recovered\":%llu,\"close\":%d,\"set_messages\":[",
	    (double)us / 1e6, (unsigned long long)cpu, server_rss(), crowd_clients(), SINCE(messages), SINCE(bytes), SINCE(missing),
	    SINCE(doubled), SINCE(wrong), SINCE(answers), SINCE(opened), SINCE(refused), SINCE(too_many), SINCE(ended), SINCE(compressed),
	    SINCE(inflated), SINCE(recovered), SINCE(not_recovered), n->closes ? n->close[n->closes - 1] : 0);
	for (size_t i = 0; i < CROWD_SETS_MAX; i++)
		printf("%s%llu", i ? "," : "", SINCE(set_messages[i]));
	printf("],\"set_bytes\":[");
	for (size_t i = 0; i < CROWD_SETS_MAX; i++)
		printf("%s%llu", i ? "," : "", SINCE(set_bytes[i]));
	printf("]%s}\n", more);
#undef SINCE
}

static void
server(void)
{
	const char *post = word("post", NULL);
	char *p = xstrdup(word("pids", "")), *rest = p, *one;

	load.port = (int)number("port", 0);
	load.npids = 0;
	while ((one = strsep(&rest, ",")) && load.npids < PIDS_MAX)
		if ((load.pids[load.npids] = (int)strtol(one, NULL, 10)) > 0 &&
		    clock_getcpuclockid(load.pids[load.npids], &load.clock[load.npids]) == 0)
			load.npids++;
	free(p);
	if (post)
		feeder_to_http(load.port, post);
	else if (number("feed", -1) >= 0)
		feeder_to_pipe((int)number("feed", -1));
	printf("{}\n");
}

static struct crowd_options
how_to_open(bool again)
{
	static char path[512];

	snprintf(path, sizeof path, "%s", word("path", "/ws"));
	return (struct crowd_options){.port = load.port, .path = path, .clients = (size_t)number("clients", 1),
	    .sets = (size_t)number("sets", 0), .at_once = (size_t)number("at_once", 100), .deflate = number("deflate", 0) != 0,
	    .offsets = number("offsets", 0) != 0, .resume = again,
	    .set = (uint8_t)number("set", 0), .source = (unsigned)number("source", 0), .per_second = number("per_second", 0)};
}

static void
open_clients(bool again)
{
	struct crowd_options o = how_to_open(again);
	struct phase p = begin();

	crowd_open(&o, number("seconds", 60));
	end(&p, "");
}

static void
churn(void)
{
	struct crowd_options o = how_to_open(false);
	struct phase p = begin();
	char more[64];

	snprintf(more, sizeof more, ",\"welcomed\":%zu", crowd_churn(&o, (size_t)number("times", 1), number("reset", 0) != 0));
	end(&p, more);
}

/* When the next is due: never: while the last is on its way, or too many are. */
static bool
due(const struct ledger *l, uint64_t began, uint64_t every, size_t window)
{
	return l->fed < l->count && l->fed - l->complete < window && !feeder_left() && crowd_now() >= began + l->fed * every;
}

/* ms until something is to be done, as long as nothing comes. */
static int
patience(const struct ledger *l, uint64_t began, uint64_t every, size_t window)
{
	uint64_t now = crowd_now(), at = began + l->fed * every;

	if (feeder_left() || (l->fed < l->count && l->fed - l->complete < window && at <= now))
		return 0;
	return l->fed < l->count && l->fed - l->complete < window && at - now < 100000 ? (int)((at - now) / 1000) : 100;
}

static void
feed(size_t window, bool delays)
{
	size_t count = (size_t)number("count", 1), bytes = (size_t)number("bytes", 1024);
	uint64_t every = (uint64_t)(number("every_ms", 0) * 1000), began, news, delivered = 0;
	struct ledger_times t;
	struct ledger l;
	struct phase p;
	char more[320];

	ledger_begin(&l, load.number, count, crowd_readers(), delays);
	crowd_expect(load.number, &l);
	p = begin();
	began = news = crowd_now();
	while (!ledger_done(&l) && crowd_now() - news < STALL_US) {
		while (due(&l, began, every, window)) {
			ledger_sent(&l, crowd_now());
			feeder_event(load.number++, bytes);
		}
		feeder_flush();
		crowd_turn(patience(&l, began, every, window));
		if (l.delivered != delivered || l.fed < l.count) {
			delivered = l.delivered;
			news = crowd_now();
		}
	}
	crowd_settle(load.number - 1);
	crowd_expect(0, NULL);
	t = ledger_times(&l);
	snprintf(more, sizeof more,
	    ",\"delivered\":%llu,\"feeding\":%.6f,\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f,\"last\":%.3f,\"p99_each\":%.3f",
	    (unsigned long long)l.delivered, (double)(l.last[count - 1] > l.sent[0] ? l.last[count - 1] - l.sent[0] : 0) / 1e6, t.p50,
	    t.p99, t.max, t.last, t.p99_each);
	end(&p, more);
	ledger_free(&l);
}

static void
say(void)
{
	const char *text = word("text", "ping");
	size_t count = (size_t)number("count", 1000), n = crowd_clients();
	uint64_t began = crowd_now(), every = (uint64_t)(1e6 / number("per_second", 1000));
	struct phase p = begin();

	for (size_t i = 0; i < count && n; i++) {
		while (crowd_now() < began + i * every)
			crowd_turn(0);
		crowd_say(i * 7919 % n, text, strlen(text));
	}
	crowd_quiet((int)number("settle_ms", 50));
	end(&p, "");
}

static void
wait_idle(void)
{
	uint64_t until = crowd_now() + (uint64_t)(number("seconds", 1) * 1e6);
	struct phase p = begin();

	while (crowd_now() < until)
		crowd_turn(100);
	end(&p, "");
}

static void
wait_quiet(void)
{
	struct phase p = begin();

	crowd_quiet((int)number("ms", 100));
	end(&p, "");
}

static void
total(void)
{
	struct phase p = {.us = crowd_now()};

	end(&p, "");
}

static void
settle(void)
{
	struct phase p = begin();

	crowd_settle((uint64_t)number("number", 0));
	end(&p, "");
}

static void
obey(char *line)
{
	static const size_t any = (size_t)1 << 40;
	size_t verb = strcspn(line, " ");

	command = line;
#define IS(what) (verb == sizeof what - 1 && !strncmp(line, what, verb))
	if (IS("server"))
		server();
	else if (IS("open") || IS("reopen"))
		open_clients(IS("reopen"));
	else if (IS("pace"))
		feed(1, true);
	else if (IS("steady"))
		feed(any, true);
	else if (IS("burst"))
		feed((size_t)number("window", 256), false);
	else if (IS("say"))
		say();
	else if (IS("churn"))
		churn();
	else if (IS("quiet"))
		wait_quiet();
	else if (IS("idle"))
		wait_idle();
	else if (IS("total"))
		total();
	else if (IS("expect"))
		crowd_expect((uint64_t)number("number", 1), NULL), printf("{}\n");
	else if (IS("settle"))
		settle();
	else if (IS("stop"))
		crowd_stop_reading((size_t)number("clients", 0)), printf("{}\n");
	else if (IS("line"))
		feeder_line(line + verb + 1, strlen(line + verb + 1)), printf("{}\n");
	else if (IS("drop"))
		crowd_drop(), printf("{}\n");
	else if (IS("close"))
		crowd_close(), printf("{}\n");
	else
		printf("{\"error\":\"unknown command\"}\n");
#undef IS
	fflush(stdout);
}

static struct linebuf commands;
static bool no_more;

/* Only taken here, obeyed where no client is being seen to. */
static void
take_commands(void)
{
	size_t room;
	char *p = linebuf_space(&commands, &room);
	ssize_t n = read(STDIN_FILENO, p, room);

	if (n <= 0) {
		no_more = true;
		crowd_unwatch(STDIN_FILENO);
		return;
	}
	linebuf_filled(&commands, (size_t)n);
}

int
main(void)
{
	struct rlimit limit;
	size_t len;
	char *line;

	linebuf_init(&commands, LINE_MAX_BYTES);
	signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	crowd_watch(STDIN_FILENO, take_commands);
	while (!no_more) {
		crowd_turn(1000);
		while (linebuf_next(&commands, &line, &len)) {
			line = xmemdup0(line, len);
			obey(line);
			free(line);
		}
	}
	return 0;
}
