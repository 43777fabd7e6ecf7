/* What the hub does for clients that are slow, gone, back again, or ask for less. */
#include "hubrig.h"

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
	slow_client();
	slow_clients_together();
	every();
	resumes();
	floods();
	dead_client();
	leaves_early();
	return check_done();
}
