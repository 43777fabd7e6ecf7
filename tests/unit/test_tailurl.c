#include "check.h"
#include "katoctl/tailurl.h"

static const struct {
	const char *url, *want;	/* as shown, then the path; or "!" and what is wrong */
} urls[] = {
	{"ws://kato", "ws://kato:80/ws /ws"},
	{"ws://127.0.0.1:8080/ws", "ws://127.0.0.1:8080/ws /ws"},
	{"http://kato:8080", "ws://kato:8080/ws /ws"},
	{"HTTP://kato:8080/", "ws://kato:8080/ws /ws"},
	{"https://kato/live/ws", "wss://kato:443/live/ws /live/ws"},
	{"wss://kato/ws?token=secret&a=b", "wss://kato:443/ws /ws?token=secret&a=b"},
	{"ws://kato?every=3", "ws://kato:80/ws /ws?every=3"},
	{"ws://kato/?every=3", "ws://kato:80/ws /ws?every=3"},
	{"kato", "ws://kato:8080/ws /ws"},
	{"kato:99/x", "ws://kato:99/x /x"},
	{"[::1]:8080", "ws://[::1]:8080/ws /ws"},
	{"ws://[fe80::1]/a?b", "ws://[fe80::1]:80/a /a?b"},
	{"", "!not a ws:// or http:// URL"},
	{"ws://", "!not a ws:// or http:// URL"},
	{"ftp://kato/", "!not a ws:// or http:// URL"},
	{"ws:///ws", "!not a ws:// or http:// URL"},
	{"ws://:80/ws", "!no host"},
	{"ws://[]:80/ws", "!no host"},
	{"ws://[::1/ws", "!a ] is missing"},
	{"ws://kato:0/", "!:0 is not a port"},
	{"ws://kato:65536/", "!:65536 is not a port"},
	{"ws://kato:8o/", "!:8o is not a port"},
	{"ws://kato:/", "!: is not a port"},
	{"ws://[::1]8080/", "!8080 is not a port"},
	{"ws://me:secret@kato/", "!a user name is of no use here"},
	{"ws://kato/a b", "!holds a space, a control character or a #"},
	{"ws://kato/a\r\nX: y", "!holds a space, a control character or a #"},
	{"ws://kato/#top", "!holds a space, a control character or a #"},
};

int
main(void)
{
	struct strbuf b = {0};
	struct tailurl u;

	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		strbuf_reset(&b);
		if (*urls[i].want == '!')
			strbuf_addc(&b, '!');
		if (tailurl_parse(urls[i].url, &u, &b)) {
			tailurl_show(&u, &b);
			strbuf_addf(&b, " %s", u.path);
			tailurl_free(&u);
		}
		CHECK_STR(b.s, urls[i].want);
	}
	strbuf_reset(&b);
	strbuf_adds(&b, "/ws");
	tailurl_add(&b, "a=1");
	tailurl_add(&b, "b=2");
	CHECK_STR(b.s, "/ws?a=1&b=2");
	strbuf_free(&b);
	return check_done();
}
