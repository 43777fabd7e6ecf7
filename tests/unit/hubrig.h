#ifndef HUBRIG_H
#define HUBRIG_H

/* A hub with sockets made of memory, for the unit tests of it: begin(), join(), feed() lines, turn() its clock, GOT(). */

#include <stdlib.h>

#include "broadcaster/hub.h"
#include "lib/record.h"
#include "lib/xalloc.h"

#include "check.h"

/* A socket made of memory: what the hub writes is taken apart into messages, one a line. */
struct conn {
	struct hub_client *client;
	struct strbuf got;
	size_t writes;
	bool full, wanted, dead;
	int code;
};

static struct state *state;
static struct history *history;
static struct stats stats;
static struct hub *hub;
static struct hub_now now = {100000, 1700000000000};

static inline enum hub_sent
op_write(void *conn, struct frame *f)
{
	struct conn *c = conn;
	const unsigned char *p = frame_bytes(f), *end = p + f->len;

	if (c->dead)
		return HUB_DEAD;
	if (c->full)
		return HUB_BLOCKED;
	c->writes++;
	while (p < end) {
		size_t n = p[1], head = 2;

		if (n == 126) {
			n = (size_t)p[2] << 8 | p[3];
			head = 4;
		} else if (n == 127) {
			n = (size_t)p[6] << 24 | (size_t)p[7] << 16 | (size_t)p[8] << 8 | p[9];
			head = 10;
		}
		strbuf_add(&c->got, p + head, n);
		strbuf_addc(&c->got, '\n');
		p += head + n;
	}
	return HUB_SENT;
}

static inline void
op_want_writable(void *conn)
{
	((struct conn *)conn)->wanted = true;
}

static inline void
op_close(void *conn, int code, const char *reason)
{
	CHECK(reason && *reason);
	((struct conn *)conn)->code = code;
}

static const struct hub_ops ops = {op_write, op_want_writable, op_close, NULL};

static inline void
begin(void)
{
	static const struct hub_options o = {.coalesce_ms = 15, .queue_bytes = 1000, .unsent_bytes = 1 << 20, .max_topics = 4, .server = "test/1",
	    .flags = {true, true, true, true, true}};

	memset(&stats, 0, sizeof stats);
	state = state_new(1000, 1 << 20);
	history = history_new("epoch", 100, 1 << 20);
	hub = hub_new(&ops, state, history, &stats, &o);
	now.mono += 100000;
}

static inline void
end(void)
{
	CHECK(hub_clients(hub) == 0 && stats.queue_bytes == 0);
	hub_del(hub);
	history_del(history);
	state_del(state);
}

static inline void
join(struct conn *c, const char *topics)
{
	struct request q = {0};

	memset(c, 0, sizeof *c);
	if (topics)
		request_query(dialect_at("/ws", 3), &q, "subscribe", topics, strlen(topics));
	request_query_end(&q);
	c->client = hub_join(hub, c, dialect_at("/ws", 3), &q, NULL, now);
	request_free(&q);
}

static inline void
leave(struct conn *c)
{
	hub_leave(hub, c->client);
	strbuf_free(&c->got);
}

static inline void
feed(const char *line)
{
	struct record r;
	const struct value *v;
	const struct event *e;

	CHECK(record_parse(line, strlen(line), &r) == RECORD_OK);
	if (strstr(line, "_event\"") || strstr(line, "_alert\"")) {
		e = history_add(history, &r, now.wall);
		if (e && hub_event(hub, e, r.id))
			hub_relieve(hub);
		return;
	}
	switch (state_put(state, &r, now.wall, &v)) {
	case STATE_CHANGED:
		hub_state(hub, v, now);
		break;
	case STATE_GONE: {
		char *type = xmemdup0(r.type.p, r.type.len);
		struct strbuf id = {0};

		json_string(r.id, &id);
		hub_gone(hub, type, id.s, now);
		strbuf_free(&id);
		free(type);
		break;
	}
	case STATE_IGNORED:
	case STATE_FULL:
		break;
	}
}

static inline void
turn(int64_t later)
{
	now.mono += later;
	now.wall += later;
	hub_turn(hub, now);
}

static inline bool
ask(struct conn *c, const char *text)
{
	struct request r;
	bool changed;

	request_parse(dialect_at("/ws", 3), text, strlen(text), &r);
	changed = hub_request(hub, c->client, &r, now);
	request_free(&r);
	return changed;
}

/* Takes each member out that begins like this and ends with that character. */
static inline void
leave_out(char *s, const char *begin, char end)
{
	while ((s = strstr(s, begin))) {
		char *e = strchr(s + strlen(begin), end) + 1;

		e += *e == ',';
		memmove(s, e, strlen(e) + 1);
	}
}

/* What came since the last call, all times left out. */
static inline void
check_got(struct conn *c, const char *want, int line)
{
	strbuf_adds(&c->got, "");
	leave_out(c->got.s, "\"timestamp\":\"", '"');
	leave_out(c->got.s, "\"times\":{", '}');
	if (strcmp(c->got.s, want))
		fprintf(stderr, "line %d\n", line);
	CHECK_STR(c->got.s, want);
	strbuf_reset(&c->got);
}
#define GOT(c, want) check_got(c, want, __LINE__)

static inline void
forget(struct conn *c)
{
	strbuf_reset(&c->got);
	c->writes = 0;
	c->wanted = false;
}

#define FLAGS "\"flags\":{\"enabled\":true,\"container_stats\":true,\"session_events\":true,\"system_alerts\":true," \
	"\"selective_subscriptions\":true},\"input\":\"open\""
#define METRICS(n) "{\"type\":\"metrics\",\"data\":{\"a\":" n "}}"
#define SESSIONS(n) "{\"type\":\"sessions\",\"data\":{\"s\":" n "}}"
#define ALERT(id) "{\"type\":\"system_alert\",\"id\":\"" id "\",\"alerts\":[]}"

#endif
