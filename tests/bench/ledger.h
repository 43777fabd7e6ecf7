#ifndef BENCH_LEDGER_H
#define BENCH_LEDGER_H

/* What was fed and what came of it: of one phase of a measurement, messages numbered from first on. Times are monotonic us. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ledger {
	uint64_t first;
	size_t count, readers;	/* messages; clients that are to get each */
	uint64_t *sent;		/* when each was fed; 0: not yet */
	uint64_t *last;		/* when its last client had it, so far */
	uint32_t *got;		/* how many have it */
	uint32_t *delay;	/* count rows of readers; NULL: not wanted */
	size_t fed, complete;	/* complete: all before it have reached everybody */
	uint64_t delivered;
};

struct ledger_times {
	double p50, p99, max;		/* ms, over all deliveries */
	double last;			/* median over messages of the last client's */
	double p99_each;		/* median over messages of each message's p99 */
};

/* The caller frees with ledger_free. */
void ledger_begin(struct ledger *, uint64_t first, size_t count, size_t readers, bool delays);
void ledger_sent(struct ledger *, uint64_t now);	/* the next one */
void ledger_got(struct ledger *, uint64_t number, uint64_t now);	/* numbers of other phases are ignored */
bool ledger_done(const struct ledger *);
/* Zeros without delays, or where nothing came. Sorts the delays. */
struct ledger_times ledger_times(struct ledger *);
void ledger_free(struct ledger *);

#endif
