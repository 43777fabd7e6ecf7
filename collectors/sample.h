#ifndef COLLECTORS_SAMPLE_H
#define COLLECTORS_SAMPLE_H

/*
 * The figures of one container: counters of a moment, read from the Engine API's stats, and what two
 * such moments say, by the formulas of `docker stats`. Right on cgroup v1 and v2, and for podman. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/strbuf.h"

/* Bytes and nanoseconds since the container started; never negative. */
struct sample {
	int64_t at_ms;		/* when the answer came, on the reader's monotonic clock */
	int64_t read_ms;	/* when the engine read them, on its own clock; 0: it does not say */
	double cpu_ns;
	double system_ns;	/* of the whole host, idle included; 0: the engine does not say, or says something else */
	double cpus;		/* cores that are online; 0: unknown */
	double memory, limit;	/* page cache that could be dropped at once taken off; limit 0: unknown */
	double rx, tx;		/* all networks together */
	double read, written;	/* block devices */
	double pids;		/* -1: unknown */
};

enum sample_answer {
	SAMPLE_TAKEN,
	SAMPLE_IDLE,	/* it does not run, or no longer */
	SAMPLE_GARBLED,	/* not what the API describes */
};

/*
 * An answer of GET /containers/ID/stats. An engine that waited for two readings of its own (stream=false
 * without one-shot) gives the earlier one too: *has_before, *before with its CPU counters only
 * (the others are infinite, so that no rate comes of them).
 */
enum sample_answer sample_read(const char *text, size_t len, int64_t at_ms, struct sample *now, struct sample *before,
    bool *has_before);

/* {0} is that of a container that does not run: it uses nothing. Rates are bytes a second, -1: unknown. */
struct usage {
	double cpu;	/* percent, 100 is one core; never above cpus * 100 */
	double cpus;
	double memory, limit, rx, tx, read, written, pids;
	double rx_rate, tx_rate, read_rate, write_rate;
};

/*
 * cpu = used / (what the host had, all cores) * cores * 100; where the engine does not tell what the host
 * had, used / time. False: these two do not compare (too close together, or it restarted in between).
 */
bool usage_between(const struct sample *from, const struct sample *to, struct usage *out);
/* What one moment alone says: no cpu, no rates. */
void usage_still(const struct sample *now, struct usage *out);
/* "cpu":0.5,"memory":{...},"network":{...},"block_io":{...},"pids":2 for the middle of an object. */
void usage_write(const struct usage *, struct strbuf *out);

#endif
