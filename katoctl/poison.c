#include "katoctl/poison.h"

bool
poison_died(struct poison *p, uint64_t place, uint64_t end)
{
	if (p->deaths && p->place != place)
		p->deaths = 0;
	p->place = place;
	p->deaths++;
	if (p->deaths >= POISON_CAREFUL && end > p->careful_to)
		p->careful_to = end;
	if (p->deaths < POISON_DEATHS)
		return false;
	p->deaths = 0;
	return true;
}

bool
poison_careful(const struct poison *p, uint64_t place)
{
	return place < p->careful_to;
}

void
poison_relax(struct poison *p)
{
	p->careful_to = 0;
}
