#include "hubrig.h"

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
	flags();
	many_sets();
	snapshots();
	return check_done();
}
