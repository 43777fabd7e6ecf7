#include "katoctl/hang.h"

enum hang_word
hang_look(struct hang *h, int64_t now, bool waits, uint64_t moved, int64_t stuck_ms)
{
	if (!waits || !h->waits || moved != h->moved) {
		h->since_ms = now;
		h->said = false;
	}
	h->waits = waits;
	h->moved = moved;
	h->look_ms = now + HANG_LOOK_MS;
	if (stuck_ms && now - h->since_ms >= stuck_ms)
		return HANG_END;
	if (h->said || now - h->since_ms < HANG_SAY_MS)
		return HANG_NOT;
	h->said = true;
	return HANG_SAY;
}
