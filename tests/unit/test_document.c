#include <string.h>

#include "check.h"
#include "collectors/document.h"

static bool
line(const char *body, const char *want)
{
	struct strbuf out = {0}, why = {0};
	bool good = document_line(body, strlen(body), &out, &why), same;

	same = good ? want && !strcmp(out.s, want) && !why.len : !want && why.len && !strchr(why.s, '\n');
	strbuf_free(&out);
	strbuf_free(&why);
	return same;
}

static void
lines(void)
{
	CHECK(line("{\"a\":1}", "{\"a\":1}"));
	CHECK(line(" \r\n{\"a\":\n1}\n", "{\"a\": 1}"));
	CHECK(line("\xef\xbb\xbf[]", "[]"));
	CHECK(line("\"a\\nb\"", "\"a\\nb\""));
	CHECK(line("-0.10e+5", "-0.10e+5"));
	CHECK(line("null", NULL));
	CHECK(line("", NULL));
	CHECK(line("\xef\xbb\xbf", NULL));
	CHECK(line("\xef\xbb", NULL));
	CHECK(line("\"a\nb\"", NULL));
	CHECK(line("{} {}", NULL));
	CHECK(line("nan", NULL));
}

static void
appends(void)
{
	struct strbuf out = {0}, why = {0};

	strbuf_adds(&out, "kept\n");
	CHECK(document_line("[\n]", 3, &out, &why));
	CHECK(!strcmp(out.s, "kept\n[ ]"));
	CHECK(!document_line("[1,\0]", 5, &out, &why));
	strbuf_free(&out);
	strbuf_free(&why);
}

/* What is said of a header file; NULL: n headers. */
static bool
headers(const char *text, size_t n, const char *want)
{
	struct strlist l = {0};
	struct strbuf why = {0};
	bool good = document_headers(text, strlen(text), &l, &why);
	bool same = good ? !want && l.n == n : want && why.s && !strcmp(why.s, want);

	document_headers_free(&l);
	strbuf_free(&why);
	return same;
}

static void
header_files(void)
{
	CHECK(headers("", 0, NULL));
	CHECK(headers("A: b", 1, NULL));
	CHECK(headers("A: b\r\n#c\n\n \nX-d:e:f \n", 2, NULL));
	CHECK(headers("A: b\nC", 0, "2: want Name: value"));
	CHECK(headers("A b: c\n", 0, "1: this is no header's name"));
	CHECK(headers(" A: c\n", 0, "1: this is no header's name"));
	CHECK(headers(":c\n", 0, "1: this is no header's name"));
	CHECK(headers("A:\t \n", 0, "1: it has no value"));
	CHECK(headers("A: b\rc\n", 0, "1: a control character in it"));
	CHECK(headers("A: b\x7f\n", 0, "1: a control character in it"));
}

static void
types(void)
{
	CHECK(document_type("dashboard"));
	CHECK(document_type("my_thing2"));
	CHECK(!document_type("My"));
	CHECK(!document_type(""));
	CHECK(!document_type("a b"));
	CHECK(!document_type("a\"b"));
	CHECK(!document_type("source_status"));
}

int
main(void)
{
	lines();
	appends();
	header_files();
	types();
	return check_done();
}
