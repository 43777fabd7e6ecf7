#include <string.h>

#include "katoctl/meter.h"
#include "lib/record.h"

void
meter_count(struct meter *m, int64_t mono, uint64_t lines, uint64_t bytes)
{
	struct meter_sample s = {mono, lines, bytes};

	if (!m->running)
		m->older = m->newer = s;
	else if (mono - m->newer.mono >= METER_SAMPLE_MS) {
		m->older = m->newer;
		m->newer = s;
	}
	m->running = true;
}

struct meter_rate
meter_rate(const struct meter *m, int64_t mono, uint64_t lines, uint64_t bytes)
{
	int64_t ms = mono - m->older.mono;

	if (!m->running || ms <= 0 || lines < m->older.lines || bytes < m->older.bytes)
		return (struct meter_rate){0, 0};
	return (struct meter_rate){
		(double)(lines - m->older.lines) * 1000 / (double)ms,
		(double)(bytes - m->older.bytes) * 1000 / (double)ms,
	};
}

void
meter_look(struct meter *m, int64_t mono, const char *p, size_t n)
{
	const char *nl;
	struct record r;

	if (!n || (m->looked && mono - m->looked < METER_LOOK_MS))
		return;
	m->looked = mono;
	if (p[n - 1] == '\n')
		n--;
	nl = memrchr(p, '\n', n);
	if (nl) {
		n -= (size_t)(nl + 1 - p);
		p = nl + 1;
	}
	if (record_parse(p, n, &r) != RECORD_OK || !r.stamped)
		return;
	m->stamped = true;
	m->stamp_ms = r.ms;
}

bool
meter_lag(const struct meter *m, int64_t now_ms, double *out)
{
	if (m->stamped)
		*out = (double)(now_ms - m->stamp_ms) / 1000;
	return m->stamped;
}
