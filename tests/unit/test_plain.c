#include "check.h"
#include "collectors/plain.h"
#include "lib/utf8.h"

static const struct {
	const char *in, *out;
} texts[] = {
	{"", ""},
	{"Redis connection lost", "Redis connection lost"},
	{" \r\n two\nlines \n", "two lines"},
	{"a\x1b[31mred", "a [31mred"},
	{"caf\xc3\xa9 \xff.", "caf\xc3\xa9 ?."},
	{"Error 111 connecting to redis://:secret@redis:6379/0.", "Error 111 connecting to redis://***@redis:6379/0."},
	{"redis://user:p@ss/w:rd@redis:6379", "redis://***@redis:6379"},
	{"url='https://u:p@h/x' and http://h2/a, mail x@y", "url='https://***@h/x' and http://h2/a, mail x@y"},
	{"redis://:a@one,redis://:b@two gone", "redis://***@two gone"},
	{"://@", "://***@"},
	{"://", "://"},
};

static const struct {
	const char *in, *out;
} errors[] = {
	{"{\"detail\":\"Not Found\"}", "Not Found"},
	{"{\"detail\":[{\"loc\":[\"query\",\"minutes\"],\"msg\":\"not an integer\"}]}", "not an integer"},
	{"{\"error\":{\"code\":\"SESSION_NOT_FOUND\",\"message\":\"no such session\"}}", "no such session"},
	{"{\"error\":\"redis://:pw@h is away\"}", "redis://***@h is away"},
	{"{\"error\":null}", ""},
	{"{\"detail\":[]}", ""},
	{"{\"detail\":[3]}", ""},
	{"{\"detail\":{\"msg\":\"x\"}}", ""},
	{"[1]", ""},
	{"Service Unavailable", ""},
	{"", ""},
};

/* Text of any length is cut between two characters. */
static void
long_texts(void)
{
	struct strbuf in = {0}, out = {0};

	for (size_t n = 0; n < 2 * PLAIN_MAX; n++) {
		strbuf_reset(&out);
		plain_text(in.s ? in.s : "", in.len, &out);
		CHECK(out.len <= PLAIN_MAX + 8);
		CHECK(utf8_valid(out.s ? out.s : "", out.len));
		CHECK((in.len > PLAIN_MAX + 2) <= (out.len > 3 && !strcmp(out.s + out.len - 3, "...")));
		strbuf_adds(&in, n % 3 ? "\xe2\x82\xac" : "x");
	}
	strbuf_free(&in);
	strbuf_free(&out);
}

int
main(void)
{
	struct strbuf b = {0};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		strbuf_reset(&b);
		strbuf_adds(&b, "> ");
		plain_text(texts[i].in, strlen(texts[i].in), &b);
		CHECK_STR(b.s + 2, texts[i].out);
	}
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		strbuf_reset(&b);
		strbuf_adds(&b, "> ");
		plain_error(errors[i].in, strlen(errors[i].in), &b);
		CHECK_STR(b.s + 2, errors[i].out);
	}
	strbuf_free(&b);
	long_texts();
	return check_done();
}
