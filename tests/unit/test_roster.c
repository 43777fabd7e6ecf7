#include <stdlib.h>

#include "check.h"
#include "collectors/roster.h"
#include "lib/linebuf.h"
#include "lib/record.h"

#define RUNNING(id, name) "{\"Id\":\"" id "\",\"Names\":[\"/" name "\"],\"Image\":\"i\",\"State\":\"running\",\"Status\":\"Up 1 second\"}"
#define EXITED(id, name) "{\"Id\":\"" id "\",\"Names\":[\"/" name "\"],\"Image\":\"i\",\"State\":\"exited\"}"

enum { WALL = 1795212285 };

static int64_t later;	/* ms behind WALL, of what is shown */

static struct strlist none;
static struct picks picks;
static struct roster r;
static char *said;

static void
fresh(size_t max)
{
	roster_free(&r);
	picks_init(&picks, &none, &none, &none, false);
	roster_init(&r, &picks, max);
}

static bool
listed(const char *json, int64_t asked)
{
	return roster_list(&r, json, strlen(json), asked, asked + 10, WALL);
}

static unsigned
told(const char *action, const char *id, const char *name, const char *more, int64_t mono)
{
	static struct container_event e;
	char line[400];

	snprintf(line, sizeof line, "{\"Type\":\"container\",\"Action\":\"%s\",\"Actor\":{\"ID\":\"%s\",\"Attributes\":{\"name\":\"%s\"%s}}}",
	    action, id, name, more);
	CHECK(container_event(line, strlen(line), &e) == TOLD_EVENT);
	return roster_event(&r, &e, mono, WALL);
}

static void
sampled(const char *id, double cpu_seconds, int64_t mono)
{
	char json[300];

	snprintf(json, sizeof json, "{\"cpu_stats\":{\"cpu_usage\":{\"total_usage\":%.0f},\"system_cpu_usage\":%lld,\"online_cpus\":2},"
	    "\"memory_stats\":{\"usage\":1048576,\"limit\":4194304},\"pids_stats\":{\"current\":1}}", cpu_seconds * 1e9,
	    (long long)mono * 2000000 + 1);
	CHECK(roster_sample(&r, id, json, strlen(json), mono, WALL) == SAMPLE_TAKEN);
}

/* The record as one looks at it: "name:status:cpu ..." and what stands in aggregated. */
static const char *
shown(const char *what)
{
	struct strbuf line = {0}, out = {0};
	struct record rec;
	struct json_iter it;
	struct span v;

	roster_write(&r, "docker-stats", WALL + later, &line);
	CHECK(line.len && line.s[line.len - 1] == '\n' && line.len - 1 <= LINE_MAX_BYTES);
	CHECK(record_parse(line.s, line.len - 1, &rec) == RECORD_OK && record_is(&rec, "containers") && rec.stamped);
	if (what) {
		v = json_path(rec.data, what);
		strbuf_add(&out, v.p ? v.p : "-", v.p ? v.len : 1);
	}
	for (it = json_iter(json_member(rec.data, "containers")); !what && json_next_element(&it, &v);) {
		struct span name = json_member(v, "name"), status = json_member(v, "status"), cpu = json_member(v, "cpu"),
		    health = json_member(v, "health");

		strbuf_addf(&out, "%s%.*s:%.*s:%.*s", out.len ? " " : "", (int)name.len - 2, name.p + 1, (int)status.len - 2,
		    status.p + 1, (int)cpu.len, cpu.p);
		if (health.p)
			strbuf_addf(&out, ":%.*s", (int)health.len - 2, health.p + 1);
	}
	free(said);
	said = out.s ? out.s : calloc(1, 1);
	strbuf_free(&line);
	return said;
}

static int
round_of(enum roster_round which)
{
	int n = 0;

	roster_round(&r, which);
	while (roster_next(&r))
		n++;
	return n;
}

/* Two samples make a cpu; one makes nothing to show, and what does not run shows zeros. */
static void
figures(void)
{
	fresh(10);
	CHECK(listed("[" RUNNING("b1", "kato-b") "," EXITED("a1", "kato-a") "," RUNNING("c1", "other") "]", 0));
	CHECK_STR(shown(NULL), "kato:missing:0 kato-a:exited:0");
	CHECK(round_of(ROUND_ALL) == 1 && round_of(ROUND_NEW) == 1 && round_of(ROUND_AGAIN) == 0);
	sampled("b1", 1, 100);
	CHECK(roster_wants_again(&r) && round_of(ROUND_AGAIN) == 1 && round_of(ROUND_NEW) == 0);
	CHECK_STR(shown(NULL), "kato:missing:0 kato-a:exited:0");
	CHECK_STR(shown("aggregated.online_cpus"), "2");
	sampled("b1", 1.5, 1100);
	CHECK(!roster_wants_again(&r));
	CHECK_STR(shown(NULL), "kato:missing:0 kato-a:exited:0 kato-b:running:50");
	CHECK_STR(shown("aggregated.total_cpu_percent"), "50");
	CHECK_STR(shown("aggregated.host_cpu_percent"), "25");
	CHECK_STR(shown("aggregated.container_count"), "2");
	CHECK_STR(shown("aggregated.total_memory_percent"), "25");
	/* its counters went back: a second sample is wanted, the last figures stay until then */
	sampled("b1", 0.1, 4100);
	CHECK(roster_wants_again(&r));
	CHECK_STR(shown(NULL), "kato:missing:0 kato-a:exited:0 kato-b:running:50");
	sampled("b1", 0.2, 5100);
	CHECK_STR(shown(NULL), "kato:missing:0 kato-a:exited:0 kato-b:running:10");
	/* back twice: no cpu, but nothing absurd, and no third round */
	sampled("b1", 0.1, 6100);
	sampled("b1", 0.05, 7100);
	CHECK(!roster_wants_again(&r));
	CHECK_STR(shown(NULL), "kato:missing:0 kato-a:exited:0 kato-b:running:0");
	/* a sample too soon after the last changes nothing */
	sampled("b1", 9, 7150);
	CHECK(!roster_wants_again(&r));
	CHECK(roster_sample(&r, "zz", "{}", 2, 0, WALL) == SAMPLE_IDLE);
	CHECK(roster_sample(&r, "b1", "", 0, 9000, WALL) == SAMPLE_IDLE);
	CHECK(roster_sample(&r, "b1", "<", 1, 9000, WALL) == SAMPLE_GARBLED);
	roster_forget_samples(&r);
	CHECK(round_of(ROUND_NEW) == 1);
}

/* What an event told is believed over a list that was asked for before, and a while after. */
static void
events_before_lists(void)
{
	const char *still = "[" RUNNING("a1", "kato") "]";

	fresh(10);
	CHECK(listed(still, 0));
	sampled("a1", 1, 100);
	sampled("a1", 1.5, 1100);
	CHECK_STR(shown(NULL), "kato:running:50");
	CHECK(told("die", "a1", "kato", ",\"exitCode\":\"137\"", 2000) == (ROSTER_SAY | ROSTER_CHANGED));
	CHECK_STR(shown(NULL), "kato:exited:0");
	CHECK(listed(still, 1990) && listed(still, 3400));
	CHECK_STR(shown(NULL), "kato:exited:0");
	CHECK(told("stop", "a1", "kato", "", 3500) == ROSTER_SAY);	/* known already */
	CHECK(told("start", "a1", "kato", "", 4000) == (ROSTER_SAY | ROSTER_CHANGED | ROSTER_LOOK));
	CHECK_STR(shown(NULL), "kato:running:0");
	CHECK(listed("[" EXITED("a1", "kato") "]", 4100));
	CHECK_STR(shown(NULL), "kato:running:0");
	CHECK(told("destroy", "a1", "kato", "", 5000) == (ROSTER_SAY | ROSTER_CHANGED));
	CHECK_STR(shown(NULL), "kato:missing:0");
	CHECK(listed(still, 5100));
	CHECK_STR(shown(NULL), "kato:missing:0");
	CHECK(roster_count(&r) == 0);
	CHECK(listed("[]", 8000) && r.n == 0);
	CHECK(!r.deaf);
}

static void
other_events(void)
{
	fresh(10);
	CHECK(listed("[" RUNNING("a1", "kato") "]", 0));
	sampled("a1", 1, 100);
	sampled("a1", 1.5, 1100);
	CHECK(told("oom", "a1", "kato", "", 1000) == ROSTER_SAY);
	CHECK(told("health_status: unhealthy", "a1", "kato", "", 1000) == (ROSTER_SAY | ROSTER_CHANGED));
	CHECK(told("health_status: unhealthy", "a1", "kato", "", 1000) == ROSTER_SAY);
	CHECK_STR(shown(NULL), "kato:running:50:unhealthy");
	CHECK(listed("[" RUNNING("a1", "kato") "]", 9000));	/* a list that does not tell the health takes none away */
	CHECK_STR(shown(NULL), "kato:running:50:unhealthy");
	CHECK(told("pause", "a1", "kato", "", 10000) == (ROSTER_SAY | ROSTER_CHANGED));
	CHECK_STR(shown(NULL), "kato:paused:0:unhealthy");
	CHECK(told("unpause", "a1", "kato", "", 10000) == (ROSTER_SAY | ROSTER_CHANGED));
	CHECK(told("rename", "a1", "kato-old", ",\"oldName\":\"/kato\"", 10000) == (ROSTER_SAY | ROSTER_CHANGED));
	CHECK_STR(shown(NULL), "kato:missing:0 kato-old:running:0:unhealthy");
	CHECK(told("rename", "a1", "mine", ",\"oldName\":\"/kato-old\"", 10000) == (ROSTER_SAY | ROSTER_CHANGED));
	CHECK_STR(shown(NULL), "kato:missing:0");
	CHECK(told("die", "f1", "other", "", 10000) == 0);
	CHECK(told("rename", "f1", "kato-new", "", 10000) == (ROSTER_SAY | ROSTER_LOOK));
	CHECK(told("create", "f2", "kato-two", ",\"image\":\"img:2\"", 10000) == (ROSTER_SAY | ROSTER_BORN));
	CHECK_STR(shown(NULL), "kato:missing:0");	/* it may be started in a moment */
	later = ROSTER_BIRTH_MS;
	CHECK_STR(shown(NULL), "kato:missing:0 kato-two:created:0");
	later = 0;
	CHECK(told("kill", "f3", "kato-three", "", 10000) == ROSTER_SAY);
}

/* A list that knows of what no event told: the stream of events is deaf. */
static void
deafness(void)
{
	fresh(10);
	CHECK(listed("[" RUNNING("a1", "kato") "]", 0));
	CHECK(listed("[" EXITED("a1", "kato") "]", 3000));
	CHECK(!r.deaf);	/* it may be on its way */
	CHECK(listed("[" EXITED("a1", "kato") "]", 6000));
	CHECK(r.deaf);
	r.deaf = false;
	CHECK(listed("[" RUNNING("a1", "kato") "]", 9000));
	CHECK(told("start", "a1", "kato", "", 9020) & ROSTER_SAY);
	CHECK(listed("[" RUNNING("a1", "kato") "]", 12000));
	CHECK(!r.deaf);
}

static void
odd_lists(void)
{
	fresh(10);
	CHECK(listed("[" RUNNING("a1", "kato") ",7,{\"Id\":\"../x\"},{}]", 0));
	CHECK(r.n == 1 && r.garbled == 3);
	CHECK(!listed("{}", 0) && !listed("[", 0) && !listed("", 0) && !listed("null", 0));
	CHECK(r.n == 1);
	CHECK(listed("[" RUNNING("a1", "kato") "," RUNNING("a1", "kato") "]", 0));
	CHECK(r.n == 1);
}

/* 50,000 names: bounded, counted, and those expected have room all the same. */
static void
many(void)
{
	struct strbuf b = {0};

	fresh(3000);
	strbuf_addc(&b, '[');
	for (int i = 0; i < 50000; i++)
		strbuf_addf(&b, "{\"Id\":\"%064x\",\"Names\":[\"/kato-%d\"],\"Image\":\"i\",\"State\":\"exited\"},", i, i);
	strbuf_adds(&b, RUNNING("a1", "kato") "]");
	CHECK(listed(b.s, 0));
	CHECK(r.n == 3001 && r.over == 47000);
	sampled("a1", 1, 100);
	sampled("a1", 1.5, 1100);
	CHECK_STR(shown("aggregated.container_count"), "50001");
	CHECK_STR(shown("aggregated.total_cpu_percent"), "50");
	CHECK(atoi(shown("truncated")) > 47000);
	CHECK(!strncmp(shown(NULL), "kato:running:50 ", 16));	/* the expected, then the busiest */
	CHECK(listed("[]", 10) && r.n == 0);
	strbuf_free(&b);
}

int
main(void)
{
	figures();
	events_before_lists();
	other_events();
	deafness();
	odd_lists();
	many();
	roster_free(&r);
	free(said);
	return check_done();
}
