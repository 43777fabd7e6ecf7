#include "broadcaster/message.h"
#include "broadcaster/newsform.h"

struct frame *
news_frame(const struct hub *h, struct news *n, const struct audience *a)
{
	const struct dialect *d = a->dialect;
	size_t i = dialect_number(d);

	if (n->event && !subject_wanted(h->topics, d, a->set, n->event, &n->in[i].about))
		return NULL;
	if (!n->in[i].made) {
		n->in[i].made = true;
		n->in[i].frame = n->event ? message_event(d, history_epoch(h->history), n->event) : update_gone(d, n->type, n->id, n->wall);
		h->stats->left_out += !n->in[i].frame;
	}
	return n->in[i].frame;
}

void
news_free(struct news *n)
{
	for (size_t i = 0; i < dialects_count; i++)
		frame_unref(n->in[i].frame);
}
