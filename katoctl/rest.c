#include "katoctl/rest.h"

bool
rest_is_due(struct rest *r, int64_t now, uint64_t lines, bool flood)
{
	r->turns++;
	if (!flood && !r->on && r->turns < REST_TURNS)
		return false;
	r->on = !flood && (lines - r->lines) * 1000 >= REST_LINES * (uint64_t)(now - r->since_us);
	r->since_us = now;
	r->lines = lines;
	r->turns = 0;
	return r->on;
}
