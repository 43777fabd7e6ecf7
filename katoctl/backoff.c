#include "katoctl/backoff.h"

int
backoff_next(struct backoff *b, double chance)
{
	b->ceiling_ms = b->ceiling_ms ? b->ceiling_ms * 2 : BACKOFF_FIRST_MS;
	if (b->ceiling_ms > BACKOFF_MAX_MS)
		b->ceiling_ms = BACKOFF_MAX_MS;
	return (int)(b->ceiling_ms * chance);
}

void
backoff_forget(struct backoff *b)
{
	b->ceiling_ms = 0;
}
