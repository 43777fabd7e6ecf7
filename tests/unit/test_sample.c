#include <math.h>

#include "check.h"
#include "collectors/sample.h"
#include "lib/fdio.h"

static struct sample s, before;
static bool has_before;

static enum sample_answer
text(const char *json, int64_t at)
{
	return sample_read(json, strlen(json), at, &s, &before, &has_before);
}

static enum sample_answer
file(const char *path, int64_t at)
{
	struct strbuf b = {0};
	enum sample_answer got;

	CHECK(fd_slurp(path, 1 << 20, &b) == 0);
	got = sample_read(b.s, b.len, at, &s, &before, &has_before);
	strbuf_free(&b);
	return got;
}

static bool
near(double got, double want)
{
	if (fabs(got - want) < 0.005)
		return true;
	fprintf(stderr, "got %.6f, want %.6f\n", got, want);
	return false;
}

static void
captures(void)
{
	struct usage u;
	struct sample first;

	CHECK(file("tests/fixtures/docker/stats-netnone-oneshot.json", 0) == SAMPLE_TAKEN);
	CHECK(s.memory == 9306112 - 8388608 && s.limit == 25276502016.0 && s.cpus == 2 && s.pids == 2 && !has_before);
	CHECK(s.read_ms == 1795212235761 && s.cpu_ns == 428884695 && s.system_ns == 1766550000000.0);
	CHECK(file("tests/fixtures/docker/stats-bridge-oneshot.json", 0) == SAMPLE_TAKEN);
	CHECK(s.rx == 1271 && s.tx == 656 && s.memory == 593920);
	/* stream=false without one-shot brings its own earlier reading: 4.03 % in `docker stats` */
	CHECK(file("tests/fixtures/docker/stats-nethost-limits-nostream.json", 5000) == SAMPLE_TAKEN);
	CHECK(has_before && usage_between(&before, &s, &u));
	CHECK(near(u.cpu, (566438298.0 - 487561414) / (1772510 - 1770550) / 1e6 * 2 * 100));
	CHECK(u.rx_rate == -1 && u.write_rate == -1);
	/* podman: "system" is the time the host was busy; its own clock is right */
	CHECK(file("tests/fixtures/podman/stats-nethost-memlimit-oneshot.json", 0) == SAMPLE_TAKEN);
	CHECK(s.system_ns == 0 && s.memory == 659456 && s.limit == 134217728 && !has_before);
	first = s;
	s.at_ms += 1000;
	s.read_ms += 1000;
	s.cpu_ns += 250e6;
	s.system_ns += 300e6;
	CHECK(usage_between(&first, &s, &u) && near(u.cpu, 25));
	CHECK(file("tests/fixtures/podman/stats-stream.ndjson", 0) == SAMPLE_TAKEN && !has_before);	/* a pair 2 ms apart */
	CHECK(file("tests/fixtures/podman/stats-bridge-nostream.json", 0) == SAMPLE_TAKEN && s.rx == 612 && !has_before);
}

static void
cgroup2(void)
{
	struct sample first;
	struct usage u;

	CHECK(file("tests/fixtures/docker/made-cgroup2-oneshot-1.json", 10000) == SAMPLE_TAKEN);
	first = s;
	CHECK(s.memory == 536870912 - 272629760 && s.cpus == 8 && s.read == 4100096 && s.written == 1048576 && s.pids == 7);
	CHECK(s.rx == 1000024 && s.tx == 500012);
	CHECK(file("tests/fixtures/docker/made-cgroup2-oneshot-2.json", 13000) == SAMPLE_TAKEN);
	CHECK(usage_between(&first, &s, &u));
	CHECK(near(u.cpu, 200) && near(u.rx_rate, 1000) && near(u.tx_rate, 500) && near(u.read_rate, 10000) && u.write_rate == 0);
	CHECK(file("tests/fixtures/docker/made-cgroup2-nostream.json", 13000) == SAMPLE_TAKEN && has_before);
	CHECK(before.at_ms == 10000 && usage_between(&before, &s, &u) && near(u.cpu, 200));
}

/* Two readings of one container, and the cpu they make; -1: they do not compare. */
static const struct {
	struct sample from, to;
	double cpu;
} pairs[] = {
	{{.at_ms = 0, .cpu_ns = 0, .system_ns = 1e12}, {.at_ms = 1000, .cpu_ns = 1e8, .system_ns = 1e12 + 4e9, .cpus = 4}, 10},
	{{.at_ms = 0, .cpu_ns = 5e9, .system_ns = 1e12}, {.at_ms = 1000, .cpu_ns = 1e8, .system_ns = 1e12 + 4e9, .cpus = 4}, -1},
	{{.at_ms = 0, .system_ns = 1e12}, {.at_ms = 50, .cpu_ns = 1e7, .system_ns = 1e12 + 2e8, .cpus = 4}, -1},	/* too close */
	{{.at_ms = 9}, {.at_ms = 9, .cpu_ns = 1e7}, -1},
	{{.at_ms = 0}, {.at_ms = 1000, .cpu_ns = 5e8, .cpus = 4}, 50},	/* no system_cpu_usage: by the clock */
	{{.at_ms = 0, .system_ns = 2e12}, {.at_ms = 1000, .cpu_ns = 5e8, .system_ns = 1e12, .cpus = 4}, 50},	/* it went back */
	{{.at_ms = 0, .system_ns = 1e12}, {.at_ms = 1000, .cpu_ns = 5e8, .system_ns = 1e12 + 2e9}, 50},	/* cores unknown */
	{{.at_ms = 0, .system_ns = 1e12}, {.at_ms = 1000, .cpu_ns = 5e15, .system_ns = 1e12 + 1, .cpus = 4}, 400},	/* capped */
	{{.at_ms = 0, .system_ns = 1e12}, {.at_ms = 1000, .system_ns = 1e12 + 4e9, .cpus = 4}, 0},
	/* their clock was set an hour back in between: ours counts */
	{{.at_ms = 0, .read_ms = 5000000}, {.at_ms = 1000, .read_ms = 1400000, .cpu_ns = 1e8, .cpus = 4}, 10},
	{{.at_ms = 0, .read_ms = 5000000}, {.at_ms = 1000, .read_ms = 5000000, .cpu_ns = 1e8, .cpus = 4}, 10},
	{{.at_ms = 0, .read_ms = 5000000}, {.at_ms = 1100, .read_ms = 5001000, .cpu_ns = 1e8, .cpus = 4}, 10},	/* theirs is finer */
};

static const struct {
	const char *json;
	enum sample_answer want;
} answers[] = {
	{"", SAMPLE_IDLE},
	{" \n", SAMPLE_IDLE},
	{"{\"read\":\"0001-01-01T00:00:00Z\",\"cpu_stats\":{\"cpu_usage\":{\"total_usage\":0}}}", SAMPLE_IDLE},
	{"{\"cpu_stats\":{\"cpu_usage\":{\"total_usage\":7}}}", SAMPLE_TAKEN},
	{"{\"cpu_stats\":{\"cpu_usage\":{\"total_usage\":-7}}}", SAMPLE_GARBLED},
	{"{\"cpu_stats\":{\"cpu_usage\":{\"total_usage\":\"7\"}}}", SAMPLE_GARBLED},
	{"{\"cpu_stats\":null}", SAMPLE_GARBLED},
	{"{\"message\":\"No such container: x\"}", SAMPLE_GARBLED},
	{"[]", SAMPLE_GARBLED},
	{"{\"cpu_stats\":{\"cpu_usage\":{\"total_usage\":7}}", SAMPLE_GARBLED},
	{"<html>", SAMPLE_GARBLED},
};

static void
odd_members(void)
{
	CHECK(text("{\"cpu_stats\":{\"cpu_usage\":{\"total_usage\":7,\"percpu_usage\":[1,2,4]}},\"networks\":[],\"memory_stats\":"
		   "{\"usage\":-5,\"limit\":18446744073709551615,\"stats\":{\"inactive_file\":9}},\"blkio_stats\":"
		   "{\"io_service_bytes_recursive\":[{\"op\":\"Total\",\"value\":9},{\"op\":\"Write\",\"value\":4},{\"op\":7},"
		   "{\"op\":\"Read\",\"value\":\"5\"},null]},\"pids_stats\":{\"current\":-1},\"read\":\"yesterday\"}", 3) == SAMPLE_TAKEN);
	CHECK(s.cpus == 3 && s.memory == 0 && s.limit == 0 && s.rx == 0 && s.read == 0 && s.written == 4 && s.pids == -1 &&
	    s.read_ms == 0 && s.at_ms == 3);
	CHECK(text("{\"cpu_stats\":{\"cpu_usage\":{\"total_usage\":1e400}}}", 3) == SAMPLE_GARBLED);
	/* more cache than usage: cannot be, so it is not taken off */
	CHECK(text("{\"cpu_stats\":{\"cpu_usage\":{\"total_usage\":7}},\"memory_stats\":{\"usage\":5,\"stats\":{\"inactive_file\":9}}}",
		  3) == SAMPLE_TAKEN && s.memory == 5);
}

static void
written(void)
{
	struct usage u = {.cpu = 12.345, .memory = 536870912, .limit = 1073741824, .rx = 1000, .tx = 3, .read = 2097152,
	    .rx_rate = 10.5, .tx_rate = -1, .read_rate = -1, .write_rate = 0, .pids = -1};
	struct strbuf b = {0};

	usage_write(&u, &b);
	CHECK_STR(b.s, "\"cpu\":12.35,\"memory\":{\"usage_bytes\":536870912,\"limit_bytes\":1073741824,\"usage_mb\":512,\"limit_mb\":1024,"
		       "\"usage_percent\":50},\"network\":{\"rx_bytes\":1000,\"tx_bytes\":3,\"rx_mb\":0,\"tx_mb\":0,"
		       "\"rx_bytes_per_second\":10.5},\"block_io\":{\"read_bytes\":2097152,\"write_bytes\":0,\"read_mb\":2,\"write_mb\":0,"
		       "\"write_bytes_per_second\":0}");
	strbuf_reset(&b);
	u = (struct usage){0};
	usage_write(&u, &b);
	CHECK(strstr(b.s, "\"usage_percent\":0}") && strstr(b.s, "\"pids\":0"));
	strbuf_free(&b);
}

int
main(void)
{
	captures();
	cgroup2();
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		struct usage u;
		double got = usage_between(&pairs[i].from, &pairs[i].to, &u) ? u.cpu : -1;

		CHECK(near(got, pairs[i].cpu));
		if (fabs(got - pairs[i].cpu) >= 0.005)
			fprintf(stderr, "  in pair %zu\n", i);
	}
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
		CHECK(text(answers[i].json, 0) == answers[i].want);
	odd_members();
	written();
	return check_done();
}
