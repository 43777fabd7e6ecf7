/* katoctl token: a token for a broadcaster, for trying things out. */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "katoctl/cmd.h"
#include "katoctl/mint.h"
#include "lib/fdio.h"
#include "lib/log.h"
#include "lib/settings.h"
#include "lib/stamp.h"

enum { KEY_MAX = 16384 };

struct options {
	char *key_file, *audience;
	struct strlist topics;
	long long ttl;
};

#define AT(m) offsetof(struct options, m)

static const struct setting table[] = {
	{"key-file", 'k', NULL, NULL, SET_STRING, AT(key_file), NULL, 0, 0, "FILE",
	 "secret (HS256) or private key in PEM (RS256, ES256)"},
	{"topics", 't', NULL, NULL, SET_LIST, AT(topics), NULL, 0, 0, "TOPIC[,TOPIC]", "all that may be seen with it; unset: everything"},
	{"ttl", 0, NULL, NULL, SET_INT, AT(ttl), "3600", 0, 1e10, "SECONDS", "how long it is good; 0: for ever"},
	{"audience", 0, NULL, NULL, SET_STRING, AT(audience), NULL, 0, 0, "NAME", "whom it is for, as broadcaster --jwt-audience"},
};

static const struct settings_tool tool = {
	.name = "katoctl token",
	.synopsis = "--key-file FILE [options]",
	.about = "Prints a token that a broadcaster with this key, or with the public half of it, takes. It is for trying things out:\n"
		 "where people sign in, whoever signs them in gives them their tokens.",
	.examples = "  katoctl token --key-file secret --topics metrics,sessions --ttl 60 >token\n"
		    "  katoctl tail --token-file token\n",
	.table = table,
	.n = sizeof table / sizeof table[0],
	.size = sizeof(struct options),
};

int
cmd_token(int argc, char **argv)
{
	struct strbuf key = {0}, token = {0}, why = {0};
	struct options opt;
	int at = settings_start(&tool, &opt, argc, argv);
	int64_t now = stamp_now() / 1000;
	struct mint m = {.topics = &opt.topics, .audience = opt.audience, .now = now, .until = opt.ttl ? now + opt.ttl : 0};

	log_init("katoctl token");
	if (at < argc)
		die(2, "%s: no operand is expected; try --help", argv[at]);
	if (!opt.key_file || !*opt.key_file)
		die(2, "--key-file is missing; try --help");
	if (fd_slurp(opt.key_file, KEY_MAX, &key) < 0)
		die(2, "%s: %s", opt.key_file, errno == EFBIG ? "too large for a key" : strerror(errno));
	if (!mint(&m, key.s ? key.s : "", key.len, &token, &why))
		die(2, "%s: %s", opt.key_file, why.s);
	strbuf_addc(&token, '\n');
	if (fd_write_all(STDOUT_FILENO, token.s, token.len) < 0)
		die(errno == EPIPE ? 0 : 1, "standard output: %s", strerror(errno));
	if (key.s)
		explicit_bzero(key.s, key.len);
	strbuf_free(&key);
	strbuf_free(&token);
	strbuf_free(&why);
	settings_free(&tool, &opt);
	return 0;
}
