#include "collectors/round.h"
#include "lib/log.h"
#include "lib/sigs.h"
#include "lib/stamp.h"

void
round_wait(struct http *h, int ms)
{
	struct pollfd fd = {.fd = sigs_fd(), .events = POLLIN};

	http_wait(h, &fd, 1, ms);
}

void
round_say(const struct source *s, enum source_state was, const char *shown)
{
	if (s->state == SOURCE_UP && was > SOURCE_UP)
		log_info("%s answers again", shown);
	else if (s->state > SOURCE_UP && s->changed)
		log_warn("%s", s->error.s);
}

bool
round_status_due(const struct source *s, bool ended, int64_t began_mono)
{
	int64_t now = stamp_now(), said = now - s->status_sent_ms;	/* negative: the clock was stepped back */
	bool hangs = began_mono && stamp_mono() - began_mono >= s->interval_ms;

	return (ended || hangs || said < 0 || said >= SOURCE_REPEAT_MS) && source_due(s, now);
}
