#include <arpa/inet.h>
#include <string.h>

#include "broadcaster/proxies.h"
#include "check.h"

static void
check_text(bool good, const char *text)
{
	if (!good)
		fprintf(stderr, "%s\n", text);
	CHECK(good);
}

static const unsigned char *
address(const char *text)
{
	static unsigned char a[4][16];
	static unsigned next;
	unsigned char *out = a[next++ % 4];

	CHECK(proxies_address(text, strlen(text), out));
	return out;
}

static void
names(void)
{
	static const char *const good[] = {"10.0.0.1", "10.0.0.0/8", "0.0.0.0/0", "::1", "fd00::/8", "::ffff:10.0.0.1", "unix", "1.2.3.4/32"};
	static const char *const bad[] = {"", "10.0.0", "10.0.0.1/", "10.0.0.1/33", "::1/129", "10.0.0.1/-1", "10.0.0.1/8x", "proxy",
	    "10.0.0.1:80", "[::1]", " 10.0.0.1", "10.0.0.1/8/8", "::", "unix/8", "010.0.0.1"};
	struct proxies p = {0};

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		check_text(proxies_add(&p, good[i]), good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		check_text(!proxies_add(&p, bad[i]), bad[i]);
	proxies_free(&p);
}

static void
trusts(void)
{
	struct proxies p = {0};

	CHECK(!proxies_trusts(&p, address("127.0.0.1")));
	proxies_add(&p, "10.1.2.3/12");
	proxies_add(&p, "2001:db8:1:2::/63");
	proxies_add(&p, "127.0.0.1");
	CHECK(proxies_trusts(&p, address("10.0.0.1")) && proxies_trusts(&p, address("10.15.255.255")));
	CHECK(!proxies_trusts(&p, address("10.16.0.0")) && !proxies_trusts(&p, address("9.255.255.255")));
	CHECK(proxies_trusts(&p, address("2001:db8:1:3:ffff::1")) && !proxies_trusts(&p, address("2001:db8:1:4::1")));
	CHECK(proxies_trusts(&p, address("::ffff:127.0.0.1")) && !proxies_trusts(&p, address("127.0.0.2")));
	CHECK(!proxies_trusts(&p, proxies_unix));
	proxies_add(&p, "::1/0");
	CHECK(!proxies_trusts(&p, proxies_unix));
	proxies_add(&p, "unix");
	CHECK(proxies_trusts(&p, proxies_unix));
	proxies_free(&p);
}

static void
addresses(void)
{
	static const char *const bad[] = {"", "unknown", "_hidden", "1.2.3", "1.2.3.4:", "1.2.3.4:x", "1.2.3.4:70000", "[::1", "[::1]x", "[::1]:",
	    "[1.2.3.4]", "1.2.3.4.5", "fe80::1%eth0", "::1:", "1.2.3.4 5", "\"1.2.3.4\"", "for=1.2.3.4"};
	unsigned char a[16];

	CHECK(!memcmp(address("1.2.3.4:567"), address("1.2.3.4"), 16));
	CHECK(!memcmp(address("[2001:db8::1]:567"), address("2001:db8::1"), 16));
	CHECK(!memcmp(address("[2001:db8::1]"), address("2001:DB8:0::1"), 16));
	CHECK(!memcmp(address("::ffff:1.2.3.4"), address("1.2.3.4"), 16));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		check_text(!proxies_address(bad[i], strlen(bad[i]), a), bad[i]);
	CHECK(!proxies_address("1.2\0.3.4", 8, a));
}

static const struct {
	const char *peer, *header, *client;	/* NULL: the peer itself */
} chains[] = {
	{"10.0.0.1", NULL, NULL},
	{"10.0.0.1", "", NULL},
	{"10.0.0.1", " , ,", NULL},
	{"10.0.0.1", "1.2.3.4", "1.2.3.4"},
	{"10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"},	/* the first one is the client's invention */
	{"10.0.0.1", "6.6.6.6,1.2.3.4,10.0.0.2, 10.0.0.3", "1.2.3.4"},
	{"10.0.0.1", "10.0.0.9, 10.0.0.8", "10.0.0.9"},	/* a client among the proxies */
	{"10.0.0.1", "127.0.0.1", "127.0.0.1"},
	{"10.0.0.1", "1.2.3.4:55, [fd00::2]:443", "1.2.3.4"},
	{"10.0.0.1", "2001:db8::7", "2001:db8::7"},
	{"10.0.0.1", "1.2.3.4,,", "1.2.3.4"},
	{"10.0.0.1", "garbage", NULL},
	{"10.0.0.1", "1.2.3.4, garbage", NULL},
	{"10.0.0.1", "1.2.3.4, unknown, 10.0.0.2", "10.0.0.2"},
	{"10.0.0.1", "::", NULL},
	{"fd00::1", "\t1.2.3.4 ", "1.2.3.4"},
	{"192.0.2.1", "1.2.3.4", NULL},	/* is not trusted */
	{"fe00::1", "1.2.3.4", NULL},
};

static void
clients(void)
{
	struct proxies p = {0};
	unsigned char out[16];

	proxies_add(&p, "10.0.0.0/8");
	proxies_add(&p, "fd00::/8");
	for (size_t i = 0; i < sizeof chains / sizeof chains[0]; i++) {
		const char *client = chains[i].client;
		bool told = proxies_client(&p, address(chains[i].peer), chains[i].header, out);

		check_text(told == (client != NULL) && !memcmp(out, address(client ? client : chains[i].peer), 16), chains[i].header ? chains[i].header : chains[i].peer);
	}
	proxies_free(&p);
}

static void
texts(void)
{
	unsigned char a[16];
	char text[PROXIES_TEXT];

	CHECK(proxies_address("192.0.2.7:80", 12, a));
	CHECK_STR(proxies_text(a, text), "192.0.2.7");
	CHECK(proxies_address("[2001:db8::9]", 13, a));
	CHECK_STR(proxies_text(a, text), "2001:db8::9");
	CHECK_STR(proxies_text(proxies_unix, text), "unix");
}

int
main(void)
{
	names();
	trusts();
	addresses();
	clients();
	texts();
	return check_done();
}
