#include "broadcaster/pageconf.h"
#include "check.h"

static const struct {
	const char *text;
	const char *url, *connect;	/* NULL: refused */
} urls[] = {
	{NULL, "", ""}, {"", "", ""}, {"/ws", "/ws", ""}, {"/kato/ws?x=1", "/kato/ws?x=1", ""},
	{"ws://kato.example:8080/ws", "ws://kato.example:8080/ws", " ws://kato.example:8080 http://kato.example:8080"},
	{"wss://kato.example/live/ws", "wss://kato.example/live/ws", " wss://kato.example https://kato.example"},
	{"WSS://Kato.Example", "wss://Kato.Example/ws", " wss://Kato.Example https://Kato.Example"},
	{"http://localhost:8080", "ws://localhost:8080/ws", " ws://localhost:8080 http://localhost:8080"},
	{"https://10.1.2.3/", "wss://10.1.2.3/ws", " wss://10.1.2.3 https://10.1.2.3"},
	{"ws://h?a=b", "ws://h/ws?a=b", " ws://h http://h"},
	{"ws://h/?a=b", "ws://h/?a=b", " ws://h http://h"},
	{"//h/ws", NULL, NULL}, {"h:8080/ws", NULL, NULL}, {"ws:/h", NULL, NULL}, {"ws://", NULL, NULL}, {"ws:///ws", NULL, NULL},
	{"ftp://h/ws", NULL, NULL}, {"ws://h:0/ws", NULL, NULL}, {"ws://h:99999/ws", NULL, NULL}, {"ws://h:/ws", NULL, NULL},
	{"ws://user@h/ws", NULL, NULL}, {"ws://h;script-src *", NULL, NULL}, {"ws://h x/ws", NULL, NULL}, {"ws://*/ws", NULL, NULL},
	{"ws://h,g/ws", NULL, NULL}, {"ws://h/ws#part", NULL, NULL}, {"/ws#part", NULL, NULL}, {"ws://h/a b", NULL, NULL},
	{"ws://h/\r\nX: y", NULL, NULL}, {"ws://h\r\nX: y", NULL, NULL}, {"/\xc3\xa9", NULL, NULL}, {"ws://[::1]:8080/ws", NULL, NULL},
	{" ws://h/ws", NULL, NULL}, {"ws", NULL, NULL}, {"\\ws", NULL, NULL},
};

static void
check_json(void)
{
	char url[] = "https://kato.example";
	const struct pageconf c = {url, true, false, true, false, true};
	struct strbuf b = {0};

	pageconf_json(&c, &b);
	CHECK_STR(b.s, "\"url\":\"wss://kato.example/ws\",\"enabled\":true,\"containerStats\":false,\"sessionEvents\":true,"
	    "\"alerts\":false,\"selectiveSubscriptions\":true");
	strbuf_free(&b);
	pageconf_json(&(struct pageconf){0}, &b);
	CHECK_STR(b.s, "\"url\":\"\",\"enabled\":false,\"containerStats\":false,\"sessionEvents\":false,\"alerts\":false,"
	    "\"selectiveSubscriptions\":false");
	strbuf_free(&b);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		struct strbuf url = {0}, connect = {0}, why = {0};
		bool good = pageconf_url(urls[i].text, &url, &connect, &why);

		CHECK(good == (urls[i].url != NULL));
		if (good != (urls[i].url != NULL))
			fprintf(stderr, "\t%s\n", urls[i].text);
		if (urls[i].url) {
			CHECK_STR(url.s ? url.s : "", urls[i].url);
			CHECK_STR(connect.s ? connect.s : "", urls[i].connect);
		} else {
			CHECK(!url.len && !connect.len && why.len > 10);
		}
		strbuf_free(&url);
		strbuf_free(&connect);
		strbuf_free(&why);
	}
	check_json();
	return check_done();
}
