#include <inttypes.h>
#include <stdio.h>

#include "broadcaster/message.h"
#include "broadcaster/shape.h"
#include "lib/stamp.h"

enum { ID_MAX = 64 + 1 + 20 + 1 };

static struct frame *
framed(const struct dialect *d, const char *id, const char *type, const char *text, size_t len)
{
	return d->framing == FRAMING_EVENTS ? frame_new_event(id, type, text, len) : frame_new(FRAME_TEXT, type, text, len);
}

struct frame *
message_frame(const struct dialect *d, const char *type, const char *text, size_t len)
{
	return framed(d, NULL, type, text, len);
}

/* Appends the event in the words of its row. False: its data is no good. */
static bool
put_event(const struct dialect *d, const struct dialect_event *row, const struct event *e, struct strbuf *out)
{
	struct span data = json_member((struct span){e->message, e->len}, "data");
	struct strbuf shaped = {0};
	char time[STAMP_LEN + 1];
	bool good = shape(row->fields, data, e->ms, &shaped, NULL);

	if (good)
		dialect_fill(d->event, (struct dialect_var[]){
		    {"type", row->name},
		    {"time", stamp_format(e->ms, time)},
		    {"demo", e->demo ? ",\"demo\":true" : ""},
		    {"data", shaped.s},
		    {NULL, NULL}}, out);
	strbuf_free(&shaped);
	return good;
}

struct frame *
message_event(const struct dialect *d, const char *epoch, const struct event *e)
{
	const struct dialect_event *row = dialect_event(d, e->type);
	struct strbuf text = {0};
	char id[ID_MAX];
	struct frame *f = NULL;

	if (d->framing == FRAMING_EVENTS)
		snprintf(id, sizeof id, "%s:%" PRIu64, epoch, e->offset);
	if (!row)
		f = framed(d, id, e->type, e->message, e->len);
	else if (put_event(d, row, e, &text))
		f = framed(d, id, e->type, text.s, text.len);
	strbuf_free(&text);
	if (f)
		f->ms = e->ms;
	return f;
}
