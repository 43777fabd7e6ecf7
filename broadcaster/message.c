#include <inttypes.h>
#include <stdio.h>

#include "broadcaster/message.h"

enum { ID_MAX = 64 + 1 + 20 + 1 };

struct frame *
message_frame(const struct dialect *d, const char *type, const char *text, size_t len)
{
	return d->framing == FRAMING_EVENTS ? frame_new_event(NULL, type, text, len) : frame_new(FRAME_TEXT, type, text, len);
}

struct frame *
message_event(const struct dialect *d, const char *epoch, const struct event *e)
{
	char id[ID_MAX];
	struct frame *f;

	if (d->framing == FRAMING_EVENTS) {
		snprintf(id, sizeof id, "%s:%" PRIu64, epoch, e->offset);
		f = frame_new_event(id, e->type, e->message, e->len);
	} else {
		f = frame_new(FRAME_TEXT, e->type, e->message, e->len);
	}
	f->ms = e->ms;
	return f;
}
