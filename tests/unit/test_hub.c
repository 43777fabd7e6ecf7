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

static enum hub_sent
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

static void
op_want_writable(void *conn)
{
	((struct conn *)conn)->wanted = true;
}

static void
op_close(void *conn, int code, const char *reason)
{
	CHECK(reason && *reason);
	((struct conn *)conn)->code = code;
}

static const struct hub_ops ops = {op_write, op_want_writable, op_close, NULL};

static void
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

static void
end(void)
{
	CHECK(hub_clients(hub) == 0 && stats.queue_bytes == 0);
	hub_del(hub);
	history_del(history);
	state_del(state);
}

static void
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

static void
leave(struct conn *c)
{
	hub_leave(hub, c->client);
	strbuf_free(&c->got);
}

static void
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

static void
turn(int64_t later)
{
	now.mono += later;
	now.wall += later;
	hub_turn(hub, now);
}

static bool
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
static void
leave_out(char *s, const char *begin, char end)
{
	while ((s = strstr(s, begin))) {
		char *e = strchr(s + strlen(begin), end) + 1;

		e += *e == ',';
		memmove(s, e, strlen(e) + 1);
	}
}

/* What came since the last call, all times left out. */
static void
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

static void
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

static void
greets(void)
{
	struct conn a, b;

	begin();
	join(&a, NULL);
	GOT(&a, "{\"type\":\"connected\",\"epoch\":\"epoch\",\"offset\":0,\"server\":\"test/1\",\"topics\":[]," FLAGS "}\n");
	feed(METRICS("1"));
	feed(ALERT("x"));
	turn(0);
	turn(15);
	join(&b, NULL);
	CHECK(b.writes == 1);
	GOT(&b, "{\"type\":\"connected\",\"epoch\":\"epoch\",\"offset\":1,\"server\":\"test/1\",\"topics\":[\"metrics\",\"system_alerts\"]," FLAGS "}\n"
	    "{\"type\":\"realtime_update\",\"data\":{\"metrics\":{\"a\":1}}}\n");
	leave(&a);
	leave(&b);
	end();
}

static void
coalesces(void)
{
	struct conn a;

	begin();
	join(&a, NULL);
	forget(&a);
	feed(METRICS("1"));
	turn(0);
	CHECK(hub_deadline(hub) == now.mono + 15);
	feed(SESSIONS("2"));
	feed(METRICS("3"));
	turn(14);
	GOT(&a, "");
	turn(1);
	GOT(&a, "{\"type\":\"realtime_update\",\"data\":{\"metrics\":{\"a\":3},\"sessions\":{\"s\":2}}}\n");
	CHECK(hub_deadline(hub) == -1 && a.writes == 1);
	/* all three are there: no need to wait */
	now.mono += 3000;
	feed(METRICS("4"));
	turn(1);
	feed(SESSIONS("4"));
	turn(1);
	GOT(&a, "");
	feed("{\"type\":\"containers\",\"data\":{\"containers\":[]}}");
	turn(0);
	GOT(&a, "{\"type\":\"realtime_update\",\"data\":{\"metrics\":{\"a\":4},\"containers\":{\"containers\":[]},\"sessions\":{\"s\":4}}}\n");
	/* a section that has been silent is not waited for; but no faster than the window */
	now.mono += 11000;
	feed(METRICS("5"));
	turn(0);
	turn(15);
	GOT(&a, "{\"type\":\"realtime_update\",\"data\":{\"metrics\":{\"a\":5}}}\n");
	now.mono += 3000;
	feed(METRICS("6"));
	turn(0);
	GOT(&a, "{\"type\":\"realtime_update\",\"data\":{\"metrics\":{\"a\":6}}}\n");
	feed(METRICS("7"));
	turn(0);
	GOT(&a, "");
	turn(15);
	GOT(&a, "{\"type\":\"realtime_update\",\"data\":{\"metrics\":{\"a\":7}}}\n");
	leave(&a);
	end();
}

/* One turn, one write, events in order before the state. */
static void
one_write(void)
{
	struct conn a, b;

	begin();
	join(&a, NULL);
	join(&b, "system_alerts");
	forget(&a);
	forget(&b);
	feed(METRICS("1"));
	turn(15);
	forget(&a);
	now.mono += 20000;
	feed(METRICS("2"));
	feed(ALERT("x"));
	feed(ALERT("y"));
	feed(ALERT("x"));	/* a repeat */
	turn(15);
	GOT(&a, "{\"type\":\"system_alert\",\"id\":\"x\",\"alerts\":[],\"offset\":1}\n"
	    "{\"type\":\"system_alert\",\"id\":\"y\",\"alerts\":[],\"offset\":2}\n"
	    "{\"type\":\"realtime_update\",\"data\":{\"metrics\":{\"a\":2}}}\n");
	CHECK(a.writes == 1 && b.writes == 1);
	GOT(&b, "{\"type\":\"system_alert\",\"id\":\"x\",\"alerts\":[],\"offset\":1}\n"
	    "{\"type\":\"system_alert\",\"id\":\"y\",\"alerts\":[],\"offset\":2}\n");
	leave(&a);
	leave(&b);
	end();
}

#define SUBSCRIBED(list) "{\"type\":\"subscribed\",\"subscriptions\":[" list "],\"epoch\":\"epoch\",\"offset\":0}\n"

static void
subscribes(void)
{
	struct conn a;

	begin();
	feed(METRICS("1"));
	feed(SESSIONS("2"));
	turn(15);
	join(&a, NULL);
	forget(&a);
	CHECK(ask(&a, "{\"type\":\"subscribe\",\"subscriptions\":[\"metrics\"]}"));
	GOT(&a, SUBSCRIBED("\"metrics\""));	/* it had them */
	CHECK(!ask(&a, "{\"type\":\"subscribe\",\"subscriptions\":[\"metric\"]}"));
	GOT(&a, SUBSCRIBED("\"metrics\""));
	CHECK(ask(&a, "{\"type\":\"subscribe\",\"subscriptions\":[\"sessions\"]}"));
	GOT(&a, SUBSCRIBED("\"metrics\",\"sessions\"") "{\"type\":\"realtime_update\",\"data\":{\"sessions\":{\"s\":2}}}\n");
	CHECK(ask(&a, "{\"type\":\"unsubscribe\",\"subscriptions\":[\"metrics\"]}"));
	GOT(&a, SUBSCRIBED("\"sessions\""));
	feed(METRICS("2"));
	turn(15);
	GOT(&a, "");
	CHECK(ask(&a, "{\"type\":\"subscribe\",\"subscriptions\":[\"metrics\"],\"mode\":\"replace\"}"));
	GOT(&a, SUBSCRIBED("\"metrics\"") "{\"type\":\"realtime_update\",\"data\":{\"metrics\":{\"a\":2}}}\n");
	CHECK(ask(&a, "{\"type\":\"get_snapshot\"}"));
	GOT(&a, "{\"type\":\"realtime_update\",\"data\":{\"metrics\":{\"a\":2}}}\n");
	ask(&a, "{\"type\":\"subscribe\",\"subscriptions\":[],\"mode\":\"replace\"}");
	GOT(&a, SUBSCRIBED(""));
	ask(&a, "{\"type\":\"get_snapshot\"}");
	GOT(&a, "{\"type\":\"error\",\"code\":\"nothing_known\",\"message\":\"no state of these topics is known yet\"}\n");
	/* more than fit */
	ask(&a, "{\"type\":\"subscribe\",\"subscriptions\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"]}");
	GOT(&a, "{\"type\":\"error\",\"code\":\"too_many_topics\",\"message\":\"2 topics did not fit: a client may have 4\"}\n"
	    SUBSCRIBED("\"a\",\"b\",\"c\",\"d\""));
	leave(&a);
	end();
}

/* A subscribe between a change and its flush shows the newest, and the flush does not repeat it. */
static void
no_repeats(void)
{
	struct conn a;

	begin();
	feed(METRICS("1"));
	turn(15);
	join(&a, "metrics");
	forget(&a);
	feed(SESSIONS("1"));
	turn(0);
	ask(&a, "{\"type\":\"subscribe\",\"subscriptions\":[\"sessions\"]}");
	GOT(&a, SUBSCRIBED("\"metrics\",\"sessions\"") "{\"type\":\"realtime_update\",\"data\":{\"sessions\":{\"s\":1}}}\n");
	turn(15);
	GOT(&a, "");
	leave(&a);
	end();
}

#define BOXES "{\"type\":\"containers\",\"data\":{\"aggregated\":{},\"containers\":[{\"name\":\"a\",\"n\":1},{\"name\":\"b\",\"n\":2}]}}"

static void
single_things(void)
{
	struct conn a, b, c;

	begin();
	feed(BOXES);
	feed("{\"type\":\"services\",\"id\":\"api\",\"timestamp\":\"2026-11-20T22:04:45.219Z\",\"data\":{\"x\":1}}");
	feed("{\"type\":\"services\",\"id\":\"db\",\"timestamp\":\"2026-11-20T22:04:45.219Z\",\"data\":{\"x\":2}}");
	turn(15);
	join(&a, "containers.b,services.db");
	join(&b, "services");
	join(&c, "*");
	CHECK(strstr(c.got.s, "\"id\":\"db\"") && strstr(c.got.s, "\"aggregated\""));
	forget(&b);
	forget(&c);
	CHECK(strstr(a.got.s, "\"data\":{\"containers\":{\"containers\":[{\"name\":\"b\",\"n\":2}]}}}\n"));
	CHECK(strstr(a.got.s, "{\"type\":\"services\",\"id\":\"db\",\"timestamp\":\"2026-11-20T22:04:45.219Z\",\"data\":{\"x\":2}}\n"));
	CHECK(!strstr(a.got.s, "api") && !strstr(a.got.s, "aggregated"));
	forget(&a);
	feed("{\"type\":\"services\",\"id\":\"api\",\"data\":{\"x\":3}}");
	turn(15);
	GOT(&a, "");
	GOT(&b, "{\"type\":\"services\",\"id\":\"api\",\"data\":{\"x\":3}}\n");
	GOT(&c, "{\"type\":\"services\",\"id\":\"api\",\"data\":{\"x\":3}}\n");
	feed("{\"type\":\"services\",\"id\":\"db\",\"data\":null}");
	turn(0);
	GOT(&a, "{\"type\":\"services\",\"id\":\"db\",\"data\":null}\n");
	GOT(&b, "{\"type\":\"services\",\"id\":\"db\",\"data\":null}\n");
	feed("{\"type\":\"containers\",\"data\":{\"containers\":[{\"name\":\"a\"}]}}");
	turn(15);
	GOT(&a, "{\"type\":\"realtime_update\",\"data\":{\"containers\":{\"containers\":[]}}}\n");
	leave(&a);
	leave(&b);
	leave(&c);
	end();
}

/* A full socket: state is left out and drawn fresh, events queue up to the bound. */
static void
slow_client(void)
{
	struct conn a, b;
	char line[200];

	begin();
	join(&a, NULL);
	join(&b, NULL);
	forget(&a);
	a.full = true;
	for (int i = 0; i < 5; i++) {
		snprintf(line, sizeof line, METRICS("%d"), i);
		feed(line);
		turn(15);
		turn(15);
	}
	CHECK(a.wanted && !a.code && stats.conflated == 4 && stats.queue_bytes == 0);
	feed(ALERT("x"));
	feed(SESSIONS("9"));
	turn(15);
	CHECK(stats.queue_bytes > 0);
	a.full = false;
	hub_drain(hub, a.client, now);
	GOT(&a, "{\"type\":\"system_alert\",\"id\":\"x\",\"alerts\":[],\"offset\":1}\n"
	    "{\"type\":\"realtime_update\",\"data\":{\"metrics\":{\"a\":4},\"sessions\":{\"s\":9}}}\n");
	CHECK(hub_idle(a.client));
	feed(METRICS("10"));
	turn(15);
	turn(15);
	GOT(&a, "{\"type\":\"realtime_update\",\"data\":{\"metrics\":{\"a\":10}}}\n");
	/* beyond the bound it is closed; the other one never noticed */
	a.full = true;
	forget(&b);
	for (int i = 0; i < 30; i++) {
		snprintf(line, sizeof line, ALERT("n%d"), i);
		feed(line);
		turn(0);
	}
	CHECK(a.code == 4108 && stats.slow_closes == 1 && stats.queue_bytes == 0 && b.writes == 30);
	a.full = false;
	forget(&a);
	feed(ALERT("late"));
	turn(0);
	hub_drain(hub, a.client, now);
	GOT(&a, "");
	leave(&a);
	leave(&b);
	end();
}

static void
every(void)
{
	struct conn a;

	begin();
	now.mono = 1000000;
	feed(METRICS("1"));
	turn(15);
	join(&a, NULL);
	forget(&a);
	ask(&a, "{\"type\":\"subscribe\",\"subscriptions\":[\"metrics\"],\"every\":2}");
	CHECK(strstr(a.got.s, "\"every\":2"));
	forget(&a);
	feed(METRICS("2"));
	turn(100);
	feed(METRICS("3"));
	turn(100);
	GOT(&a, "");
	CHECK(hub_deadline(hub) == 1002000);
	now.mono = 1002000;	/* not two seconds since it subscribed */
	turn(0);
	GOT(&a, "");
	now.mono = 1004000;
	turn(0);
	GOT(&a, "{\"type\":\"realtime_update\",\"data\":{\"metrics\":{\"a\":3}}}\n");
	now.mono = 1006000;
	turn(0);
	GOT(&a, "");
	feed(METRICS("4"));
	feed(METRICS("5"));
	turn(20);
	now.mono = 1008003;
	turn(0);
	GOT(&a, "{\"type\":\"realtime_update\",\"data\":{\"metrics\":{\"a\":5}}}\n");
	CHECK(hub_deadline(hub) == 1010000);
	leave(&a);
	CHECK(hub_deadline(hub) == -1);
	end();
}

static void
resumes(void)
{
	struct conn a, b;
	char line[300];

	begin();
	for (int i = 1; i <= 20; i++) {
		snprintf(line, sizeof line, i % 2 ? ALERT("%d") : "{\"type\":\"session_event\",\"id\":\"%d\"}", i);
		feed(line);
	}
	turn(0);
	join(&a, "system_alerts");
	forget(&a);
	ask(&a, "{\"type\":\"subscribe\",\"subscriptions\":[],\"since\":{\"epoch\":\"epoch\",\"offset\":16}}");
	GOT(&a, "{\"type\":\"subscribed\",\"subscriptions\":[\"system_alerts\"],\"epoch\":\"epoch\",\"offset\":20,\"recovered\":true,\"replayed\":2}\n"
	    "{\"type\":\"system_alert\",\"id\":\"17\",\"alerts\":[],\"offset\":17}\n"
	    "{\"type\":\"system_alert\",\"id\":\"19\",\"alerts\":[],\"offset\":19}\n");
	ask(&a, "{\"type\":\"subscribe\",\"subscriptions\":[],\"since\":{\"epoch\":\"other\",\"offset\":16}}");
	GOT(&a, "{\"type\":\"subscribed\",\"subscriptions\":[\"system_alerts\"],\"epoch\":\"epoch\",\"offset\":20,\"recovered\":false,\"replayed\":0}\n");
	ask(&a, "{\"type\":\"subscribe\",\"subscriptions\":[],\"since\":{\"epoch\":\"epoch\",\"offset\":21}}");
	GOT(&a, "{\"type\":\"subscribed\",\"subscriptions\":[\"system_alerts\"],\"epoch\":\"epoch\",\"offset\":20,\"recovered\":false,\"replayed\":0}\n");
	ask(&a, "{\"type\":\"subscribe\",\"subscriptions\":[],\"since\":{\"epoch\":\"epoch\",\"offset\":20}}");
	GOT(&a, "{\"type\":\"subscribed\",\"subscriptions\":[\"system_alerts\"],\"epoch\":\"epoch\",\"offset\":20,\"recovered\":true,\"replayed\":0}\n");
	/* what happens while a slow one is at it comes after, once, and not from its queue */
	join(&b, "system_alerts");
	forget(&b);
	b.full = true;
	ask(&b, "{\"type\":\"subscribe\",\"subscriptions\":[],\"since\":{\"epoch\":\"epoch\",\"offset\":18}}");
	feed(ALERT("new"));
	turn(0);
	b.full = false;
	hub_drain(hub, b.client, now);
	GOT(&b, "{\"type\":\"subscribed\",\"subscriptions\":[\"system_alerts\"],\"epoch\":\"epoch\",\"offset\":20,\"recovered\":true,\"replayed\":1}\n"
	    "{\"type\":\"system_alert\",\"id\":\"19\",\"alerts\":[],\"offset\":19}\n"
	    "{\"type\":\"system_alert\",\"id\":\"new\",\"alerts\":[],\"offset\":21}\n");
	feed(ALERT("newer"));
	turn(0);
	GOT(&b, "{\"type\":\"system_alert\",\"id\":\"newer\",\"alerts\":[],\"offset\":22}\n");
	/* the history moves on beneath a client that does not read */
	b.full = true;
	ask(&b, "{\"type\":\"subscribe\",\"subscriptions\":[],\"since\":{\"epoch\":\"epoch\",\"offset\":1}}");
	for (int i = 0; i < 200; i++) {
		snprintf(line, sizeof line, ALERT("m%d"), i);
		feed(line);
		turn(0);
	}
	b.full = false;
	forget(&b);
	hub_drain(hub, b.client, now);
	CHECK(b.code == 4108);
	forget(&a);
	ask(&a, "{\"type\":\"subscribe\",\"subscriptions\":[],\"since\":{\"epoch\":\"epoch\",\"offset\":16}}");
	CHECK(strstr(a.got.s, "\"recovered\":false"));
	leave(&a);
	leave(&b);
	end();
}

static void
flags(void)
{
	struct conn a;
	struct flags f = {true, false, true, false, true};

	begin();
	feed(BOXES);
	turn(15);
	join(&a, "containers,system_alerts,metrics");
	forget(&a);
	hub_flags(hub, &f, now);
	CHECK(strstr(a.got.s, "\"type\":\"connected\"") && strstr(a.got.s, "\"container_stats\":false"));
	forget(&a);
	feed(BOXES);
	feed(METRICS("1"));
	feed(ALERT("x"));
	turn(15);
	GOT(&a, "{\"type\":\"realtime_update\",\"data\":{\"metrics\":{\"a\":1}}}\n");
	feed(BOXES);
	turn(20);
	GOT(&a, "");
	f = (struct flags){true, true, true, true, false};
	hub_flags(hub, &f, now);
	forget(&a);
	feed("{\"type\":\"session_event\",\"id\":\"e\"}");	/* not asked for, but everybody gets all */
	turn(0);
	GOT(&a, "{\"type\":\"session_event\",\"id\":\"e\",\"offset\":2}\n");
	leave(&a);
	end();
}

/* Clients of different topics that get the same messages share them. */
static void
many_sets(void)
{
	static struct conn c[300];
	char topics[64];
	size_t writes = 0;

	begin();
	for (int i = 0; i < 300; i++) {
		snprintf(topics, sizeof topics, "metrics,system_alerts,my_%d", i);
		join(&c[i], topics);
		forget(&c[i]);
	}
	feed(ALERT("x"));
	feed(ALERT("y"));
	feed("{\"type\":\"my_7_event\",\"id\":\"z\"}");
	turn(0);
	for (int i = 0; i < 300; i++)
		writes += c[i].writes;
	CHECK(writes == 300);
	feed(METRICS("1"));
	turn(20);
	for (int i = 0; i < 300; i++) {
		CHECK(strstr(c[i].got.s, "\"offset\":2}\n{\"type\":\"realtime_update\""));
		leave(&c[i]);
	}
	end();
}

static void
floods(void)
{
	struct conn a;
	struct strbuf line = {0};
	size_t lines = 0;

	begin();
	join(&a, "system_alerts");
	forget(&a);
	for (int i = 0; i < 50; i++) {
		strbuf_reset(&line);
		strbuf_addf(&line, "{\"type\":\"system_alert\",\"id\":\"%d\",\"text\":\"%08000d\"}", i, i);
		feed(line.s);
	}
	turn(0);
	for (const char *p = a.got.s; (p = strchr(p, '\n')); p++)
		lines++;
	CHECK(lines == 50 && a.writes > 1 && a.writes < 10);
	strbuf_free(&line);
	leave(&a);
	end();
}

static void
dead_client(void)
{
	struct conn a, b;

	begin();
	join(&a, NULL);
	join(&b, NULL);
	forget(&b);
	a.dead = true;
	feed(ALERT("x"));
	turn(0);
	feed(ALERT("y"));
	turn(0);
	CHECK(b.writes == 2);
	hub_close_all(hub, 1012, "bye");
	CHECK(b.code == 1012 && a.code == 0);
	leave(&a);
	leave(&b);
	end();
}

/* The last of an audience leaves while its state waits for the window to close. */
static void
leaves_early(void)
{
	struct conn a, b;

	begin();
	join(&a, "metrics");
	join(&b, "metrics,sessions");
	forget(&b);
	feed(METRICS("1"));
	turn(0);
	leave(&a);
	turn(15);
	GOT(&b, "{\"type\":\"realtime_update\",\"data\":{\"metrics\":{\"a\":1}}}\n");
	feed(METRICS("2"));
	turn(0);
	leave(&b);
	turn(15);
	end();
}

static void
snapshots(void)
{
	struct strbuf out = {0};

	begin();
	CHECK(!hub_snapshot(hub, dialect_at("/ws", 3), NULL, now.wall, &out));
	feed("{\"type\":\"metrics\",\"timestamp\":\"2023-11-14T21:00:00.500Z\",\"demo\":true,\"data\":{\"a\":1}}");
	turn(15);
	CHECK(hub_snapshot(hub, dialect_at("/ws", 3), NULL, 1700000000000, &out));
	CHECK_STR(out.s, "{\"type\":\"realtime_update\",\"timestamp\":\"2023-11-14T22:13:20.000Z\",\"demo\":true,"
	    "\"times\":{\"metrics\":\"2023-11-14T21:00:00.500Z\"},\"data\":{\"metrics\":{\"a\":1}}}");
	strbuf_reset(&out);
	for (int i = 0; i < 2; i++) {
		char big[70000];
		size_t want = i ? 69000 : 300;

		snprintf(big, sizeof big, "{\"type\":\"metrics\",\"data\":{\"x\":\"%0*d\"}}", (int)want, 0);
		feed(big);
		strbuf_reset(&out);
		CHECK(hub_snapshot(hub, dialect_at("/ws", 3), NULL, now.wall, &out));
		CHECK(out.s[0] == '{' && out.s[out.len - 1] == '}' && out.len > want && out.len < want + 170);
	}
	turn(15);
	strbuf_free(&out);
	end();
}

static void
input_ends(void)
{
	struct conn a, b;

	begin();
	join(&a, NULL);
	forget(&a);
	hub_input_ended(hub, now);
	CHECK(a.got.s && strstr(a.got.s, "\"type\":\"connected\"") && strstr(a.got.s, "\"input\":\"ended\"}"));
	join(&b, NULL);
	CHECK(strstr(b.got.s, "\"input\":\"ended\"}") != NULL);
	leave(&a);
	leave(&b);
	end();
}

/* A stream's socket: bytes are kept as they are. */
static enum hub_sent
stream_write(void *conn, struct frame *f)
{
	struct conn *c = conn;

	strbuf_add(&c->got, (char *)frame_bytes(f), f->len);
	c->writes++;
	return HUB_SENT;
}

static const struct hub_ops stream_ops = {stream_write, op_want_writable, op_close, NULL};

/* Both framings of the same, each built once for all of its clients; a replay is marked like what came live. */
static void
streams(void)
{
	struct conn ws, a = {0}, b = {0}, late = {0};
	struct request q = {0};

	begin();
	hub_reach(hub, FRAMING_EVENTS, &stream_ops);
	join(&ws, NULL);
	a.client = hub_join(hub, &a, dialect_events_at("/events", 7), NULL, NULL, now);
	b.client = hub_join(hub, &b, dialect_events_at("/events", 7), NULL, NULL, now);
	CHECK(strstr(a.got.s, "data: {\"type\":\"connected\",") == a.got.s && !strcmp(a.got.s + a.got.len - 2, "\n\n"));
	forget(&ws);
	forget(&a);
	forget(&b);
	feed(ALERT("x"));
	turn(0);
	feed(METRICS("1"));
	turn(15);
	GOT(&ws, "{\"type\":\"system_alert\",\"id\":\"x\",\"alerts\":[],\"offset\":1}\n"
	    "{\"type\":\"realtime_update\",\"data\":{\"metrics\":{\"a\":1}}}\n");
	CHECK(a.writes == 2 && b.writes == 2 && !strcmp(a.got.s, b.got.s));
	CHECK(strstr(a.got.s, "id: epoch:1\ndata: {\"type\":\"system_alert\",") == a.got.s);
	CHECK(strstr(a.got.s, "}\n\ndata: {\"type\":\"realtime_update\",") && !strstr(a.got.s + 5, "id: "));
	request_query(dialect_events_at("/events", 7), &q, "epoch", "epoch", 5);
	request_query(dialect_events_at("/events", 7), &q, "offset", "0", 1);
	request_query_end(&q);
	late.client = hub_join(hub, &late, dialect_events_at("/events", 7), &q, NULL, now);
	request_free(&q);
	CHECK(strstr(late.got.s, "\"recovered\":true,\"replayed\":1}\n\n") && strstr(late.got.s, "\n\nid: epoch:1\ndata: {"));
	leave(&ws);
	leave(&a);
	leave(&b);
	leave(&late);
	end();
}

/* Many queues, each within its bound, are bounded together, what they share counted once. */
static void
slow_clients_together(void)
{
	struct conn a, b, good;
	char line[200];

	begin();
	hub_limits(hub, 1 << 20, frame_memory() + 8000, 4, 15);
	join(&a, NULL);
	join(&b, NULL);
	join(&good, NULL);
	forget(&good);
	a.full = b.full = true;
	for (int i = 0; i < 40; i++) {
		snprintf(line, sizeof line, ALERT("n%d"), i);
		feed(line);
		turn(0);
	}
	CHECK(!a.code && !b.code && stats.queue_bytes > 2 * 40 * 60);
	/* who has just fallen behind is spared */
	good.full = true;
	for (int i = 40; i < 80; i++) {
		snprintf(line, sizeof line, ALERT("n%d"), i);
		feed(line);
		turn(0);
	}
	CHECK(a.code == 4108 && b.code == 4108 && stats.slow_closes == 2 && !good.code && stats.queue_bytes > 0);
	good.full = false;
	hub_drain(hub, good.client, now);
	CHECK(strstr(good.got.s, "\"n0\"") && strstr(good.got.s, "\"n79\""));
	leave(&a);
	leave(&b);
	leave(&good);
	end();
}

int
main(void)
{
	greets();
	input_ends();
	streams();
	coalesces();
	one_write();
	subscribes();
	no_repeats();
	single_things();
	slow_client();
	slow_clients_together();
	every();
	resumes();
	flags();
	many_sets();
	floods();
	dead_client();
	leaves_early();
	snapshots();
	return check_done();
}
