#include <string.h>

#include "broadcaster/slim.h"
#include "check.h"

static const struct {
	const char *in, *out;
} cases[] = {
	{"", ""}, {"a", "a"}, {"a\n", "a\n"}, {"\t\ta;\n", "a;\n"}, {"\n\na\n\n", "a\n"}, {"// x\na\n", "a\n"}, {"\t// x\n\ta\n// y", "a\n"},
	{"a; // kept\n", "a; // kept\n"}, {"/* x */\na\n", "a\n"}, {"/** @type {x} */\na\n", "a\n"}, {"/* x */ a\n", "/* x */ a\n"},
	{"/* x */ a /* y */\n", "/* x */ a /* y */\n"}, {"/*\n * a\n */\nb\n", "b\n"}, {"\t/**\n\t * a\n\t * b */\nc\n", "c\n"}, {"/*\n */ a;\n", "a;\n"}, {"/* never ended\na\n", ""},
	{"a = b\n/ c;\n", "a = b\n/ c;\n"}, {"x = '/* no */';\n", "x = '/* no */';\n"}, {"a\r\n// x\r\nb\r\n", "a\r\nb\r\n"}, {"/**/\na\n", "a\n"}, {"/*/\na\n*/\nb\n", "b\n"},
};

int
main(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct strbuf out = {0};

		slim(cases[i].in, strlen(cases[i].in), &out);
		CHECK(out.len == strlen(cases[i].out) && !memcmp(out.len ? out.s : "", cases[i].out, out.len));
		strbuf_free(&out);
	}
	return check_done();
}
