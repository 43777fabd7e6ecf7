#include <stdlib.h>

#include "check.h"
#include "collectors/container.h"
#include "lib/fdio.h"
#include "lib/strbuf.h"

/* One listing, as words: "name image state health", or "no". */
static char *
listed(const char *json)
{
	static char said[600];
	static struct container_listing l;
	const char *health;
	size_t at;

	CHECK(json_check(json, strlen(json), &at) == JSON_OK);
	if (!container_listing(json_trim(json, strlen(json)), &l))
		return strcpy(said, "no");
	health = container_health_name(l.health);
	snprintf(said, sizeof said, "%s|%s|%s|%s", l.name.s, l.image.s, container_state_name(l.state), health ? health : "-");
	return said;
}

static const struct {
	const char *json, *want;
} listings[] = {
	{"{\"Id\":\"a1\",\"Names\":[\"/kato\"],\"Image\":\"k:1\",\"State\":\"running\",\"Status\":\"Up 18 seconds (unhealthy)\"}",
	 "kato|k:1|running|unhealthy"},
	{"{\"Id\":\"a1\",\"Names\":[\"/kato\"],\"State\":\"running\",\"Status\":\"Up 3 seconds (health: starting)\"}",
	 "kato||running|starting"},
	{"{\"Id\":\"a1\",\"Names\":[\"/kato\"],\"State\":\"running\",\"Status\":\"Up 2 hours (healthy)\"}", "kato||running|healthy"},
	{"{\"Id\":\"a1\",\"Names\":[\"/kato\"],\"State\":\"paused\",\"Status\":\"Up 2 hours (Paused)\"}", "kato||paused|-"},
	{"{\"Id\":\"a1\",\"Names\":[\"/kato\"],\"State\":\"exited\",\"Status\":\"Exited (137) 2 hours ago\"}", "kato||exited|-"},
	{"{\"Id\":\"a1\",\"Names\":[\"/kato\"],\"State\":\"dead\",\"Status\":\"Dead\"}", "kato||dead|-"},
	{"{\"Id\":\"a1\",\"Names\":[\"/web/alias\",\"/kato\"],\"State\":\"created\"}", "kato||created|-"},	/* a link's name first */
	{"{\"Id\":\"a1\",\"Names\":[\"kato\"],\"State\":\"stopped\"}", "kato||exited|-"},
	{"{\"Id\":\"0123456789abcdef\",\"Names\":[],\"State\":\"removing\"}", "0123456789ab||removing|-"},
	{"{\"Id\":\"a1\",\"Names\":{\"/a\":\"/b\"},\"State\":\"running\"}", "a1||running|-"},
	{"{\"Id\":\"a1\",\"Names\":null,\"State\":\"restarting\"}", "a1||restarting|-"},
	{"{\"Id\":\"a1\",\"State\":\"new word\",\"Status\":\"Up 1 second\"}", "a1||running|-"},
	{"{\"Id\":\"a1\",\"State\":7}", "a1||exited|-"},
	{"{\"Id\":\"a1\",\"State\":\"missing\"}", "a1||exited|-"},	/* ours, not theirs */
	{"{\"Id\":\"../a\",\"State\":\"running\"}", "no"},
	{"{\"Id\":\"\"}", "no"},
	{"{\"Id\":\"a b\"}", "no"},
	{"{\"Id\":7}", "no"},
	{"{}", "no"},
	{"[\"Id\"]", "no"},
};

static char *
told(const char *line)
{
	static char said[900];
	static struct container_event e;
	const char *health;
	char code[20] = "-";

	switch (container_event(line, strlen(line), &e)) {
	case TOLD_GARBLED: return strcpy(said, "garbled");
	case TOLD_NOISE: return strcpy(said, "noise");
	case TOLD_EVENT: break;
	}
	health = container_health_name(e.health);
	if (e.exited)
		snprintf(code, sizeof code, "%d", e.exit_code);
	snprintf(said, sizeof said, "%s|%s|%s|%s|%s|%s|%lld", e.action, e.name.s, e.id.s, code, health ? health : "-", e.nano.s,
	    (long long)e.ms);
	return said;
}

static const struct {
	const char *line, *want;
} events[] = {
	{"{\"Type\":\"container\",\"Action\":\"die\",\"Actor\":{\"ID\":\"ab\",\"Attributes\":{\"exitCode\":\"137\",\"name\":\"k\"}},"
	 "\"time\":1795212248,\"timeNano\":1795212248466944333}", "die|k|ab|137|-|1795212248466944333|1795212248466"},
	{"{\"Type\":\"container\",\"Action\":\"health_status: unhealthy\",\"Actor\":{\"ID\":\"ab\"},\"time\":1795212248}",
	 "health_status||ab|-|unhealthy|1795212248000000000|1795212248000"},
	{"{\"Type\":\"container\",\"Action\":\"health_status\",\"HealthStatus\":\"starting\",\"Actor\":{\"ID\":\"ab\"}}",
	 "health_status||ab|-|starting|0|0"},
	{"{\"Type\":\"container\",\"Action\":\"health_status: odd\",\"Actor\":{\"ID\":\"ab\"}}", "health_status||ab|-|-|0|0"},
	{"{\"Type\":\"container\",\"Action\":\"died\",\"Actor\":{\"ID\":\"ab\",\"Attributes\":{\"containerExitCode\":\"3\"}}}",
	 "die||ab|3|-|0|0"},
	{"{\"Type\":\"container\",\"Action\":\"remove\",\"Actor\":{\"ID\":\"ab\",\"Attributes\":{\"containerExitCode\":\"0\"}}}",
	 "destroy||ab|-|-|0|0"},
	{"{\"Type\":\"container\",\"Action\":\"die\",\"Actor\":{\"ID\":\"ab\",\"Attributes\":{\"exitCode\":\"x\"}}}", "die||ab|-|-|0|0"},
	{"{\"status\":\"oom\",\"id\":\"ab\"}", "oom||ab|-|-|0|0"},
	{"{\"Type\":\"container\",\"Action\":\"exec_create: /bin/sh -c true\",\"Actor\":{\"ID\":\"ab\"}}", "noise"},
	{"{\"Type\":\"container\",\"Action\":\"attach\",\"Actor\":{\"ID\":\"ab\"}}", "noise"},
	{"{\"Type\":\"container\",\"Action\":\"prune\",\"Actor\":{\"ID\":\"\"}}", "noise"},
	{"{\"Type\":\"network\",\"Action\":\"destroy\",\"Actor\":{\"ID\":\"ab\"}}", "noise"},
	{"{\"Type\":\"container\",\"Action\":\"die\",\"Actor\":{\"ID\":\"a/b\"}}", "garbled"},
	{"{\"Type\":\"container\",\"Action\":\"die\"}", "garbled"},
	{"{\"Type\":\"container\",\"Action\":\"die\"", "garbled"},
	{"[]", "garbled"},
	{"\xff", "garbled"},
};

/* How many listings, events and noise a captured file holds. */
static void
fixture(const char *path, int want_events, int want_noise)
{
	struct strbuf b = {0};
	struct container_event e = {0};
	char *p, *line;
	int event = 0, noise = 0;

	CHECK(fd_slurp(path, 1 << 20, &b) == 0);
	for (p = b.s; (line = strsep(&p, "\n"));) {
		if (!*line)
			continue;
		switch (container_event(line, strlen(line), &e)) {
		case TOLD_EVENT: event++; break;
		case TOLD_NOISE: noise++; break;
		case TOLD_GARBLED: CHECK(!"garbled"); break;
		}
	}
	CHECK(event == want_events);
	CHECK(noise == want_noise);
	if (event != want_events || noise != want_noise)
		fprintf(stderr, "%s: %d events, %d noise\n", path, event, noise);
	container_event_free(&e);
	strbuf_free(&b);
}

static void
fixture_list(const char *path, int want)
{
	struct strbuf b = {0};
	struct container_listing l = {0};
	struct json_iter it;
	struct span v;
	size_t at;
	int n = 0;

	CHECK(fd_slurp(path, 1 << 20, &b) == 0);
	CHECK(json_check(b.s, b.len, &at) == JSON_OK);
	it = json_iter(json_trim(b.s, b.len));
	while (json_next_element(&it, &v)) {
		CHECK(container_listing(v, &l));
		CHECK(l.id.len == 64 && !strncmp(l.name.s, "kato-", 5) && strstr(l.image.s, "bb:1"));
		n++;
	}
	CHECK(n == want);
	container_listing_free(&l);
	strbuf_free(&b);
}

static void
long_names(void)
{
	struct container_listing l = {0};
	struct strbuf b = {0};

	strbuf_adds(&b, "{\"Id\":\"ab\",\"Names\":[\"/");
	for (int i = 0; i < 300; i++)
		strbuf_adds(&b, "kato\xc3\xa9");
	strbuf_adds(&b, "\"],\"State\":\"running\"}");
	CHECK(container_listing(json_trim(b.s, b.len), &l));
	CHECK(l.name.len == CONTAINER_TEXT_MAX);
	strbuf_free(&b);
	container_listing_free(&l);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof listings / sizeof listings[0]; i++)
		CHECK_STR(listed(listings[i].json), listings[i].want);
	for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
		CHECK_STR(told(events[i].line), events[i].want);
	fixture_list("tests/fixtures/docker/containers-json-all.json", 5);
	fixture_list("tests/fixtures/podman/containers-json-all.json", 5);
	fixture("tests/fixtures/docker/events.ndjson", 23, 46);
	fixture("tests/fixtures/podman/events.ndjson", 17, 14);
	long_names();
	CHECK(container_runs(CONTAINER_PAUSED) && !container_runs(CONTAINER_RESTARTING) && !container_runs(CONTAINER_MISSING));
	return check_done();
}
