#include <stdlib.h>
#include <string.h>

#include "broadcaster/audience.h"
#include "broadcaster/deflate.h"
#include "broadcaster/message.h"

enum {
	WRITE_MAX = 64 << 10,	/* what is queued leaves in pieces of about this */
	CLOSE_SLOW = 4108,
};

static void
count(struct hub *h, const struct frames *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i]->type)
			stats_sent(h->stats, l->v[i]->type, 1);
}

/* Without counting. */
static enum hub_sent
write_frame(struct hub *h, struct hub_client *c, struct frame *f)
{
	enum hub_sent r;

	if (c->closed)
		return HUB_DEAD;
	if (c->waiting)
		return HUB_BLOCKED;
	r = client_ops(h, c)->write(c->conn, f);
	if (r == HUB_BLOCKED) {
		c->waiting = true;
		client_ops(h, c)->want_writable(c->conn);
	} else if (r == HUB_DEAD) {
		c->closed = true;
	}
	return r;
}

enum hub_sent
client_write(struct hub *h, struct hub_client *c, struct frame *f)
{
	enum hub_sent r = write_frame(h, c, f);

	if (r == HUB_SENT) {
		c->messages += f->messages;
		c->bytes += f->len;
	}
	return r;
}

static bool
push(struct hub *h, struct hub_client *c, struct frame *f)
{
	bool first = !c->queue.n;

	if (!outq_push(&c->queue, f, h->opt.queue_bytes))
		return false;
	h->nbehind += first;
	h->stats->queue_bytes += f->len;
	return true;
}

void
client_forget(struct hub *h, struct hub_client *c)
{
	h->nbehind -= c->queue.n > 0;
	h->stats->queue_bytes -= c->queue.bytes;
	outq_clear(&c->queue);
}

void
client_close(struct hub *h, struct hub_client *c, int code, const char *reason)
{
	if (c->closed)
		return;
	c->closed = true;
	client_forget(h, c);
	client_ops(h, c)->close(c->conn, code, reason);
}

/*
 * All queues together hold too much, and this one no less than most: so who is behind for a moment is spared.
 * Queues share their frames; what libwebsockets keeps of one is a copy.
 */
static bool
crowds(const struct hub *h, const struct hub_client *c)
{
	return c->queue.n && frame_memory() + h->stats->kept_bytes > h->opt.unsent_bytes &&
	    c->queue.bytes >= h->stats->queue_bytes / h->nbehind;
}

bool
client_give(struct hub *h, struct hub_client *c, struct frame *f)
{
	if (!c->queue.n) {
		enum hub_sent r = client_write(h, c, f);

		if (r != HUB_BLOCKED)
			return r == HUB_SENT;
	}
	if (c->closed)
		return false;
	if (crowds(h, c) || !push(h, c, f)) {
		h->stats->slow_closes++;
		client_close(h, c, CLOSE_SLOW, "too slow: events were waiting beyond the limit");
		return false;
	}
	c->messages += f->messages;
	c->bytes += f->len;
	return true;
}

/* In the client's form, but for what nobody else gets: compressing that would serve one. */
static struct frame *
join_for(const struct hub_client *c, const struct frames *l)
{
	struct frames forms = {0};
	struct frame *f;

	if (c->form == FRAME_PLAIN)
		return frame_join(l->v, l->n);
	for (size_t i = 0; i < l->n; i++)
		frames_add(&forms, frame_ref(l->v[i]->refs > 1 ? deflate_frame(l->v[i], c->form) : l->v[i]));
	f = frame_join(forms.v, forms.n);
	frames_free(&forms);
	return f;
}

void
client_give_all(struct hub *h, struct hub_client *c, struct frames *l)
{
	struct frame *f;

	if (!l->n)
		return;
	f = join_for(c, l);
	if (client_give(h, c, f))
		count(h, l);
	frame_unref(f);
	frames_free(l);
}

void
client_catch_up(struct hub *h, struct hub_client *c, struct hub_now now)
{
	uint64_t version = state_version(h->update.state);
	struct frames l = {0};
	struct frame *f;

	c->owed = true;
	if (c->queue.n || c->closed)
		return;
	update_at(&h->update, now.wall, HUB_FRESH_MS);
	update_frames(&h->update, c->audience->dialect, c->audience->set, NULL, c->seen, &l);
	if (!l.n) {
		c->owed = false;
		c->seen = version;
		return;
	}
	f = join_for(c, &l);
	switch (client_write(h, c, f)) {
	case HUB_SENT:
		c->owed = false;
		c->seen = version;
		count(h, &l);
		break;
	case HUB_BLOCKED:
	case HUB_DEAD:
		break;
	}
	frame_unref(f);
	frames_free(&l);
}

static bool
wants_event(const struct hub *h, const struct hub_client *c, const char *type)
{
	const struct topicset *s = c->audience->set;

	if (update_muted(&h->opt.flags, type))
		return false;
	for (size_t i = 0; i < s->n; i++)
		if (topic_is_all(s->v[i]) || (!s->v[i]->id && topic_is_type(s->v[i], type)))
			return true;
	return false;
}

/* One write's worth of what is to be replayed. False: the history no longer has it. */
static bool
replay_some(struct hub *h, struct hub_client *c, struct frames *l)
{
	uint64_t newest = history_newest(h->history);

	while (c->replay <= newest && l->bytes < WRITE_MAX) {
		const struct event *e = history_at(h->history, c->replay);
		struct frame *f;

		if (!e)
			return false;
		if (wants_event(h, c, e->type) && (f = message_event(c->audience->dialect, history_epoch(h->history), e)))
			frames_add(l, f);
		c->replay++;
	}
	if (c->replay > newest)
		c->replay = 0;
	return true;
}

/* False: it must wait for the socket, or is gone. */
static bool
replay(struct hub *h, struct hub_client *c)
{
	struct frames l = {0};
	uint64_t at = c->replay;
	enum hub_sent r = HUB_SENT;

	if (!replay_some(h, c, &l)) {
		frames_free(&l);
		h->stats->slow_closes++;
		client_close(h, c, CLOSE_SLOW, "too slow: the history has moved on");
		return false;
	}
	if (l.n) {
		struct frame *f = frame_join(l.v, l.n);

		r = client_write(h, c, f);
		frame_unref(f);
		if (r == HUB_SENT)
			count(h, &l);
		else
			c->replay = at;
	}
	frames_free(&l);
	return r == HUB_SENT;
}

static bool
drain_queue(struct hub *h, struct hub_client *c)
{
	size_t before = c->queue.bytes;
	uint32_t n;
	struct frame *f = outq_peek(&c->queue, WRITE_MAX, &n);
	enum hub_sent r = write_frame(h, c, f);

	if (r == HUB_SENT) {
		outq_drop(&c->queue, n);
		h->stats->queue_bytes -= before - c->queue.bytes;
		h->nbehind -= !c->queue.n;
	}
	frame_unref(f);
	return r == HUB_SENT;
}

void
client_drain(struct hub *h, struct hub_client *c, struct hub_now now)
{
	bool more = true;

	c->waiting = false;
	while (more && !c->closed) {
		if (c->queue.n) {
			more = drain_queue(h, c);
		} else if (c->replay) {
			more = replay(h, c);
		} else if (c->owed && c->hold_ms <= now.mono) {
			client_catch_up(h, c, now);
			more = !c->owed;
		} else {
			more = false;
		}
	}
}

void
client_resume(struct hub *h, struct hub_client *c, const char *epoch, uint64_t offset, struct strbuf *out)
{
	uint64_t newest = history_newest(h->history), replayed = 0;
	bool recovered = !strcmp(epoch, history_epoch(h->history)) && offset <= newest && history_reaches(h->history, offset);

	for (uint64_t o = offset + 1; recovered && o <= newest; o++)
		replayed += wants_event(h, c, history_at(h->history, o)->type);
	c->replay = recovered && replayed ? offset + 1 : 0;
	strbuf_addf(out, ",\"recovered\":%s,\"replayed\":%llu", recovered ? "true" : "false", (unsigned long long)replayed);
}
