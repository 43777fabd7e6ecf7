#include "check.h"
#include "lib/keeptext.h"

/* A file of two saves. */
static void
two_saves(struct strbuf *file)
{
	size_t first;

	keeptext_head("tool", 3, file);
	strbuf_adds(file, "{\"a\":1}\n");
	keeptext_commit(file->s, file->len, file);
	first = file->len;
	strbuf_adds(file, "{\"a\":2}\n{\"b\":3}\n");
	keeptext_commit(file->s + first, file->len - first, file);
}

static void
take(const char *text, size_t len, const char *tool, int format, const char *want, const char *wrong)
{
	struct strbuf out = {0}, why = {0};

	strbuf_adds(&out, "");
	strbuf_adds(&why, "");
	CHECK(keeptext_take(text, len, tool, format, &out, &why) == !wrong);
	CHECK_STR(out.s, want);
	if (wrong && !strstr(why.s, wrong))
		CHECK_STR(why.s, wrong);
	strbuf_free(&out);
	strbuf_free(&why);
}

int
main(void)
{
	static const char both[] = "{\"a\":1}\n{\"a\":2}\n{\"b\":3}\n", one[] = "{\"a\":1}\n";
	struct strbuf file = {0}, bad = {0};
	size_t end;

	two_saves(&file);
	take(file.s, file.len, "tool", 3, both, NULL);
	take(file.s, file.len, "fool", 3, "", "is the state of \"tool\"");
	take(file.s, file.len, "tool", 4, "", "has format 3, and only 4 is known here");
	take("", 0, "tool", 3, "", "cut short");
	take("garbage\n", 8, "tool", 3, "", "no state file");
	take("{\"tool\":\"tool\"}\n", 16, "tool", 3, "", "no state file");
	take("{\"tool\":\"tool\",\"format\":3}\n", 27, "tool", 3, "", "no whole save");

	/* cut anywhere: whole saves count, others do not */
	end = (size_t)(strstr(file.s, "\"}\n") + 3 - file.s);
	for (size_t n = end; n < file.len; n++)
		take(file.s, n, "tool", 3, one, NULL);
	for (size_t n = 28; n < end; n++)
		take(file.s, n, "tool", 3, "", "no whole save");

	/* any other byte: found out, or it hits the commit's own beginning */
	for (size_t i = 0; i < file.len; i++) {
		struct strbuf out = {0}, why = {0};

		strbuf_reset(&bad);
		strbuf_add(&bad, file.s, file.len);
		bad.s[i] ^= 1;
		strbuf_adds(&out, "");
		if (keeptext_take(bad.s, bad.len, "tool", 3, &out, &why))
			CHECK_STR(out.s, one);
		strbuf_free(&out);
		strbuf_free(&why);
	}
	strbuf_free(&file);
	strbuf_free(&bad);
	return check_done();
}
