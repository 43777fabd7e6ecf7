#include "alertd/recall.h"
#include "check.h"

/* Lines are letters, what is added behind one is the same letter again and a newline, for capitals only. */
static void
make(struct recall *r, const char *lines)
{
	for (; *lines; lines++) {
		char text[] = {*lines, '\n'};

		recall_add(r, (uint64_t)*lines, text, *lines < 'a' ? 2 : 0);
	}
}

/* What becomes of it in a file. */
static void
through_file(const struct recall *from, bool written, struct recall *to)
{
	struct strbuf text = {0};
	char *rest, *line;

	recall_dump(from, &text);
	if (written)
		recall_dump_written(&text);
	for (rest = text.s; *rest; rest = line + strlen(line) + 1) {
		line = rest;
		line[strcspn(line, "\n")] = '\0';
		CHECK(recall_load(to, (struct span){line, strlen(line)}));
	}
	strbuf_free(&text);
}

/* What of the lines that come is known, as capitals with text, and '.' where it is judged. */
static void
follow(const char *kept, bool written, const char *come, const char *want)
{
	struct recall r = {0}, r2 = {0};
	char got[32] = "";
	size_t n = 0;

	make(&r, kept);
	through_file(&r, written, &r2);
	for (; *come; come++) {
		struct span added = {NULL, 0};

		if (!r2.on || !recall_follow(&r2, (uint64_t)*come, &added))
			got[n++] = '.';
		else
			got[n++] = added.len ? *added.p : '-';
	}
	got[n] = '\0';
	CHECK_STR(got, want);
	recall_free(&r);
	recall_free(&r2);
}

static const struct {
	const char *kept;
	bool written;
	const char *come, *want;
} table[] = {
	{"aBcD", false, "aBcDe", "-B-D."},
	{"aBcD", false, "cDe", "-D."},
	{"aBcD", false, "Def", "D.."},
	{"aBcD", false, "eBcD", "...."},	/* only the first line that comes may begin it */
	{"aBcD", false, "axcD", "-..."},
	{"aBcD", true, "De", "-."},		/* all was written: only the last line may come, and nothing is behind it */
	{"aBcD", true, "cD", ".."},
	{"xxyxz", false, "xz", "--"},		/* alike: the earliest place, */
	{"xyxz", false, "xzq", "--."},		/* until a line contradicts it */
	{"xyxyz", false, "xyzq", "---."},
	{"xxx", false, "xxxx", "---."},
	{"", false, "a", "."},
};

static const char *const wrong[] = {
	"{\"lines\":5}", "{\"lines\":\"0123\"}", "{\"lines\":\"0123456789abcdeg\"}", "{\"behind\":0,\"added\":\"x\\n\"}",
	"{\"behind\":-1,\"added\":\"x\\n\"}", "{\"behind\":\"0\",\"added\":\"x\\n\"}",
};

int
main(void)
{
	struct recall r = {0};
	struct span line = {"{\"behind\":0,\"added\":\"no newline\"}", 33};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		follow(table[i].kept, table[i].written, table[i].come, table[i].want);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		CHECK(!recall_load(&r, (struct span){wrong[i], strlen(wrong[i])}));
	make(&r, "a");
	CHECK(!recall_load(&r, line));
	CHECK(recall_load(&r, (struct span){"{\"of\":\"later\"}", 14}));
	recall_free(&r);

	/* a batch keeps the last line of the one before, without its text */
	make(&r, "aB");
	recall_begin(&r);
	CHECK(r.n == 1 && r.v[0].hash == 'B' && !r.v[0].len && !r.text.len);
	recall_free(&r);
	return check_done();
}
