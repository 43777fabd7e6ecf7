/*
 * recording BYTES [CONTAINERS]: about so many bytes of a KATO pipeline's records, as the collectors write them, the same
 * each time. 4 to 20 containers, or as many as told; CPU spikes, containers that die and come back, a source that goes down.
 */

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/stamp.h"

static uint64_t seed = 88172645463325252u;
static char stamp[STAMP_LEN + 1];
static uint64_t written;

static unsigned
roll(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 33) % n;
}

static void __attribute__((format(printf, 1, 2)))
put(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	written += (uint64_t)vprintf(fmt, ap);
	va_end(ap);
}

static void
metrics(int tick)
{
	int n = (int)roll(6);

	put("{\"type\":\"metrics\",\"timestamp\":\"%s\",\"source\":\"kato-metrics\",\"data\":{\"timestamp\":%d.%03u,", stamp, 1795212000 + tick * 3, roll(1000));
	put("\"sessions\":{\"total_created\":0,\"total_deleted\":0,\"active\":%u,\"operations_total\":0},", roll(60));
	put("\"performance\":{\"total_requests\":%d,\"total_errors\":%d,\"error_rate\":%.4f,\"error_rate_source\":\"kato_requests_failed/kato_requests_total, 60 s\","
	    "\"average_response_time\":0.0%u},", tick * 40, tick / 3, roll(400) ? roll(300) / 10000.0 : 0.12, 10000 + roll(90000));
	put("\"resources\":{\"cpu_percent\":%u.%u,\"memory_percent\":%u.%u,\"disk_percent\":41.2},", roll(90), roll(10), roll(90), roll(10));
	put("\"databases\":{\"clickhouse\":{\"operations\":0,\"errors\":0,\"avg_response_time\":0},\"qdrant\":{\"operations\":0,\"errors\":0,"
	    "\"avg_response_time\":0},\"redis\":{\"operations\":0,\"errors\":0,\"avg_response_time\":0}},");
	put("\"rates\":{\"requests_per_second\":%u.%u,\"requests_per_minute\":%u.0,\"errors_per_minute\":0},\"requests\":{\"total\":%d,\"per_second\":%u.5},",
	    roll(40), roll(10000), roll(2400), tick * 40, roll(40));
	put("\"processor_manager\":{\"total_processors\":%d,\"max_processors\":100,\"eviction_ttl_seconds\":3600,\"processors\":[", n);
	for (int i = 0; i < n; i++)
		put("%s{\"processor_id\":\"node_%d_kato\",\"node_id\":\"node-%d\",\"created_at\":\"%s\",\"last_accessed\":\"%s\",\"access_count\":%u,\"idle_seconds\":%u.%u}",
		    i ? "," : "", i, i, stamp, stamp, roll(10000), roll(600), roll(1000));
	put("]}}}\n");
}

static void
container(int i, const char *status)
{
	static const char *const names[] = {"kato", "kato-clickhouse", "kato-qdrant", "kato-redis", "kato-worker"};
	unsigned long long used = 1048576ull * (20 + roll(4000)), rx = roll(2000000000), tx = roll(2000000000);

	put("{\"name\":\"%s", names[i < 4 ? i : 4]);
	if (i > 3)
		put("-%d", i - 3);
	put("\",\"id\":\"%012x\",\"image\":\"registry.example/kato/%s:3.10.1\",\"status\":\"%s\",\"health\":\"%s\",\"restart_count\":%u,\"cpu\":%u.%02u,",
	    i * 7919 + 123457, names[i < 4 ? i : 4], status, roll(3000) ? "healthy" : "unhealthy", roll(3), roll(120), roll(100));
	put("\"memory\":{\"usage_bytes\":%llu,\"limit_bytes\":33567866880,\"usage_mb\":%.2f,\"limit_mb\":32012.81,\"usage_percent\":%.2f},",
	    used, (double)used / 1048576, (double)used / 335678668.8);
	put("\"network\":{\"rx_bytes\":%llu,\"tx_bytes\":%llu,\"rx_mb\":%.2f,\"tx_mb\":%.2f,\"rx_bytes_per_second\":%u.%u,\"tx_bytes_per_second\":%u.%u},",
	    rx, tx, (double)rx / 1048576, (double)tx / 1048576, roll(90000), roll(10), roll(90000), roll(10));
	put("\"block_io\":{\"read_bytes\":%u,\"write_bytes\":%u,\"read_mb\":%u.5,\"write_mb\":%u.25},\"pids\":%u,\"timestamp\":\"%s\"}",
	    roll(2000000000), roll(2000000000), roll(2000), roll(2000), 1 + roll(200), stamp);
}

static void
containers(int tick, int n)
{
	unsigned cpu = tick % 997 < 30 ? 85 + roll(14) : roll(70);

	put("{\"type\":\"containers\",\"timestamp\":\"%s\",\"source\":\"docker-stats\",\"data\":{\"aggregated\":{\"total_cpu_percent\":%u.25,"
	    "\"host_cpu_percent\":%u.%02u,\"online_cpus\":8,\"total_memory_mb\":%u.75,\"total_memory_limit_mb\":128051.24,\"total_memory_percent\":%u.%02u,"
	    "\"container_count\":%d,\"timestamp\":\"%s\"},\"containers\":[", stamp, cpu * 8, cpu, roll(100), roll(30000), roll(60), roll(100), n, stamp);
	for (int i = 0; i < n; i++) {
		if (i)
			put(",");
		container(i, tick % 1511 < 5 && i == 3 ? "exited" : "running");
	}
	put("]}}\n");
}

static void
status(const char *source, bool down)
{
	put("{\"type\":\"source_status\",\"id\":\"%s\",\"timestamp\":\"%s\",\"source\":\"%s\",\"data\":{\"source\":\"%s\",\"status\":\"%s\",%s"
	    "\"since\":\"2026-11-20T22:00:00.000Z\",\"last_success\":\"%s\",\"duration_ms\":%u,\"interval_ms\":3000}}\n",
	    source, stamp, source, source, down ? "down" : "up", down ? "\"error\":\"http://localhost:8000/metrics: connection refused\"," : "",
	    stamp, roll(40));
}

static void
events(int tick)
{
	unsigned n = roll(4);

	for (unsigned i = 0; i < n; i++)
		put("{\"type\":\"session_event\",\"id\":\"s%d-%u\",\"event_type\":\"session_created\",\"timestamp\":\"%s\",\"source\":\"session-watch\","
		    "\"data\":{\"current_count\":%u,\"previous_count\":%u,\"delta\":1,\"time_since_last_event\":%u.%u,\"session_id\":\"session-%016llx-%d\","
		    "\"node_id\":\"caf\\u00e9-%u \xc3\xa9\"}}\n", tick, i, stamp, roll(60), roll(60), roll(100), roll(10), (unsigned long long)seed, tick, roll(9));
	if (!roll(500))
		put("{\"type\":\"container_event\",\"id\":\"c%d\",\"timestamp\":\"%s\",\"source\":\"docker-stats\",\"data\":{\"action\":\"%s\","
		    "\"name\":\"kato-redis\",\"container_id\":\"655dcd680d07\"}}\n", tick, stamp, roll(4) ? "start" : "oom");
}

int
main(int argc, char **argv)
{
	uint64_t bytes = argc > 1 ? strtoull(argv[1], NULL, 10) : 1 << 20;
	int n = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 0;

	for (int tick = 0; written < bytes; tick++) {
		stamp_format(1795212000000 + (int64_t)tick * 3000, stamp);
		if (tick % 10 == 0) {
			status("kato-metrics", tick % 3000 == 100);
			status("docker-stats", false);
			status("session-watch", false);
		}
		metrics(tick);
		containers(tick, n ? n : 4 + tick / 1000 % 17);
		put("{\"type\":\"sessions\",\"timestamp\":\"%s\",\"source\":\"session-watch\",\"data\":{\"active_count\":%u,\"total_count\":%u}}\n", stamp, roll(60), 60 + roll(9));
		events(tick);
	}
	return fflush(stdout) ? 1 : 0;
}
