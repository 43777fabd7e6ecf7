#include <stdlib.h>
#include <string.h>

#include "broadcaster/answer.h"
#include "broadcaster/audience.h"
#include "broadcaster/pass.h"
#include "broadcaster/subscribe.h"
#include "lib/xalloc.h"

struct hub *
hub_new(const struct hub_ops *ops, struct state *state, const struct history *history, struct stats *stats,
    const struct hub_options *opt)
{
	struct hub *h = xcalloc(1, sizeof *h);

	h->ops[FRAMING_WEBSOCKET] = ops;
	h->history = history;
	h->stats = stats;
	h->opt = *opt;
	h->topics = topics_new();
	h->update.state = state;
	h->update.compose = (struct compose){.state = state, .stats = stats};
	h->update.flags = &h->opt.flags;
	h->beat_due = h->flush_ms = h->started_ms = h->pass_due = -1;
	for (uint64_t o = history_oldest(history); o <= history_newest(history); o++)
		news_remember(h, history_at(history, o)->type);
	return h;
}

void
hub_reach(struct hub *h, enum framing framing, const struct hub_ops *ops)
{
	h->ops[framing] = ops;
}

void
hub_del(struct hub *h)
{
	if (!h)
		return;
	audience_free_all(h);
	for (size_t i = 0; i < dialects_count; i++)
		topicset_unref(h->topics, h->standard[i]);
	for (size_t i = 0; i < h->nevent_types; i++)
		free(h->event_type[i]);
	frame_cache_free(&h->joints);
	update_free(&h->update);
	topics_del(h->topics);
	free(h->passes);
	free(h);
}

void
hub_limits(struct hub *h, size_t queue_bytes, size_t unsent_bytes, size_t max_topics, int64_t coalesce_ms)
{
	h->opt.queue_bytes = queue_bytes;
	h->opt.unsent_bytes = unsent_bytes;
	h->opt.max_topics = max_topics;
	h->opt.coalesce_ms = coalesce_ms;
}

static void
greet(struct hub *h, struct hub_client *c, struct hub_now now)
{
	struct frames l = {0};

	answer_greeting(h, c, c->audience->dialect->notice, now, &l);
	client_give_all(h, c, &l);
}

void
hub_input_ended(struct hub *h, struct hub_now now)
{
	h->input_ended = true;
	for (struct hub_client *c = h->clients; c; c = c->next)
		greet(h, c, now);
}

void
hub_flags(struct hub *h, const struct flags *flags, struct hub_now now)
{
	bool regroup = flags->selective != h->opt.flags.selective;

	h->opt.flags = *flags;
	frame_cache_clear(&h->update.cache);
	for (struct hub_client *c = h->clients; c; c = c->next) {
		if (regroup)
			audience_enter(h, c, c->audience->dialect, c->audience->every_ms, now);
		greet(h, c, now);
	}
}

struct hub_client *
hub_join(struct hub *h, void *conn, const struct dialect *d, const struct request *query, const struct grant *grant,
    struct hub_now now)
{
	struct hub_client *c = xcalloc(1, sizeof *c);
	struct frames l = {0};

	c->conn = conn;
	c->joined_ms = now.wall;
	c->next = h->clients;
	if (c->next)
		c->next->prev = &c->next;
	c->prev = &h->clients;
	h->clients = c;
	h->nclients++;
	pass_give(h, c, grant, now);
	audience_enter(h, c, d, query && query->has_every ? query->every_ms : d->pace.every_ms, now);
	c->form = client_ops(h, c)->form ? (uint8_t)client_ops(h, c)->form(conn) : FRAME_PLAIN;
	answer_greeting(h, c, d->greeting, now, &l);
	if (query && query->code)
		answer_error(d, query->code, query->message.s, query->detail.s, now, &l);
	if (query && query->verb == VERB_SUBSCRIBE)
		subscribe_apply(h, c, query, now, &l);
	subscribe_state(h, c, NULL, now, &l);
	client_give_all(h, c, &l);
	if (c->replay)
		client_drain(h, c, now);
	return c;
}

void
hub_leave(struct hub *h, struct hub_client *c)
{
	audience_exit(h, c);
	pass_take(h, c);
	topicset_unref(h->topics, c->want);
	client_forget(h, c);
	*c->prev = c->next;
	if (c->next)
		c->next->prev = c->prev;
	h->nclients--;
	free(c);
}

static bool
subscribe(struct hub *h, struct hub_client *c, const struct request *r, struct hub_now now, struct frames *l)
{
	struct topicset *before = topicset_ref(c->audience->set);
	bool changed = subscribe_apply(h, c, r, now, l);

	if (r->verb == VERB_SUBSCRIBE || c->audience->dialect->whole)
		subscribe_state(h, c, before, now, l);
	topicset_unref(h->topics, before);
	return changed;
}

static void
snapshot(struct hub *h, struct hub_client *c, struct hub_now now, struct frames *l)
{
	size_t before = l->n;

	update_at(&h->update, now.wall, HUB_FRESH_MS);
	update_frames(&h->update, c->audience->dialect, c->audience->set, NULL, 0, l);
	if (l->n == before && !c->audience->dialect->whole)
		answer_error(c->audience->dialect, "nothing_known", "no state of these topics is known yet", NULL, now, l);
}

bool
hub_request(struct hub *h, struct hub_client *c, const struct request *r, struct hub_now now)
{
	const struct dialect *d = c->audience->dialect;
	struct frames l = {0};
	bool changed = true;

	if (c->closed)
		return true;
	if (r->code)
		answer_error(d, r->code, r->message.s, r->detail.s, now, &l);
	switch (r->verb) {
	case VERB_SUBSCRIBE:
	case VERB_UNSUBSCRIBE:
		changed = subscribe(h, c, r, now, &l) || r->code;
		break;
	case VERB_SNAPSHOT:
		snapshot(h, c, now, &l);
		break;
	case VERB_PING:
		answer_pong(d, r->bare, now, &l);
		break;
	case VERB_NONE:
		break;
	}
	client_give_all(h, c, &l);
	if (c->replay)
		client_drain(h, c, now);
	return changed;
}

void
hub_complain(struct hub *h, struct hub_client *c, const char *code, const char *message, const char *detail, struct hub_now now)
{
	struct frames l = {0};

	answer_error(c->audience->dialect, code, message, detail, now, &l);
	client_give_all(h, c, &l);
}

void
hub_drain(struct hub *h, struct hub_client *c, struct hub_now now)
{
	client_drain(h, c, now);
}

bool
hub_idle(const struct hub_client *c)
{
	return !c->queue.n && !c->replay && !c->owed;
}

void
hub_close(struct hub *h, struct hub_client *c, int code, const char *reason)
{
	client_close(h, c, code, reason);
}

void
hub_close_all(struct hub *h, int code, const char *reason)
{
	for (struct hub_client *c = h->clients; c; c = c->next)
		client_close(h, c, code, reason);
}

void
hub_revoke(struct hub *h, uint64_t key)
{
	for (struct hub_client *c = h->clients; c; c = c->next)
		if ((c->pass ? c->pass->key : 0) != key)
			client_close(h, c, HUB_EXPIRED, "the key has changed: another token is needed");
}

bool
hub_snapshot(struct hub *h, const struct dialect *d, const struct grant *grant, int64_t wall, struct strbuf *out)
{
	struct topicset *set = pass_limit(h, grant);
	bool known = update_snapshot(&h->update, d, set, wall, out);

	topicset_unref(h->topics, set);
	return known;
}

size_t
hub_clients(const struct hub *h)
{
	return h->nclients;
}

void
hub_topics_json(const struct hub *h, const struct hub_client *c, struct strbuf *out)
{
	const char *comma = "";

	strbuf_addc(out, '[');
	for (const struct value_type *t = state_types(h->update.state); t; t = t->next)
		if (t->count && pass_type(c, t->name)) {
			strbuf_addf(out, "%s\"%s\"", comma, topics_type_name(t->name));
			comma = ",";
		}
	for (size_t i = 0; i < h->nevent_types; i++) {
		if (!pass_type(c, h->event_type[i]))
			continue;
		strbuf_addf(out, "%s\"%s\"", comma, topics_type_name(h->event_type[i]));
		comma = ",";
	}
	strbuf_addc(out, ']');
}

void
hub_flags_json(const struct flags *f, struct strbuf *out)
{
	const struct {
		const char *name;
		bool on;
	} all[] = {
		{"enabled", f->enabled},
		{"container_stats", f->container_stats},
		{"session_events", f->session_events},
		{"system_alerts", f->system_alerts},
		{"selective_subscriptions", f->selective},
	};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		strbuf_addf(out, "%c\"%s\":%s", i ? ',' : '{', all[i].name, all[i].on ? "true" : "false");
	strbuf_addc(out, '}');
}

struct hub_client *
hub_next(const struct hub *h, const struct hub_client *c)
{
	return c ? c->next : h->clients;
}

void
hub_info(const struct hub_client *c, struct hub_info *out)
{
	*out = (struct hub_info){
		.conn = c->conn,
		.dialect = c->audience->dialect,
		.joined_ms = c->joined_ms,
		.every_ms = c->audience->every_ms,
		.messages = c->messages,
		.bytes = c->bytes,
		.queued = c->queue.bytes,
	};
}

void
hub_client_topics(const struct hub_client *c, struct strbuf *out)
{
	topicset_json(c->audience->set, out);
}
