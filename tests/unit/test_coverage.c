#include <stdlib.h>

#include "check.h"
#include "collectors/coverage.h"

/* A KATO with several workers, and a clock that steps by 5 ms. */
enum { STEP_MS = 5, RTT_MS = 5, SLOTS = 8, MAX_WORKERS = 8 };

enum names { NAMED, NAMELESS, ALL_THE_SAME, EACH_ANOTHER };

struct world {
	struct coverage c;
	unsigned workers;
	double share[MAX_WORKERS];	/* of the connections */
	enum names names;
	int on[COVERAGE_SLOTS_MAX];	/* the worker a slot is on, -1: none */
	int64_t lands[COVERAGE_SLOTS_MAX];	/* it lands then, 0: not dialing */
	bool ask[COVERAGE_SLOTS_MAX];
	int64_t now;
	unsigned dials, most;
	uint64_t events;
	int counted[MAX_WORKERS];	/* steps until the count shows what nobody heard */
};

static double
chance(void)
{
	return (double)random() / ((double)RAND_MAX + 1);
}

static int
pick(const struct world *w)
{
	double x = chance();
	unsigned i;

	for (i = 0; i + 1 < w->workers; i++)
		if ((x -= w->share[i]) < 0)
			break;
	return (int)i;
}

static void
world_init(struct world *w, unsigned workers, const double *share, enum names names)
{
	*w = (struct world){.workers = workers, .names = names, .now = 1000};
	for (unsigned i = 0; i < workers; i++)
		w->share[i] = share ? share[i] : 1.0 / workers;
	for (int i = 0; i < COVERAGE_SLOTS_MAX; i++)
		w->on[i] = -1;
	coverage_init(&w->c, SLOTS, (uint64_t)random());
	coverage_answers(&w->c, true);
}

static uint64_t
name_of(struct world *w, int worker)
{
	switch (w->names) {
	case NAMED: return 100 + (uint64_t)worker;
	case NAMELESS: return 0;
	case ALL_THE_SAME: return 7;
	default: return 1000 + w->dials;
	}
}

static void
land(struct world *w, int slot)
{
	int worker = pick(w);

	w->lands[slot] = 0;
	if (w->ask[slot] && !coverage_landed(&w->c, slot, name_of(w, worker), w->now))
		return;
	coverage_up(&w->c, slot, w->now);
	w->on[slot] = worker;
}

static void
step(struct world *w)
{
	unsigned open = 0;
	bool ask;
	int slot;

	w->now += STEP_MS;
	for (int i = 0; i < SLOTS; i++)
		if (w->lands[i] && w->now >= w->lands[i])
			land(w, i);
	coverage_turn(&w->c, w->now);
	while ((slot = coverage_dial(&w->c, w->now, &ask)) >= 0) {
		w->dials++;
		w->ask[slot] = ask;
		w->lands[slot] = w->now + RTT_MS;
	}
	if ((slot = coverage_surplus(&w->c, w->now)) >= 0)
		w->on[slot] = -1;
	for (int i = 0; i < SLOTS; i++)
		open += w->on[i] >= 0 || w->lands[i];
	if (open > w->most)
		w->most = open;
	for (unsigned i = 0; i < w->workers; i++)
		if (w->counted[i] && !--w->counted[i])
			coverage_missed(&w->c, w->now);
}

static void
run(struct world *w, int64_t ms)
{
	for (int64_t end = w->now + ms; w->now < end;)
		step(w);
}

static bool
covered(const struct world *w, int worker)
{
	for (int i = 0; i < SLOTS; i++)
		if (w->on[i] == worker)
			return true;
	return false;
}

/* An event on a worker; was it heard? */
static bool
event(struct world *w, int worker)
{
	uint64_t key = ++w->events;

	for (int i = 0; i < SLOTS; i++)
		if (w->on[i] == worker)
			coverage_heard(&w->c, i, key, w->now);
	if (covered(w, worker))
		return true;
	w->counted[worker] = 3000 / STEP_MS;
	return false;
}

/* The share of events that were heard over many starts: n events each, gap_ms apart, after a warm-up of other events. */
static double
heard(enum names names, unsigned workers, const double *share, int warm, int n, int gap_ms, unsigned *most_dials)
{
	static struct world w;
	double good = 0;

	*most_dials = 0;
	for (int trial = 0; trial < 250; trial++) {
		world_init(&w, workers, share, names);
		run(&w, 2500);
		for (int i = 0; i < warm; i++) {
			event(&w, (int)(chance() * workers));
			run(&w, gap_ms);
		}
		for (int i = 0; i < n; i++) {
			good += event(&w, (int)(chance() * workers));
			run(&w, gap_ms);
		}
		CHECK(w.most <= SLOTS);
		if (w.dials > *most_dials)
			*most_dials = w.dials;
	}
	return good / (250.0 * n);
}

static const double skewed[] = {0.63, 0.23, 0.09, 0.05};

static const struct {
	const char *what;
	enum names names;
	unsigned workers;
	const double *share;
	int warm, n, gap_ms;
	double least;
	unsigned dials;
} cases[] = {
	{"named, from the first event on", NAMED, 4, NULL, 0, 5, 200, 0.99, 200},
	{"named, skewed", NAMED, 4, skewed, 0, 5, 200, 0.95, 300},
	{"named, one worker", NAMED, 1, NULL, 0, 5, 200, 1, 120},
	{"named, eight workers", NAMED, 8, NULL, 0, 5, 200, 0.98, 400},
	{"nameless, warmed up by 20 events", NAMELESS, 4, NULL, 20, 100, 300, 0.98, 200},
	{"nameless, cold", NAMELESS, 4, NULL, 0, 250, 300, 0.97, 200},
	{"nameless, skewed", NAMELESS, 4, skewed, 20, 250, 300, 0.95, 300},
	{"nameless, an event every 5 s", NAMELESS, 4, NULL, 20, 50, 5000, 0.97, 200},
	{"all say the same", ALL_THE_SAME, 4, NULL, 20, 250, 300, 0.97, 300},
	{"each time another name", EACH_ANOTHER, 4, NULL, 20, 250, 300, 0.97, 300},
};

/* One KATO for long: all events heard, then quiet; a worker dies and comes back. */
static void
a_worker_dies(void)
{
	static struct world w;
	unsigned dials;

	world_init(&w, 4, NULL, NAMED);
	run(&w, 3000);
	for (int i = 0; i < 4; i++)
		CHECK(covered(&w, i));
	dials = w.dials;
	run(&w, 600000);
	CHECK(w.dials == dials);	/* at rest */
	for (int i = 0; i < SLOTS; i++)
		if (w.on[i] == 2) {
			w.on[i] = -1;
			coverage_lost(&w.c, i, w.now);
		}
	run(&w, 3000);
	CHECK(w.dials > dials && covered(&w, 2));
}

/* KATO is gone: nobody is dialed; when connections fail, ever more seldom. */
static void
kato_gone(void)
{
	struct coverage c;
	unsigned dials = 0;
	bool ask;
	int slot;

	coverage_init(&c, SLOTS, 5);
	CHECK(coverage_dial(&c, 1000, &ask) < 0);
	coverage_answers(&c, true);
	for (int64_t now = 1000; now < 61000; now += STEP_MS)
		if ((slot = coverage_dial(&c, now, &ask)) >= 0) {
			dials++;
			coverage_lost(&c, slot, now);
		}
	CHECK(dials > 40 && dials < 120);	/* 8 slots; 250 ms, doubled up to 15 s */
	CHECK(!c.asks);		/* it might be the question that KATO does not like */
	CHECK(coverage_wait(&c, 61000) > 0);
	coverage_answers(&c, false);
	for (int64_t now = 61000; now < 91000; now += STEP_MS)
		CHECK(coverage_dial(&c, now, &ask) < 0);
	coverage_answers(&c, true);
	CHECK(coverage_dial(&c, 91000, &ask) >= 0 && ask);
}

/* Events that none of our connections can hear, say of another KATO: searches become rare. */
static void
deaf_by_nature(void)
{
	static struct world w;

	world_init(&w, 4, NULL, NAMED);
	run(&w, 3000);
	w.dials = 0;
	for (int i = 0; i < 3600; i++) {
		coverage_missed(&w.c, w.now);
		run(&w, 1000);
	}
	CHECK(w.dials < 1600);	/* in an hour: about 12 searches of 100 and the refilling */
}

int
main(void)
{
	unsigned dials;

	srandom(1);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		double got = heard(cases[i].names, cases[i].workers, cases[i].share, cases[i].warm, cases[i].n, cases[i].gap_ms, &dials);

		printf("%s: %.2f %% heard, at most %u dials\n", cases[i].what, got * 100, dials);
		CHECK(got >= cases[i].least);
		CHECK(dials <= cases[i].dials);
	}
	a_worker_dies();
	kato_gone();
	deaf_by_nature();
	return check_done();
}
