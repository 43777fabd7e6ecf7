#include "broadcaster/answer.h"
#include "broadcaster/message.h"
#include "lib/stamp.h"

static void
add(struct frames *l, const struct dialect *d, const char *type, const char *template, const struct dialect_var *vars)
{
	struct strbuf text = {0};

	if (!template)
		return;
	dialect_fill(template, vars, &text);
	frames_add(l, message_frame(d, type, text.s, text.len));
	strbuf_free(&text);
}

void
answer_greeting(const struct hub *h, const struct hub_client *c, const char *template, struct hub_now now, struct frames *l)
{
	const struct dialect *d = c->audience->dialect;
	struct strbuf topics = {0}, flags = {0}, offset = {0}, seconds = {0};
	char time[STAMP_LEN + 1];

	if (!template)
		return;

	strbuf_addf(&offset, "%llu", (unsigned long long)history_newest(h->history));
	hub_topics_json(h, c, &topics);
	hub_flags_json(&h->opt.flags, &flags);
	strbuf_addnum(&seconds, (double)c->audience->every_ms / 1000);
	add(l, d, "connected", template, (struct dialect_var[]){
	    {"time", stamp_format(now.wall, time)},
	    {"epoch", history_epoch(h->history)},
	    {"offset", offset.s},
	    {"server", h->opt.server},
	    {"topics", topics.s},
	    {"flags", flags.s},
	    {"input", h->input_ended ? "ended" : "open"},
	    {"seconds", seconds.s},
	    {NULL, NULL}});
	strbuf_free(&topics);
	strbuf_free(&flags);
	strbuf_free(&offset);
	strbuf_free(&seconds);
}

void
answer_subscribed(const struct hub *h, const struct audience *a, const struct request *r, const char *resume, struct hub_now now,
    struct frames *l)
{
	struct strbuf names = {0}, every = {0}, offset = {0};
	char time[STAMP_LEN + 1];

	topicset_json(a->set, &names);
	strbuf_addf(&offset, "%llu", (unsigned long long)history_newest(h->history));
	if (a->every_ms) {
		strbuf_adds(&every, ",\"every\":");
		strbuf_addnum(&every, (double)a->every_ms / 1000);
	}
	add(l, a->dialect, "subscribed", r->verb == VERB_UNSUBSCRIBE ? a->dialect->unsubscribed : a->dialect->subscribed, (struct dialect_var[]){
	    {"time", stamp_format(now.wall, time)},
	    {"subscriptions", names.s},
	    {"epoch", history_epoch(h->history)},
	    {"offset", offset.s},
	    {"every", every.s ? every.s : ""},
	    {"resume", resume},
	    {"echo", r->echo.s ? r->echo.s : "[]"},
	    {NULL, NULL}});
	strbuf_free(&names);
	strbuf_free(&every);
	strbuf_free(&offset);
}

void
answer_pong(const struct dialect *d, bool bare, struct hub_now now, struct frames *l)
{
	char time[STAMP_LEN + 1];

	add(l, d, bare ? d->text_ping_type : d->ping_type, bare ? d->text_pong : d->pong,
	    (struct dialect_var[]){{"time", stamp_format(now.wall, time)}, {NULL, NULL}});
}

void
answer_error(const struct dialect *d, const char *code, const char *message, const char *detail, struct hub_now now,
    struct frames *l)
{
	struct strbuf code_json = {0}, message_json = {0}, member = {0};
	char time[STAMP_LEN + 1];

	strbuf_addjsons(&code_json, code);
	strbuf_addjsons(&message_json, message);
	if (detail)
		strbuf_addf(&member, ",\"detail\":%s", detail);
	add(l, d, "error", d->error, (struct dialect_var[]){
	    {"time", stamp_format(now.wall, time)},
	    {"code", code_json.s},
	    {"message", message_json.s},
	    {"detail", member.s ? member.s : ""},
	    {NULL, NULL}});
	strbuf_free(&code_json);
	strbuf_free(&message_json);
	strbuf_free(&member);
}
