#include <stdio.h>

#include "broadcaster/rollback.h"

static const double errors_max = 0.05, latency_max = 1, cpu_max = 0.8;

static bool
went_back(const struct rollback_sample *old, const struct rollback_sample *new)
{
	return new->sends < old->sends || new->send_errors < old->send_errors || new->messages < old->messages ||
	    new->abnormal < old->abnormal || new->cpu < old->cpu;
}

/* The newest sample that is a minute old; else the oldest. */
static int
begin_of(const struct rollback *r, int64_t now)
{
	int len = ROLLBACK_SECONDS + 1, i = (r->at - r->n + 1 + len) % len;

	for (int next; i != r->at; i = next) {
		next = (i + 1) % len;
		if (now - r->ms[next] < ROLLBACK_SECONDS * 1000)
			break;
	}
	return i;
}

static struct rollback_verdict
judge(const struct rollback_sample *a, const struct rollback_sample *b, double seconds, bool whole, int64_t disconnects_max)
{
	uint64_t bad = b->send_errors - a->send_errors, sends = b->sends - a->sends + bad;
	uint64_t messages = b->messages - a->messages, abnormal = b->abnormal - a->abnormal;
	double share = sends ? (double)bad / (double)sends : 0;
	double mean = messages ? (b->latency - a->latency) / (double)messages : 0;
	double cpu = seconds > 0 ? (b->cpu - a->cpu) / seconds : 0;

	if (abnormal > (uint64_t)disconnects_max)
		return (struct rollback_verdict){ROLLBACK_DISCONNECTS, (double)abnormal, (double)disconnects_max};
	if (!whole)
		return (struct rollback_verdict){0};
	if (sends >= ROLLBACK_SENDS_MIN && share > errors_max)
		return (struct rollback_verdict){ROLLBACK_ERRORS, share, errors_max};
	if (messages >= ROLLBACK_LATE_MIN && mean > latency_max)
		return (struct rollback_verdict){ROLLBACK_LATENCY, mean, latency_max};
	if (cpu > cpu_max)
		return (struct rollback_verdict){ROLLBACK_CPU, cpu, cpu_max};
	return (struct rollback_verdict){0};
}

struct rollback_verdict
rollback_feed(struct rollback *r, const struct rollback_sample *s, int64_t now, int64_t disconnects_max)
{
	struct rollback_verdict v;
	int begin;
	int64_t ms;

	if (r->n && (now < r->ms[r->at] || now - r->ms[r->at] > ROLLBACK_GAP_MS || went_back(&r->sample[r->at], s)))
		r->n = 0;
	r->at = (r->at + 1) % (ROLLBACK_SECONDS + 1);
	r->sample[r->at] = *s;
	r->ms[r->at] = now;
	if (r->n <= ROLLBACK_SECONDS)
		r->n++;
	begin = begin_of(r, now);
	ms = now - r->ms[begin];
	v = judge(&r->sample[begin], s, (double)ms / 1000, ms >= ROLLBACK_SECONDS * 1000, disconnects_max);
	if (!v.cause)
		r->tripped = false;
	else if (r->tripped)
		v.cause = ROLLBACK_NONE;
	else
		r->tripped = true;
	return v;
}

void
rollback_text(const struct rollback_verdict *v, char *out, int size)
{
	size_t n = (size_t)size;

	switch (v->cause) {
	case ROLLBACK_ERRORS:
		snprintf(out, n, "send errors %.1f %%, the limit is %.0f %%", v->value * 100, v->limit * 100);
		break;
	case ROLLBACK_LATENCY:
		snprintf(out, n, "mean latency %.2f s, the limit is %.0f s", v->value, v->limit);
		break;
	case ROLLBACK_DISCONNECTS:
		snprintf(out, n, "%.0f abnormal disconnects in a minute, the limit is %.0f", v->value, v->limit);
		break;
	case ROLLBACK_CPU:
		snprintf(out, n, "CPU %.0f %%, the limit is %.0f %%", v->value * 100, v->limit * 100);
		break;
	default:
		snprintf(out, n, "all is within its limits");
	}
}

const char *
rollback_name(enum rollback_cause cause)
{
	static const char *const names[ROLLBACK_CAUSES] = {"", "send_errors", "latency", "disconnects", "cpu"};

	return names[cause];
}
