#include <math.h>
#include <string.h>

#include "collectors/sample.h"
#include "lib/json.h"
#include "lib/stamp.h"

/* An engine without limits reports about 2^63; no machine has that. */
#define NO_LIMIT 4611686018427387904.0
enum {
	/* The engine's own two readings are about 1 s apart; podman's first pair is 2 ms apart, and worth nothing. */
	BEFORE_MIN_MS = 500,
	/* Two readings closer than this say nothing about a rate: the host's clock ticks every 10 ms. */
	WINDOW_MIN_MS = 100,
};

static double
amount(struct span object, const char *path)
{
	double v;

	return json_number(json_path(object, path), &v) && v > 0 ? v : 0;
}

static int64_t
read_time(struct span v)
{
	int64_t ms;

	return json_is(v, '"') && v.len > 2 && stamp_parse(v.p + 1, v.len - 2, &ms) && ms > 0 ? ms : 0;
}

/* Docker's own rule: the page cache that is not in use does not count, where the engine tells it. */
static void
sample_memory(struct span memory, struct sample *out)
{
	struct span stats = json_member(memory, "stats");
	double cache;

	out->memory = amount(memory, "usage");
	out->limit = amount(memory, "limit");
	if (out->limit >= NO_LIMIT)
		out->limit = 0;
	if (!json_number(json_member(stats, "total_inactive_file"), &cache) &&	/* cgroup v1 */
	    !json_number(json_member(stats, "inactive_file"), &cache))	/* cgroup v2 */
		return;
	if (cache > 0 && cache < out->memory)
		out->memory -= cache;
}

static void
sample_network(struct span networks, struct sample *out)
{
	struct json_iter it = json_iter(networks);
	struct span key, v;

	while (json_is(networks, '{') && json_next_member(&it, &key, &v)) {
		out->rx += amount(v, "rx_bytes");
		out->tx += amount(v, "tx_bytes");
	}
}

/* cgroup v1 says "Read", v2 "read"; the rest (Sync, Async, Total) would count bytes twice. */
static void
sample_block_io(struct span list, struct sample *out)
{
	struct json_iter it = json_iter(list);
	struct span v, op;

	while (json_is(list, '[') && json_next_element(&it, &v)) {
		op = json_member(v, "op");
		if (!json_is(op, '"') || op.len < 3)
			continue;
		if (op.p[1] == 'r' || op.p[1] == 'R')
			out->read += amount(v, "value");
		else if (op.p[1] == 'w' || op.p[1] == 'W')
			out->written += amount(v, "value");
	}
}

/* podman's "system" is the time the host was busy, not all time: of no use, so its clock is taken instead. */
static bool
from_podman(struct span doc, struct span cpu)
{
	return json_member(cpu, "cpu").p || (json_member(doc, "Id").p && !json_member(doc, "id").p);
}

static double
count(struct span list)
{
	struct json_iter it = json_iter(list);
	struct span v;
	double n = 0;

	while (json_is(list, '[') && json_next_element(&it, &v))
		n++;
	return n;
}

static bool
sample_cpu(struct span doc, struct span cpu, struct sample *out)
{
	if (!json_number(json_path(cpu, "cpu_usage.total_usage"), &out->cpu_ns) || out->cpu_ns < 0)
		return false;
	out->system_ns = from_podman(doc, cpu) ? 0 : amount(cpu, "system_cpu_usage");
	out->cpus = amount(cpu, "online_cpus");
	if (out->cpus < 1)
		out->cpus = count(json_path(cpu, "cpu_usage.percpu_usage"));
	return true;
}

static bool
sample_before(struct span doc, const struct sample *now, struct sample *out)
{
	*out = (struct sample){.read_ms = read_time(json_member(doc, "preread")), .rx = HUGE_VAL, .tx = HUGE_VAL,
	    .read = HUGE_VAL, .written = HUGE_VAL, .pids = -1};
	if (!now->read_ms || !out->read_ms || now->read_ms - out->read_ms < BEFORE_MIN_MS)
		return false;
	out->at_ms = now->at_ms - (now->read_ms - out->read_ms);
	return sample_cpu(doc, json_member(doc, "precpu_stats"), out) && out->cpu_ns > 0;
}

enum sample_answer
sample_read(const char *s, size_t len, int64_t at_ms, struct sample *now,
    struct sample *before, bool *has_before)
{
	struct span doc = json_trim(s, len), read;
	size_t at;

	*has_before = false;
	if (!doc.len)
		return SAMPLE_IDLE;	/* podman's answer for one that has exited */
	if (json_check(s, len, &at) != JSON_OK || !json_is(doc, '{'))
		return SAMPLE_GARBLED;
	*now = (struct sample){.at_ms = at_ms};
	read = json_member(doc, "read");
	if (json_is(read, '"') && read.len > 5 && !memcmp(read.p + 1, "0001", 4))
		return SAMPLE_IDLE;	/* Docker's */
	if (!sample_cpu(doc, json_member(doc, "cpu_stats"), now))
		return SAMPLE_GARBLED;
	now->read_ms = read_time(read);
	sample_memory(json_member(doc, "memory_stats"), now);
	sample_network(json_member(doc, "networks"), now);
	sample_block_io(json_path(doc, "blkio_stats.io_service_bytes_recursive"), now);
	if (!json_number(json_path(doc, "pids_stats.current"), &now->pids) || now->pids < 0)
		now->pids = -1;
	*has_before = sample_before(doc, now, before);
	return SAMPLE_TAKEN;
}

/*
 * From one reading to the next, ms. The engine's clock is exact; where it was set in between, or stands
 * still, ours is near enough.
 */
static double
elapsed(const struct sample *from, const struct sample *to)
{
	double ours = (double)(to->at_ms - from->at_ms), theirs = (double)(to->read_ms - from->read_ms);

	if (from->read_ms && to->read_ms && theirs > 0 && fabs(theirs - ours) <= 250 + ours / 4)
		return theirs;
	return ours;
}

static double
cpu_percent(const struct sample *from, const struct sample *to, double ms)
{
	double used = to->cpu_ns - from->cpu_ns, system = to->system_ns - from->system_ns, percent;

	if (from->system_ns > 0 && system > 0 && to->cpus >= 1)
		percent = used / system * to->cpus * 100;
	else
		percent = used / (ms * 1e6) * 100;
	return to->cpus >= 1 ? fmin(percent, to->cpus * 100) : percent;
}

static double
rate(double from, double to, double ms)
{
	return to < from ? -1 : (to - from) * 1000 / ms;
}

void
usage_still(const struct sample *now, struct usage *out)
{
	*out = (struct usage){.cpus = now->cpus, .memory = now->memory, .limit = now->limit, .rx = now->rx, .tx = now->tx,
	    .read = now->read, .written = now->written, .pids = now->pids, .rx_rate = -1, .tx_rate = -1, .read_rate = -1,
	    .write_rate = -1};
}

bool
usage_between(const struct sample *from, const struct sample *to, struct usage *out)
{
	double ms = elapsed(from, to);

	if (ms < WINDOW_MIN_MS || to->cpu_ns < from->cpu_ns)
		return false;
	usage_still(to, out);
	out->cpu = cpu_percent(from, to, ms);
	out->rx_rate = rate(from->rx, to->rx, ms);
	out->tx_rate = rate(from->tx, to->tx, ms);
	out->read_rate = rate(from->read, to->read, ms);
	out->write_rate = rate(from->written, to->written, ms);
	return true;
}

static void
add_bytes(struct strbuf *b, const char *one, double v1, const char *two, double v2)
{
	strbuf_addf(b, "\"%s_bytes\":", one);
	strbuf_addround(b, v1, 0);
	strbuf_addf(b, ",\"%s_bytes\":", two);
	strbuf_addround(b, v2, 0);
	strbuf_addf(b, ",\"%s_mb\":", one);
	strbuf_addround(b, v1 / 1048576, 2);
	strbuf_addf(b, ",\"%s_mb\":", two);
	strbuf_addround(b, v2 / 1048576, 2);
}

static void
add_rate(struct strbuf *b, const char *name, double v)
{
	if (v < 0)
		return;
	strbuf_addf(b, ",\"%s_bytes_per_second\":", name);
	strbuf_addround(b, v, 2);
}

void
usage_write(const struct usage *u, struct strbuf *b)
{
	strbuf_adds(b, "\"cpu\":");
	strbuf_addround(b, u->cpu, 2);
	strbuf_adds(b, ",\"memory\":{");
	add_bytes(b, "usage", u->memory, "limit", u->limit);
	strbuf_adds(b, ",\"usage_percent\":");
	strbuf_addround(b, u->limit > 0 ? u->memory / u->limit * 100 : 0, 2);
	strbuf_adds(b, "},\"network\":{");
	add_bytes(b, "rx", u->rx, "tx", u->tx);
	add_rate(b, "rx", u->rx_rate);
	add_rate(b, "tx", u->tx_rate);
	strbuf_adds(b, "},\"block_io\":{");
	add_bytes(b, "read", u->read, "write", u->written);
	add_rate(b, "read", u->read_rate);
	add_rate(b, "write", u->write_rate);
	strbuf_addc(b, '}');
	if (u->pids >= 0) {
		strbuf_adds(b, ",\"pids\":");
		strbuf_addround(b, u->pids, 0);
	}
}
