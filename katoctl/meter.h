#ifndef KATOCTL_METER_H
#define KATOCTL_METER_H

/*
 * How fast a stage moves lines, and how old the last of them is. Pure: times are handed in, mono ones are
 * monotonic, all in ms. {0} is a fresh meter.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	METER_SAMPLE_MS = 5000,	/* a rate is the mean since the sample before the last: of one to two of these */
	METER_LOOK_MS = 100,	/* lines are looked at so often at most: the rest are not read here */
};

struct meter_sample {
	int64_t mono;
	uint64_t lines, bytes;
};

struct meter {
	struct meter_sample older, newer;
	bool running;		/* has samples */
	bool stamped;		/* a record with a time stamp was seen: stamp_ms is that of the last */
	int64_t stamp_ms;
	int64_t looked;		/* mono */
};

struct meter_rate {
	double lines, bytes;	/* a second */
};

/* The counters now; to be called now and then, any number of times. */
void meter_count(struct meter *, int64_t mono, uint64_t lines, uint64_t bytes);
struct meter_rate meter_rate(const struct meter *, int64_t mono, uint64_t lines, uint64_t bytes);
/* Whole lines passed; the last one's time stamp is kept. */
void meter_look(struct meter *, int64_t mono, const char *p, size_t n);
/* Seconds from the last time stamp to now (wall clock); it may lie ahead. False: none was seen. */
bool meter_lag(const struct meter *, int64_t now_ms, double *out);

#endif
