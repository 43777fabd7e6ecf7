#include "broadcaster/access.h"
#include "check.h"

static char *extra[] = {(char *)"dash.example", (char *)"Other"};
static char *own[] = {(char *)"box", (char *)"box.lan"};
static const struct strlist server_names = {extra, 2};
static const struct access_rules rules = {"http://localhost:3001, http://localhost:8080/,https://ui.example", &server_names, {own, 2}};
static const struct access_rules open_rules = {"*", NULL, {NULL, 0}};

static const struct {
	const char *host;
	bool ok;
} hosts[] = {
	{"127.0.0.1", true}, {"127.0.0.1:8080", true}, {"[::1]:8080", true}, {"[::1]", true}, {"192.168.1.20:9", true},
	{"[fe80::1]", true}, {"[::ffff:10.0.0.1]:80", true}, {"localhost", true}, {"LOCALHOST:1", true}, {"localhost.", true},
	{"localhost.:8080", true}, {"dash.example", true}, {"DASH.example:443", true}, {"other", true}, {"box", true},
	{"box.lan:8080", true}, {"", false}, {"evil.example", false}, {"localhost.evil.example", false},
	{"127.0.0.1.evil.example", false}, {"evil-127.0.0.1", false}, {"localhost:0", false}, {"localhost:65536", false},
	{"localhost:", false}, {"localhost:80x", false}, {"localhost,evil", false}, {"localhost evil", false},
	{"127.0.0.1, 127.0.0.1", false}, {"256.0.0.1", false}, {"1.2.3", false}, {"1.2.3.4.5", false}, {"0x7f.1", false},
	{"[::1", false}, {"::1", false}, {"[::1]x", false}, {"[evil]", false}, {"user@localhost", false}, {"localhost/x", false},
	{".", false}, {"..", false}, {"localhost..", false}, {".localhost", false}, {"boxx", false}, {"bo", false}, {":80", false},
};

static const struct {
	const char *origin, *host;
	enum access_origin want;
} origins[] = {
	{NULL, "localhost:8080", ORIGIN_NONE},
	{"http://localhost:9000", "localhost:9000", ORIGIN_OWN},
	{"http://LocalHost:9000", "localhost:9000", ORIGIN_OWN},
	{"http://[::1]:9000", "[::1]:9000", ORIGIN_OWN},
	{"http://dash.example", "dash.example", ORIGIN_OWN},
	{"https://dash.example", "dash.example", ORIGIN_OWN},
	{"https://dash.example", "dash.example:443", ORIGIN_OWN},
	{"http://localhost:3001", "127.0.0.1:9000", ORIGIN_LISTED},
	{"http://localhost:8080", NULL, ORIGIN_LISTED},
	{"https://UI.example", "127.0.0.1:9000", ORIGIN_LISTED},
	{"http://ui.example", "127.0.0.1:9000", ORIGIN_FOREIGN},
	{"http://localhost:9001", "localhost:9000", ORIGIN_FOREIGN},
	{"http://localhost", "localhost:9000", ORIGIN_FOREIGN},
	{"http://localhost:9000", "localhost", ORIGIN_FOREIGN},
	{"http://localhost:30011", "localhost:9000", ORIGIN_FOREIGN},
	{"http://localhost:300", "localhost:9000", ORIGIN_FOREIGN},
	{"http://evil.example", "localhost:9000", ORIGIN_FOREIGN},
	{"", "localhost:9000", ORIGIN_MALFORMED},
	{"null", "localhost:9000", ORIGIN_MALFORMED},
	{"http://localhost:9000, http://localhost:9000", "localhost:9000", ORIGIN_MALFORMED},
	{"http://localhost:9000,", "localhost:9000", ORIGIN_MALFORMED},
	{"http://localhost:9000/", "localhost:9000", ORIGIN_MALFORMED},
	{"http://", "localhost:9000", ORIGIN_MALFORMED},
	{"file://x", "localhost:9000", ORIGIN_MALFORMED},
	{"localhost:9000", "localhost:9000", ORIGIN_MALFORMED},
	{"http://a@localhost:9000", "localhost:9000", ORIGIN_MALFORMED},
};

int
main(void)
{
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		bool got = access_host(&rules, hosts[i].host);

		CHECK(got == hosts[i].ok);
		if (got != hosts[i].ok)
			fprintf(stderr, "  host %s\n", hosts[i].host);
	}
	CHECK(!access_host(&rules, NULL) && !access_host(&open_rules, "box"));
	for (size_t i = 0; i < sizeof origins / sizeof origins[0]; i++) {
		enum access_origin got = access_origin(&rules, origins[i].origin, origins[i].host, false);

		CHECK(got == origins[i].want);
		if (got != origins[i].want)
			fprintf(stderr, "  origin %s at %s: %d\n", origins[i].origin, origins[i].host, (int)got);
		CHECK(access_origin_ok(got) == (got == ORIGIN_NONE || got == ORIGIN_OWN || got == ORIGIN_LISTED));
	}
	CHECK(access_origin(&open_rules, "http://evil.example", "localhost", false) == ORIGIN_LISTED);
	CHECK(access_origin(&open_rules, "null", "localhost", false) == ORIGIN_MALFORMED);
	return check_done();
}
